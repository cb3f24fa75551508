import { expect, test } from 'vitest';
import { missingEngines, missingTools } from '../../../scripts/lib/wanted.mjs';

/** A machine with these commands and files, and no others. */
const scriptedSystem = (
  family: 'debian' | 'macos' | 'other',
  commands: readonly string[],
  files: readonly string[] = [],
) => ({
  family,
  isRoot: false,
  hasCommand: (command: string) => commands.includes(command),
  hasFile: (file: string) => files.includes(file),
});

test('the tools that a build needs, with their packages', () => {
  expect(missingTools(scriptedSystem('debian', ['make']))).toEqual([
    { tool: 'CMake', name: 'cmake' },
    { tool: 'a C++20 compiler', name: 'g++' },
  ]);
  expect(missingTools(scriptedSystem('other', ['cmake', 'clang++']))).toEqual([
    { tool: 'make or ninja', name: undefined },
  ]);
});

test('the CPU engines that a build would lack', () => {
  const found = missingEngines(scriptedSystem('debian', [], ['/usr/include/dnnl.h']));
  expect(found).toEqual([{ why: 'OpenBLAS, a CPU engine', name: 'libopenblas-openmp-dev' }]);
  // Accelerate is part of macOS.
  expect(missingEngines(scriptedSystem('macos', []))).toEqual([]);
});
