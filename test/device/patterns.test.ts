import { describe, expect, it } from 'vitest';
import { GraphBuilder } from '../../src/graph/builder.js';
import type { Graph } from '../../src/graph/types.js';
import type { DType } from '../../src/result/dtypes.js';
import { expectMatches, skipReason, useDevice } from './harness.js';

interface Net {
  readonly batch: number;
  readonly image: readonly [number, number, number];
  readonly kernel: readonly [number, number];
  readonly filters: number;
  readonly units: number;
  readonly strides?: readonly [number, number];
  readonly padding?: 'valid' | 'same';
  readonly window?: readonly [number, number];
  readonly poolStrides?: readonly [number, number];
  readonly softmax?: boolean;
  /** Makes every tensor between the ops an output, which no pattern may fuse away. */
  readonly unfused?: boolean;
}

function network(net: Net, dtype: DType = 'f32'): Graph {
  const [h, w, c] = net.image;
  const { strides = [1, 1], padding = 'valid', window = [2, 2], poolStrides = window } = net;
  const g = new GraphBuilder('network', dtype);
  const x = g.input('x', [net.batch, h, w, c]);
  const conv = g.conv2d('conv', x, g.weight('filters', [...net.kernel, c, net.filters]), {
    strides,
    padding,
  });
  const biased = g.biasAdd('conv_bias', conv, g.weight('cb', [net.filters]));
  const active = g.relu('relu', biased);
  const pooled = g.maxPool2d('pool', active, { window, strides: poolStrides });
  const extent = (size: number, axis: 0 | 1): number => {
    const out =
      padding === 'same'
        ? Math.ceil(size / strides[axis])
        : Math.floor((size - net.kernel[axis]) / strides[axis]) + 1;
    return Math.floor((out - window[axis]) / poolStrides[axis]) + 1;
  };
  const features = extent(h, 0) * extent(w, 1) * net.filters;
  const flat = g.reshape('flatten', pooled, [net.batch, features]);
  const dense = g.matmul('dense', flat, g.weight('dw', [features, net.units]));
  const logits = g.biasAdd('dense_bias', dense, g.weight('db', [net.units]));
  const result = net.softmax ? g.softmax('softmax', logits) : logits;
  const between = [conv, biased, active, pooled, flat, dense, logits];
  return g.build(net.unfused ? [...new Set([...between, result])] : [result]);
}

const SMALL: Net = {
  batch: 3,
  image: [8, 7, 1],
  kernel: [3, 3],
  filters: 4,
  units: 10,
  softmax: true,
};

describe.skipIf(skipReason)(`patterns on a device${skipReason ? ` (${skipReason})` : ''}`, () => {
  const use = useDevice();

  it.each<[string, Net]>([
    ['a small network', SMALL],
    ['without softmax', { ...SMALL, softmax: false }],
    ['one pixel, one unit', { ...SMALL, image: [4, 4, 1], units: 1, filters: 1 }],
    ['channels and odd sizes', { ...SMALL, image: [7, 6, 2], kernel: [2, 3], units: 7 }],
    ['same padding', { ...SMALL, padding: 'same', units: 8 }],
    ['strides', { ...SMALL, image: [13, 11, 1], strides: [2, 1] }],
    ['overlapping windows', { ...SMALL, window: [3, 2], poolStrides: [2, 1] }],
    ['more pixels than lanes', { ...SMALL, batch: 2, image: [40, 37, 1], filters: 3 }],
  ])('the whole network in one pass: %s', async (_, net) => {
    const kernels = await expectMatches(use.device, network(net));
    expect(kernels).toHaveLength(1);
    expect(kernels[0]).toMatch(/^conv_pool_dense/);
  });

  it('shares threads between images if the batch is large', async () => {
    const net = { ...SMALL, image: [5, 5, 1], filters: 2, units: 3 } as const;
    const kernels = await expectMatches(use.device, network({ ...net, batch: 8_195 }));
    expect(kernels).toEqual(['conv_pool_dense.wgsl 3 images per thread + softmax']);
  });

  it('every op alone if each result is an output', async () => {
    const kernels = await expectMatches(use.device, network({ ...SMALL, unfused: true }));
    expect(kernels).toHaveLength(7);
  });

  it('falls back if the network is too large for one pass', async () => {
    const kernels = await expectMatches(
      use.device,
      network({ ...SMALL, image: [12, 12, 3], kernel: [5, 5], units: 33 }),
    );
    expect(kernels).toEqual([
      'conv2d.wgsl + bias + relu + max_pool',
      'matmul.wgsl 32x32 nn + bias',
      'softmax.wgsl long rows',
    ]);
  });

  it('the whole network in f16, if the device supports it', async ({ skip }) => {
    if (!use.dtypes.includes('f16')) skip('the device lacks shader-f16');
    await expectMatches(use.device, network(SMALL, 'f16'));
    await expectMatches(use.device, network({ ...SMALL, unfused: true }, 'f16'));
  });

  it('loss and gradient in one pass, bias gradient and update in one', async () => {
    const g = new GraphBuilder('linear', 'f32');
    const [x, t] = [g.input('x', [37, 5]), g.input('t', [37, 3])];
    const [w, b] = [g.state('w', [5, 3]), g.state('b', [3])];
    const y = g.biasAdd('y', g.matmul('xw', x, w), b);
    const loss = g.mseLoss('loss', y, t);
    const dy = g.mseGrad('dy', y, t);
    const dw = g.matmul('dw', x, dy, { transposeA: true });
    const db = g.reduceSum('db', dy);
    g.sgdUpdate('update_w', w, dw, 0.5);
    g.sgdUpdate('update_b', b, db, 0.5);
    const kernels = await expectMatches(use.device, g.build([y, loss]), {
      iterations: 100,
      ulps: 2000,
    });
    expect(kernels).toEqual([
      'matmul_rows.wgsl nn + bias',
      'mse.wgsl loss + gradient',
      'matmul_rows.wgsl tn + sgd_update',
      'reduce_sum.wgsl',
    ]);
  });
});
