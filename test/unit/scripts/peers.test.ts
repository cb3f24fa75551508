import { expect, test } from 'vitest';
import { peerTables } from '../../../scripts/benchmarks/peers.mjs';
import type { BenchResult, Row } from '../../../src/result/schema.js';
import { cudaBench } from '../../fakes/results.js';

/** The rows of one case: device and median in nanoseconds, or why there is none. */
function resultOf(times: readonly (readonly [device: string, median: number | string])[]) {
  const [first] = cudaBench.rows;
  if (!first?.measurement) throw new Error('the fake has no measured row');
  const { measurement } = first;
  const rows = times.map(([device, median]): Row => {
    if (typeof median === 'string') {
      const error = { code: 'unavailable', message: median, advice: '' } as const;
      return { ...first, device, state: 'failed', error, measurement: undefined, rates: undefined };
    }
    const interval: [number, number] = [median * 0.99, median * 1.01];
    const wall = { ...measurement.wall, median, interval };
    return { ...first, device, medianNs: median, measurement: { ...measurement, wall } };
  });
  return { ...cudaBench, rows } satisfies BenchResult;
}

test('each row with its ratio to ours, and the fastest framework of the case', () => {
  const text = peerTables([
    resultOf([
      ['cuda:0', 2e6],
      ['pytorch:cuda', 5e6],
      ['pytorch:cuda+graph', 4e6],
      ['jax:gpu', 'no device'],
    ]),
  ]);
  const lines = text.split('\n');
  expect(lines.find((line) => line.includes('`cuda:0`'))).toMatch(/\| 2\.000 ms \| {2}\| {2}\|/);
  expect(lines.find((line) => line.includes('`pytorch:cuda`'))).toContain(
    '| 5.000 ms | 2.50 | 2.46 to 2.54 |',
  );
  expect(lines.find((line) => line.includes('jax:gpu'))).toContain('failed: no device');
  expect(lines.at(-2)).toMatch(/`pytorch:cuda\+graph` \| 2\.000 \(1\.972 to 2\.028\) \|$/);
});

test('a case in which only ours was measured names no framework', () => {
  const lines = peerTables([
    resultOf([
      ['cpu:0', 2e6],
      ['mlx:cpu', 'no MLX'],
    ]),
  ]).split('\n');
  expect(lines.at(-2)).toMatch(/\| {2}\| {2}\|$/);
});
