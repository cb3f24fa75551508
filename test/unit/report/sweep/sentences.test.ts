import { describe, expect, it } from 'vitest';
import { answerOf } from '../../../../src/report/answer.js';
import type { BenchResult } from '../../../../src/result/schema.js';
import { fakeCpu, fakeGpu, fakeSweep, sweepBench } from '../../../fakes/sweeps.js';

const sizes = [1, 4, 16, 64, 256, 1024, 4096];
const cpuNs = (size: number) => 1000 * size;

/** What a GPU that takes this long is said to be. */
function answer(gpuNs: (size: number) => number): string {
  return answerOf(
    fakeSweep(sizes, [
      { device: fakeCpu, nsAt: cpuNs },
      { device: fakeGpu, nsAt: gpuNs },
    ]),
  );
}

describe('the answer of a sweep', () => {
  it('names the bracket, and the size from which the speedup stays', () => {
    expect(answer((size) => 100 * size + (size < 100 ? 30_000 : 0))).toMatch(
      /^The GPU overtakes the CPU between batch 16 and 64, and is [\d.]+x as fast from 256 on\.$/,
    );
  });

  it('says always, never, and if it is ahead only for some sizes', () => {
    expect(answer((size) => cpuNs(size) / 3)).toMatch(
      /^The GPU is faster than the CPU at every size measured, from batch 1 on: [\d.]+x as fast at 1, [\d.]+x at 4,096\.$/,
    );
    expect(answer((size) => cpuNs(size) * 3)).toMatch(
      /^The GPU does not overtake the CPU up to batch 4,096, where it is 0\.3\dx as fast\.$/,
    );
    expect(answer((size) => cpuNs(size) * 0.993)).toContain(
      'where the two cannot be distinguished.',
    );
    expect(answer((size) => cpuNs(size) * (size === 64 ? 0.2 : 2))).toContain(
      'It is faster only at 64.',
    );
  });

  it('is undecided if the largest size has no interval', () => {
    const rows = sweepBench.rows.map(({ speedup, ...row }) => {
      return speedup ? { ...row, speedup: { ...speedup, interval: undefined } } : row;
    });
    const [sweep] = sweepBench.sweeps ?? [];
    const curves = sweep.curves.map((curve) => {
      return curve.crossover
        ? { ...curve, crossover: { state: 'unknown' as const, upTo: 4096 } }
        : curve;
    });
    const result: BenchResult = { ...sweepBench, rows, sweeps: [{ ...sweep, curves }] };
    expect(answerOf(result)).toContain(
      'Whether the GPU overtakes the CPU is not known: it is 8.86x',
    );
  });

  it('without a baseline names the size that does most per second', () => {
    const result = fakeSweep(sizes, [{ device: fakeGpu, nsAt: (size) => 9000 + 100 * size }]);
    const [sweep] = result.sweeps ?? [];
    const alone = { ...result, sweeps: [{ ...sweep, baseline: undefined }] };
    expect(answerOf(alone)).toMatch(
      /^cnn on metal:0 is fastest at batch 4,096: [\d.]+ M images\/s\.$/,
    );
  });

  it('names the values of the other axes', () => {
    const at = { dtype: 'f16' };
    const rows = sweepBench.rows.map((row) => ({ ...row, point: { ...at, ...row.point } }));
    const [sweep] = sweepBench.sweeps ?? [];
    const curves = sweep.curves.map((curve) => ({ ...curve, at }));
    const result: BenchResult = { ...sweepBench, rows, sweeps: [{ ...sweep, curves }] };
    expect(answerOf(result)).toContain('With dtype f16, the GPU overtakes the CPU between');
  });
});
