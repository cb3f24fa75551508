import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import {
  ENGINES,
  installCommand,
  missingTools,
  systemOf,
  TOOLS,
} from '../../../../src/commands/build/requirements.js';

/** A folder for the PATH with these commands. */
function pathWith(...commands: string[]): string {
  const folder = mkdtempSync(join(tmpdir(), 'mpsbench-path-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  for (const command of commands) {
    writeFileSync(join(folder, command), '');
    chmodSync(join(folder, command), 0o755);
  }
  return folder;
}

test('the tools that are not on the PATH', () => {
  const names = (path: string) => missingTools(path).map(({ what }) => what);
  expect(names(pathWith())).toEqual(['CMake', 'a C++20 compiler', 'make or ninja']);
  expect(names(`${pathWith('cmake')}:${pathWith('clang++')}`)).toEqual(['make or ninja']);
  expect(names(pathWith('cmake', 'g++', 'ninja-build'))).toEqual([]);
});

test('the install command, with sudo only if needed', () => {
  expect(installCommand(ENGINES, 'debian', true)).toBe(
    'apt-get update && apt-get install -y --no-install-recommends libdnnl-dev libopenblas-openmp-dev',
  );
  expect(installCommand(ENGINES, 'ubuntu', false)).toMatch(/^sudo apt-get update && sudo apt-/);
  expect(installCommand(TOOLS, 'fedora', false)).toBe('sudo dnf install -y cmake gcc-c++ make');
  expect(installCommand(TOOLS, 'macos', false)).toBe(
    'brew install cmake && xcode-select --install',
  );
  expect(installCommand(TOOLS, 'other', true)).toBeUndefined();
});

test('the family of a distribution', () => {
  expect(systemOf('NAME="Debian"\nID=debian\n')).toBe('debian');
  expect(systemOf('ID=linuxmint\nID_LIKE="ubuntu debian"\n')).toBe('ubuntu');
  expect(systemOf('ID="rocky"\nID_LIKE="rhel centos fedora"\n')).toBe('fedora');
  expect(systemOf('ID=alpine\n')).toBe('other');
});
