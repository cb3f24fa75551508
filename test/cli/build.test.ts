import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { mpsbench } from './run.js';

const REPOSITORY = fileURLToPath(new URL('../..', import.meta.url));

/**
 * Stands for CMake: a build of two steps, which leaves a file that is no addon. With FAKE_CMAKE=fail
 * the second step does not compile.
 */
const FAKE_CMAKE = `#!/bin/sh
case "$*" in
  *--version*|*-help*) echo "cmake version 3.25.1" ;;
  *--build*)
    echo "[1/2] Building CXX object addon.cpp.o"
    if [ "$FAKE_CMAKE" = fail ]; then echo "addon.cpp:1:1: error: a planted mistake"; exit 1; fi
    echo "[2/2] Linking CXX shared module Release/mpsbench.node"
    mkdir -p "$FAKE_BUILD/Release" && cp "$FAKE_ADDON" "$FAKE_BUILD/Release/mpsbench.node" ;;
  *) echo "-- Configuring done" ;;
esac
`;

let folder: string;
let bin: string;
let env: Record<string, string | undefined>;

/** The package as it is installed: compiled, without development tools, its packages linked. */
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'mpsbench-build-'));
  for (const part of ['bin', 'dist', 'package.json', 'CMakeLists.txt']) {
    cpSync(join(REPOSITORY, part), join(folder, part), { recursive: true });
  }
  symlinkSync(join(REPOSITORY, 'native'), join(folder, 'native'));
  symlinkSync(join(REPOSITORY, 'node_modules'), join(folder, 'node_modules'));
  bin = join(folder, 'bin', 'mpsbench.js');
  mkdirSync(join(folder, 'path'));
  env = { PATH: join(folder, 'path'), CI: undefined };
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** Tools that do what the build asks of them, the real addon as their result unless told otherwise. */
function fakeTools(addon = join(REPOSITORY, 'build', 'Release', 'mpsbench.node')) {
  for (const tool of ['cmake', 'c++', 'make']) {
    writeFileSync(join(folder, 'path', tool), FAKE_CMAKE);
    chmodSync(join(folder, 'path', tool), 0o755);
  }
  env.PATH = `${join(folder, 'path')}:/usr/bin:/bin`;
  env.FAKE_BUILD = join(folder, 'build');
  env.FAKE_ADDON = addon;
}

const run = (args: string[]) => mpsbench(args, { bin, env });

describe('without CMake and a compiler', () => {
  test('names what is missing, how to get it, and exits with 2', async () => {
    const { code, stdout, stderr } = await run(['build']);
    expect(code).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toContain(
      'mpsbench: The native addon needs CMake, a C++20 compiler and make or ninja, not found on the PATH.\n',
    );
    expect(stderr).toMatch(/\n {2}To install: /);
  });

  test('the other commands go on, and name the command', async () => {
    const { stdout } = await run(['devices', '--json', '-']);
    const cpu = JSON.parse(stdout).backends.find(({ id }: { id: string }) => id === 'cpu');
    expect(cpu.reason).toContain(
      `package @mpsbench/${process.platform}-${process.arch}: not there`,
    );
    expect(cpu.reason).toContain('local build: not there');
    expect(cpu.remedy).toContain('npx mpsbench build');
  });
});

describe('with tools', () => {
  test('builds, says what was built, and keeps a log', async () => {
    fakeTools();
    const { code, stdout, stderr } = await run(['build']);
    expect(stderr).toBe('');
    expect(code).toBe(0);
    const addon = join(folder, 'build', 'Release', 'mpsbench.node');
    expect(stdout).toContain(`Built ${addon} in `);
    expect(stdout).toContain('Run mpsbench devices to list the devices it reaches.');
    expect(existsSync(addon)).toBe(true);
    expect(readFileSync(join(folder, 'build', 'native.log'), 'utf8')).toContain('[2/2] Linking');
  });

  test('--debug shows the output of the tools', async () => {
    fakeTools();
    const { stderr } = await run(['build', '--debug']);
    expect(stderr).toContain('-- Configuring done');
    expect(stderr).toContain('[2/2] Linking');
  });

  test('a source that does not compile: error, log, exit code 2', async () => {
    fakeTools();
    env.FAKE_CMAKE = 'fail';
    const { code, stdout, stderr } = await run(['build']);
    expect(code).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toContain('mpsbench: The native addon did not build.\n');
    expect(stderr).toContain('addon.cpp:1:1: error: a planted mistake');
    expect(stderr).toContain(`Full log: ${join(folder, 'build', 'native.log')}`);
    expect(stderr).not.toContain('    at ');
  });

  test('a build without an addon is not a success', async () => {
    fakeTools(join(REPOSITORY, 'package.json'));
    const { code, stderr } = await run(['build']);
    expect(code).toBe(2);
    expect(stderr).toContain('The addon was built, but the native addon does not load');
  });

  test('says so if another addon is found first', async () => {
    fakeTools();
    env.MPSBENCH_ADDON = env.FAKE_ADDON;
    const { stdout } = await run(['build']);
    expect(stdout).toContain(`MPSBENCH_ADDON=${env.FAKE_ADDON} is found first.`);
  });
});

test('a folder that cannot be written is named', async () => {
  fakeTools();
  writeFileSync(join(folder, 'build'), 'in the way');
  const { code, stderr } = await run(['build']);
  expect(code).toBe(2);
  expect(stderr).toMatch(/build cannot be written \((EEXIST|ENOTDIR)\)/);
});

test('help lists the command', async () => {
  const help = await run(['build', '--help']);
  expect(help.code).toBe(0);
  expect(help.stdout).toContain('Usage: mpsbench build [options]');
  expect((await run(['--help'])).stdout).toContain('build the native addon on this machine');
  expect((await run(['biuld'])).code).toBe(64);
});
