import { expect, test } from 'vitest';
import { formatCpuList, parseCpuList } from '../../../src/host/cpu-list.js';

test.each([
  ['0-2,8', [0, 1, 2, 8]],
  ['0', [0]],
  ['0-1,3-4,9', [0, 1, 3, 4, 9]],
])('%s is read and written', (list, cpus) => {
  expect(parseCpuList(`${list}\n`)).toEqual(cpus);
  expect(formatCpuList(cpus)).toBe(list);
});

test('no list and other text have no CPUs', () => {
  for (const text of [undefined, '', '\n', 'all', '1;2']) expect(parseCpuList(text)).toEqual([]);
  expect(formatCpuList([])).toBe('');
});
