import { describe, expect, it } from 'vitest';
import { convPoolDense, planConvPoolDense } from '../../../src/kernels/conv_pool_dense.js';
import { paddingBefore } from '../../../src/kernels/conv2d.js';
import { matmul } from '../../../src/kernels/matmul.js';
import { PLAIN } from '../../../src/kernels/matmul_spec.js';
import { f32Literal, foldedLaunch } from '../../../src/kernels/wgsl.js';

const LIMITS = { maxInvocations: 256, maxStorageBytes: 16_384 };

describe('launches', () => {
  it('folds what exceeds one dimension, and stops the extra workgroups', () => {
    expect(foldedLaunch(65_535)).toEqual({ workgroups: [65_535, 1, 1], index: 'wg.x', guard: '' });
    const { workgroups, guard } = foldedLaunch(65_537);
    expect(workgroups).toEqual([32_769, 2, 1]);
    expect(guard).toBe('if ((wg.y * 32769u + wg.x) >= 65537u) { return; }');
  });

  it('writes numbers as f32', () => {
    expect([1, 0.1, 2 ** -40].map(f32Literal)).toEqual([
      '1.0f',
      '0.10000000149011612f',
      '9.094947017729282e-13f',
    ]);
  });
});

describe('conv2d padding', () => {
  it('has the odd row at the end, as in TensorFlow', () => {
    const op = { strides: [2, 1], padding: 'same' } as const;
    expect(paddingBefore([1, 8, 8, 1], [3, 4, 1, 1], op)).toEqual([0, 1]);
    expect(paddingBefore([1, 8, 8, 1], [3, 4, 1, 1], { ...op, padding: 'valid' })).toEqual([0, 0]);
  });
});

describe('matmul tiles', () => {
  it.each([
    [false, false],
    [true, false],
    [false, true],
    [true, true],
  ])('transposed %s, %s: fit the memory that every device has', (transposeA, transposeB) => {
    const shape = { m: 2048, n: 2048, k: 64, transposeA, transposeB };
    const { wgsl, workgroups } = matmul('f32', shape, PLAIN);
    const tiles = [...wgsl.matchAll(/array<vec4f, (\d+)>;/g)].map(([, vectors]) => Number(vectors));
    expect(tiles).toHaveLength(2);
    expect(tiles.reduce((bytes, vectors) => bytes + vectors * 16, 0)).toBeLessThanOrEqual(16_384);
    expect(workgroups).toEqual([256, 1, 1]);
  });
});

describe('conv_pool_dense', () => {
  const net = (batch: number, extra: object = {}) => ({
    x: [batch, 28, 28, 1],
    filters: [3, 3, 1, 32],
    pooled: [batch, 13, 13, 32],
    units: 10,
    conv: { strides: [1, 1], padding: 'valid' } as const,
    pool: { window: [2, 2], strides: [2, 2] } as const,
    softmax: true,
    ...extra,
  });

  it('gives a thread more images as the batch grows', () => {
    const plans = [1, 1024, 2048, 4096].map((batch) => planConvPoolDense(net(batch), LIMITS));
    expect(plans).toEqual([
      { imagesPerThread: 1, laneGroup: 192, groups: 1 },
      { imagesPerThread: 1, laneGroup: 64, groups: 4 },
      { imagesPerThread: 2, laneGroup: 64, groups: 2 },
      { imagesPerThread: 3, laneGroup: 64, groups: 2 },
    ]);
  });

  it('leaves networks too large for its registers or memory to the general kernels', () => {
    expect(planConvPoolDense(net(1, { units: 33 }), LIMITS)).toBeUndefined();
    expect(planConvPoolDense(net(1, { filters: [11, 11, 1, 32] }), LIMITS)).toBeUndefined();
    expect(planConvPoolDense(net(1, { filters: [3, 3, 1, 4096] }), LIMITS)).toBeUndefined();
  });

  it('packs the dense weights so that pixels are neighbours, padded with zeros', () => {
    const small = net(1, {
      x: [1, 6, 6, 1],
      filters: [3, 3, 1, 2],
      pooled: [1, 2, 2, 2],
      units: 3,
    });
    const plan = { imagesPerThread: 1, laneGroup: 32, groups: 1 };
    const packing = convPoolDense('f32', small, plan).packings?.get(3);
    const packed = packing?.pack(Float32Array.from({ length: 24 }, (_, i) => i)) ?? [];
    expect(packing?.elements).toBe(2 * 3 * 32);
    // Filter 0, unit 0 over the four pixels; then filter 1, unit 2.
    expect([...packed.slice(0, 5)]).toEqual([0, 6, 12, 18, 0]);
    expect([...packed.slice(5 * 32, 5 * 32 + 4)]).toEqual([5, 11, 17, 23]);
  });
});
