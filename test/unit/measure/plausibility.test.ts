import { describe, expect, it } from 'vitest';
import { plausibility } from '../../../src/measure/plausibility.js';

const peak = { gbPerS: 100, gflops: { f32: 1000 }, source: 'datasheet' };
const GIB = 2 ** 30;

describe('plausibility', () => {
  it('gives rates without a peak', () => {
    const work = { flops: 2e6, bytes: 4e6, items: 10 };
    expect(plausibility({ median: 1e6 }, work, 'f32')).toEqual({
      rates: { itemsPerS: 10_000, gflops: 2, gbPerS: 4 },
    });
  });

  it('relates work of low intensity to the bandwidth', () => {
    const work = { flops: GIB / 12, bytes: GIB, items: 1 };
    const { rates, implausible } = plausibility({ median: GIB / 80 }, work, 'f32', peak) ?? {};
    expect(rates?.rooflineBound).toBe('bandwidth');
    expect(rates?.rooflineShare).toBeCloseTo(0.8, 12);
    expect(implausible).toBeUndefined();
  });

  it('relates work of high intensity to the arithmetic', () => {
    const work = { flops: 5e9, bytes: 1e6, items: 1 };
    const { rates } = plausibility({ median: 1e7 }, work, 'f32', peak) ?? {};
    expect(rates).toMatchObject({ rooflineBound: 'arithmetic', rooflineShare: 0.5 });
  });

  it('knows no arithmetic peak of another dtype', () => {
    const work = { flops: 5e9, bytes: 1e6, items: 1 };
    const { rates } = plausibility({ median: 1e7 }, work, 'f16', peak) ?? {};
    expect(rates?.rooflineBound).toBe('bandwidth');
  });

  it('names both rate and limit of an impossible result', () => {
    const work = { flops: 2e9, bytes: 1e6, items: 1 };
    const { implausible } = plausibility({ median: 1e6 }, work, 'f32', peak) ?? {};
    expect(implausible?.message).toBe(
      '2.00 TFLOP/s is more than the hardware can do (1.00 TFLOP/s in f32, datasheet).',
    );
  });

  it('allows for a boosted clock, and not for more', () => {
    const work = { flops: 1.09e9, bytes: 1, items: 1 };
    expect(plausibility({ median: 1e6 }, work, 'f32', peak)?.implausible).toBeUndefined();
    expect(plausibility({ median: 0.98e6 }, work, 'f32', peak)?.implausible).toBeDefined();
  });

  it('lets work that fits a cache be faster than the memory, without a share of it', () => {
    const work = { flops: 1000, bytes: 1e6, items: 1 };
    const small = plausibility({ median: 1000 }, work, 'f32', { gbPerS: 100, source: 'datasheet' });
    expect(small).toEqual({ rates: { itemsPerS: 1e6, gflops: 1, gbPerS: 1000 } });
    const large = { flops: 1000, bytes: GIB, items: 1 };
    expect(plausibility({ median: GIB / 1000 }, large, 'f32', peak)?.implausible).toBeDefined();
  });

  it('gives no rate if the clock saw no time', () => {
    const work = { flops: 1, bytes: 1, items: 1 };
    expect(plausibility({ median: 0 }, work, 'f32', peak)).toBeUndefined();
  });
});
