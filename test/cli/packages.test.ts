import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { BRIEF, mpsbench } from './run.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const PLATFORM = `${process.platform}-${process.arch}`;
const ADDON = join(ROOT, 'build', 'Release', 'mpsbench.node');

let folder: string;
let bin: string;

const node = (...args: string[]) =>
  execFileSync(process.execPath, args, { cwd: ROOT, encoding: 'utf8' }).trim();

/** Packs a folder and unpacks the tarball as npm would; no registry is asked. */
function install(source: string, name: string): void {
  const pack = ['pack', source, '--json', '--loglevel=error', '--pack-destination', folder];
  const [packed] = Object.values(
    JSON.parse(execFileSync('npm', pack, { cwd: folder, encoding: 'utf8' })),
  ) as { filename: string }[];
  const target = join(folder, 'node_modules', name);
  mkdirSync(target, { recursive: true });
  const tarball = join(folder, packed?.filename ?? '');
  execFileSync('tar', ['-xzf', tarball, '-C', target, '--strip-components=1']);
}

/** Both packages side by side, next to the packages that mpsbench depends on. */
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'mpsbench-packages-'));
  mkdirSync(join(folder, 'node_modules', '@mpsbench'), { recursive: true });
  for (const name of readdirSync(join(ROOT, 'node_modules'))) {
    if (name.startsWith('.') || name === 'webgpu') continue;
    symlinkSync(join(ROOT, 'node_modules', name), join(folder, 'node_modules', name));
  }
  install(node('scripts/release/package-main.mjs', '--out', join(folder, 'made')), 'mpsbench');
  const addon = ['--addon', ADDON, '--out', join(folder, 'made'), '--any-system'];
  install(node('scripts/release/package-addon.mjs', PLATFORM, ...addon), `@mpsbench/${PLATFORM}`);
  mkdirSync(join(folder, 'path'));
  symlinkSync(process.execPath, join(folder, 'path', 'node'));
  bin = join(folder, 'node_modules', 'mpsbench', 'bin', 'mpsbench.js');
});

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

const manifest = (name: string) =>
  JSON.parse(readFileSync(join(folder, 'node_modules', name, 'package.json'), 'utf8'));
const run = (args: string[]) =>
  mpsbench(args, { bin, env: { PATH: join(folder, 'path'), MPSBENCH_ADDON: undefined } });

describe('the package mpsbench', () => {
  test('depends on the addon of every platform, and its source on none', () => {
    const { version, optionalDependencies, scripts, devDependencies } = manifest('mpsbench');
    expect(optionalDependencies).toEqual({
      '@mpsbench/darwin-arm64': version,
      '@mpsbench/darwin-x64': version,
      '@mpsbench/linux-arm64': version,
      '@mpsbench/linux-x64': version,
    });
    expect({ scripts, devDependencies }).toEqual({});
    const source = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
    expect(source.optionalDependencies).toBeUndefined();
  });

  test('contains what a local build needs, and no build output', () => {
    const root = join(folder, 'node_modules', 'mpsbench');
    for (const path of ['CMakeLists.txt', 'native/core', 'src/frameworks/drivers']) {
      expect(existsSync(join(root, path)), path).toBe(true);
    }
    for (const path of ['build', 'test', 'scripts', 'dist/.tsbuildinfo']) {
      expect(existsSync(join(root, path)), path).toBe(false);
    }
  });
});

describe('with the package of this platform, without a compiler', () => {
  test('it says which systems it fits', () => {
    expect(manifest(`@mpsbench/${PLATFORM}`)).toMatchObject({
      name: `@mpsbench/${PLATFORM}`,
      version: manifest('mpsbench').version,
      main: 'mpsbench.node',
      os: [process.platform],
      cpu: [process.arch],
    });
    expect(existsSync(join(folder, 'node_modules', '@mpsbench', PLATFORM, 'LICENSE'))).toBe(true);
  });

  test('devices lists the CPU', async () => {
    const { code, stdout } = await run(['devices', '--json', '-']);
    expect(code).toBe(0);
    expect(JSON.parse(stdout).devices).toEqual(
      expect.arrayContaining([expect.objectContaining({ id: 'cpu:0' })]),
    );
  });

  test('bench measures on it', async () => {
    const { code, stdout } = await run(['bench', 'add', '--device', 'cpu', ...BRIEF]);
    expect(code).toBe(0);
    expect(stdout).toContain('[[6, 8], [10, 12]]');
  });

  test('a broken one: every attempt is listed, with the remedy', async () => {
    rmSync(join(folder, 'node_modules', '@mpsbench', PLATFORM, 'mpsbench.node'));
    const { code, stdout } = await run(['devices', '--json', '-']);
    const cpu = JSON.parse(stdout).backends.find(({ id }: { id: string }) => id === 'cpu');
    expect(cpu.reason).toMatch(/package @mpsbench\/[\w-]+: .+; local build: not there/);
    expect(cpu.remedy).toContain('npx mpsbench build');
    expect([0, 2]).toContain(code);
  });
});
