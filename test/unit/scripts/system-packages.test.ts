import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { ensureSystemPackages } from '../../../scripts/setup/system-packages.mjs';
import * as requirements from '../../../src/commands/build/requirements.js';

/** Installs what it is told to, but knows no package called chromium-common. */
const FAKE_APT_GET = `#!/bin/sh
printf '%s\\n' "$*" >> "$FAKE_APT/calls"
case " $* " in *" chromium-common "*) exit 100 ;; *" update "*) exit 0 ;; esac
for word in "$@"; do : > "$FAKE_APT/installed-$word"; done
`;

let folder: string;
let said: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'mpsbench-packages-'));
  mkdirSync(join(folder, 'bin'));
  for (const command of ['apt-get', 'cmake', 'c++', 'make']) {
    writeFileSync(join(folder, 'bin', command), FAKE_APT_GET);
    chmodSync(join(folder, 'bin', command), 0o755);
  }
  vi.stubEnv('PATH', `${join(folder, 'bin')}:/usr/bin:/bin`);
  vi.stubEnv('FAKE_APT', folder);
  vi.stubEnv('MPSBENCH_SETUP', '');
  said = '';
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    said += text;
    return true;
  });
});

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true, force: true });
});

/** A machine that has the packages that the fake apt-get has installed. */
const machine = (traits: { isRoot?: boolean; gpu?: boolean } = {}) => ({
  isRoot: traits.isRoot ?? true,
  hasGpu: () => traits.gpu ?? true,
  installed: (names: string[]) =>
    names.filter((name) => existsSync(join(folder, `installed-${name}`))),
});
const ensure = (options: object = {}) =>
  ensureSystemPackages({
    ...{ forTests: false, requirements, system: 'debian', machine: machine() },
    ...options,
  });
const installs = () =>
  existsSync(join(folder, 'calls'))
    ? readFileSync(join(folder, 'calls'), 'utf8').match(/ install .*/g)
    : null;

test('as root: one install of all that is missing, which is printed; nothing the next time', async () => {
  expect(await ensure()).toBe(true);
  expect(installs()).toEqual([' install libdnnl-dev libopenblas-openmp-dev']);
  expect(said).toContain('Installing system packages: libdnnl-dev libopenblas-openmp-dev\n');
  said = '';
  expect(await ensure()).toBe(false);
  expect(installs()).toHaveLength(1);
  expect(said).toBe('');
});

test('a software GPU if there is no other; an unknown package does not block the others', async () => {
  expect(await ensure({ machine: machine({ gpu: false }) })).toBe(true);
  expect(existsSync(join(folder, 'installed-libvulkan1'))).toBe(true);
  expect(said).toContain('  chromium-common: a software GPU\n');
  expect(said).not.toContain('  libvulkan1');
});

test('the tests also need their build tools', async () => {
  await ensure({ forTests: true, machine: machine({ isRoot: false }) });
  for (const name of ['python3-venv', 'clang-16', 'libobjc-12-dev', 'python3-torch']) {
    expect(said).toContain(`  ${name}: `);
  }
  said = '';
  vi.stubEnv('MPSBENCH_TEST_TORCH_PYTHON', '/v/bin/python');
  await ensure({ forTests: true, system: 'ubuntu', machine: machine({ isRoot: false }) });
  expect(said).toContain('  mesa-vulkan-drivers: a software GPU');
  expect(said).not.toMatch(/clang-16|python3-torch/);
});

test.each([
  ['without root', {}, { machine: machine({ isRoot: false }) }, 'sudo apt-get install -y'],
  ['with MPSBENCH_SETUP=off', { MPSBENCH_SETUP: 'off' }, {}, 'apt-get install -y'],
])('%s: the command to run, and nothing is installed', async (_, env, options, command) => {
  for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value);
  expect(await ensure(options)).toBe(false);
  expect(installs()).toBeNull();
  expect(said).toContain('  libdnnl-dev: oneDNN, the fastest CPU engine\n');
  expect(said).toContain(command);
});

test('other systems are left alone', async () => {
  expect(await ensure({ system: 'macos' })).toBe(false);
  expect(said).toBe('');
});
