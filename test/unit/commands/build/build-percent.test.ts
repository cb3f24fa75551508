import { expect, test } from 'vitest';
import { percentIn } from '../../../../src/commands/build/build-percent.js';

test.each([
  ['Ninja', '[1/68] Building\n[17/68] Building CXX object a.cpp.o\n', 25],
  ['make', '[  7%] Building\n[ 45%] Building CXX object a.cpp.o\n', 45],
  ['the end', '[68/68] Linking\n', 100],
  ['a compiler that says something else', 'warning: x[3/4]\n-- Found OpenMP\n', undefined],
])('%s', (_, text, percent) => {
  expect(percentIn(text)).toBe(percent);
});
