import { describe, expect, it } from 'vitest';
import { measure } from '../../../src/measure/measure.js';
import { overheadOf, type TimePoint } from '../../../src/measure/overhead.js';
import { ScriptedClock, ScriptedSubject } from '../../fakes/scripted-subject.js';

const sizes = [1, 4, 16, 64, 256, 1024, 4096];
const PLANTED_NS = 12_000;

/** The times of a scripted device over the sizes, measured as any other. */
async function curveOf(nsAt: (size: number) => number, noise: number): Promise<TimePoint[]> {
  const points: TimePoint[] = [];
  for (const size of sizes) {
    const clock = new ScriptedClock();
    const subject = new ScriptedSubject('gpu:0', clock, {
      wallNs: (index) => nsAt(size) * (1 + noise * Math.sin(index * 2.4 + size)),
    });
    const outcomes = await measure(
      [subject],
      {
        mode: 'throughput',
        timeBudgetNs: 1e9,
        warmupNs: 1e8,
        minSamples: 10,
        maxSamples: 30,
        precision: 0.001,
      },
      { clock },
    );
    const wall = outcomes.get('gpu:0')?.measurement?.wall;
    if (wall) points.push({ work: size * 1e6, ns: wall.median, interval: wall.interval });
  }
  return points;
}

describe('a planted overhead of 12 us', () => {
  it.each([
    ['then linear', (size: number) => PLANTED_NS + 50 * size],
    ['barely any work', (size: number) => PLANTED_NS + 0.01 * size],
    ['work that shows from the second size on', (size: number) => PLANTED_NS + 1500 * size],
    // Caches run out at 256: the curve is steeper there.
    ['two slopes', (size: number) => PLANTED_NS + 40 * size + (size > 256 ? 300 * size : 0)],
    ['constant', () => PLANTED_NS],
  ])('is recovered within 5 %%: %s', async (_, nsAt) => {
    for (const noise of [0, 0.02, 0.05]) {
      const found = overheadOf(await curveOf(nsAt, noise));
      expect(Math.abs((found?.ns ?? 0) / PLANTED_NS - 1)).toBeLessThan(0.05);
      const [low, high] = found?.interval ?? [0, 0];
      expect(low).toBeLessThanOrEqual(found?.ns ?? 0);
      expect(high).toBeGreaterThanOrEqual(found?.ns ?? 0);
    }
  });
});

describe('no overhead is reported', () => {
  it('if every size is dominated by the work', () => {
    const points = sizes.map((size) => ({ work: size, ns: 5 + 1e6 * size }));
    expect(overheadOf(points)).toBeUndefined();
  });

  it('of fewer than three sizes near the floor', () => {
    expect(overheadOf([])).toBeUndefined();
    expect(
      overheadOf([
        { work: 1, ns: 10 },
        { work: 2, ns: 11 },
      ]),
    ).toBeUndefined();
  });

  it('if the times are too noisy', () => {
    const points = [5e3, 16e3, 7e3, 18e3, 6e3].map((ns, i) => ({ work: 4 ** i, ns }));
    expect(overheadOf(points)).toBeUndefined();
  });
});
