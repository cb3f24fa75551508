import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';

const REPOSITORY = fileURLToPath(new URL('../..', import.meta.url));

/** Installs what it is told to, but does not know a package called chromium-common. */
const FAKE_APT_GET = `#!/bin/sh
printf '%s\\n' "$*" >> "$FAKE_APT/calls"
for word in "$@"; do [ "$word" = update ] && exit 0; done
for word in "$@"; do [ "$word" = chromium-common ] && exit 100; done
for word in "$@"; do : > "$FAKE_APT/installed-$word"; done
`;

let folder: string;
let ensureSystemPackages: (options: object) => Promise<void>;
let said: string;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'mpsbench-packages-'));
  cpSync(join(REPOSITORY, 'scripts', 'lib'), join(folder, 'scripts', 'lib'), { recursive: true });
  mkdirSync(join(folder, 'bin'));
  writeFileSync(join(folder, 'bin', 'apt-get'), FAKE_APT_GET);
  chmodSync(join(folder, 'bin', 'apt-get'), 0o755);
  vi.stubEnv('PATH', `${join(folder, 'bin')}:${process.env.PATH}`);
  vi.stubEnv('FAKE_APT', folder);
  vi.stubEnv('MPSBENCH_SYSTEM_PACKAGES', '');
  said = '';
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    said += text;
    return true;
  });
  const module = pathToFileURL(join(folder, 'scripts', 'lib', 'system-packages.mjs')).href;
  ({ ensureSystemPackages } = await import(/* @vite-ignore */ module));
});

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true, force: true });
});

/** A Debian that has its build tools, and of the libraries what the fake apt-get has installed. */
const scriptedDebian = (isRoot: boolean) => ({
  family: 'debian',
  isRoot,
  hasCommand: () => true,
  hasFile: (file: string) => {
    if (file === '/usr/include/dnnl.h') return existsSync(join(folder, 'installed-libdnnl-dev'));
    if (file === '/usr/include/*/cblas.h') {
      return existsSync(join(folder, 'installed-libopenblas-openmp-dev'));
    }
    return file === '/usr/lib/*/libvulkan.so.1' || file === '/dev/nvidia0';
  },
});
const calls = () => {
  const file = join(folder, 'calls');
  return existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : [];
};
const installs = () => calls().filter((line) => line.includes(' install '));

test('as root: one install of all that is missing, and nothing the next time', async () => {
  const system = scriptedDebian(true);
  await ensureSystemPackages({ forTests: false, system });
  expect(installs()).toHaveLength(1);
  expect(installs()[0]).toMatch(
    / install -y --no-install-recommends libdnnl-dev libopenblas-openmp-dev$/,
  );
  expect(said).toMatch(/^installing system packages: libdnnl-dev libopenblas-openmp-dev \.\.\. /);
  await ensureSystemPackages({ forTests: false, system });
  expect(installs()).toHaveLength(1);
});

test('a package that the system does not know does not keep back the others', async () => {
  const system = scriptedDebian(true);
  await ensureSystemPackages({ forTests: true, system });
  expect(existsSync(join(folder, 'installed-libdnnl-dev'))).toBe(true);
  expect(said).toContain('These are not installed; mpsbench goes on without them:');
  expect(said).toContain('  chromium-common: a software GPU');
  const before = calls().length;
  // Tried once: neither a start nor a test run tries again.
  await ensureSystemPackages({ forTests: false, system });
  await ensureSystemPackages({ forTests: true, system });
  expect(calls()).toHaveLength(before);
});

test('without root: the line to run, once, and no call', async () => {
  const system = scriptedDebian(false);
  await ensureSystemPackages({ forTests: false, system });
  expect(calls()).toEqual([]);
  expect(said).toContain(
    'sudo apt-get install -y --no-install-recommends libdnnl-dev libopenblas-openmp-dev',
  );
  said = '';
  await ensureSystemPackages({ forTests: false, system });
  expect(said).toBe('');
});

test('MPSBENCH_SYSTEM_PACKAGES=0 keeps away from the package manager', async () => {
  vi.stubEnv('MPSBENCH_SYSTEM_PACKAGES', '0');
  await ensureSystemPackages({ forTests: false, system: scriptedDebian(true) });
  expect(calls()).toEqual([]);
  expect(said).toContain('libdnnl-dev: oneDNN, the fastest CPU engine');
});
