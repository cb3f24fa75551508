import { expect, test } from 'vitest';
import { threadWarning } from '../../../src/bench/bench-warnings.js';

test('more threads than CPUs is a warning', () => {
  expect(threadWarning({ id: 'cpu:0', threads: 4 }, 2)).toEqual({
    name: 'too-many-threads',
    message: 'cpu:0 runs 4 threads on 2 CPUs: they wait for each other.',
    advice: 'Use --threads 2 or fewer, or allow more CPUs (taskset, container limits).',
  });
  expect(threadWarning({ id: 'cpu:0', threads: 2 }, 1)?.message).toContain('on 1 CPU:');
});

test.each([1, 2, undefined])('%s threads on two CPUs give no warning', (threads) => {
  expect(threadWarning({ id: 'cpu:0', threads }, 2)).toBeUndefined();
});
