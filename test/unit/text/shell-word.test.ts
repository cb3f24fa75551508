import { expect, test } from 'vitest';
import { shellWord } from '../../../src/text/shell-word.js';

test('a word is quoted only if a shell would misread it', () => {
  expect(shellWord('/usr/bin/python3')).toBe('/usr/bin/python3');
  expect(shellWord("/Users/a b/it's/python")).toBe("'/Users/a b/it'\\''s/python'");
  expect(['numpy<2', '', '2^20'].map(shellWord)).toEqual(["'numpy<2'", "''", '2^20']);
});
