import { describe, expect, it } from 'vitest';
import { DAWN_FLAGS, loadDawn } from '../../src/backends/webgpu/dawn.js';
import { lower } from '../../src/backends/webgpu/lowering.js';
import { GraphBuilder } from '../../src/graph/builder.js';
import type { Graph } from '../../src/graph/types.js';
import type { DType } from '../../src/result/dtypes.js';
import { expectMatches, skipReason, useDevice } from './harness.js';

/** Each op by itself, over shapes that do not fit vectors, tiles or workgroups. */
const CASES: [string, (dtype: DType) => Graph][] = [
  ...(['add', 'sub', 'mul'] as const).flatMap((kind) =>
    [[1], [7], [3, 5], [4, 257], [1031]].map((shape): (typeof CASES)[number] => [
      `${kind} ${shape.join('x')}`,
      (dtype) => {
        const g = new GraphBuilder(kind, dtype);
        return g.build([g.elementwise('op', kind, g.input('a', shape), g.input('b', shape))]);
      },
    ]),
  ),
  [
    'add of a tensor to itself',
    (dtype) => {
      const g = new GraphBuilder('double', dtype);
      const a = g.input('a', [5]);
      return g.build([g.elementwise('op', 'add', a, a)]);
    },
  ],
  ...[[1], [13], [2, 3, 5, 7]].map((shape): (typeof CASES)[number] => [
    `relu ${shape.join('x')}`,
    (dtype) => {
      const g = new GraphBuilder('relu', dtype);
      return g.build([g.relu('op', g.input('x', shape))]);
    },
  ]),
  ...[
    [1, 1],
    [3, 7],
    [5, 8],
    [129, 31],
    [2, 3, 5],
  ].map((shape): (typeof CASES)[number] => [
    `bias_add ${shape.join('x')}`,
    (dtype) => {
      const g = new GraphBuilder('bias_add', dtype);
      const [x, bias] = [g.input('x', shape), g.weight('bias', shape.slice(-1))];
      return g.build([g.biasAdd('op', x, bias)]);
    },
  ]),
  [
    'reshape of an input',
    (dtype) => {
      const g = new GraphBuilder('reshape', dtype);
      return g.build([g.reshape('op', g.input('x', [3, 10]), [5, 6])]);
    },
  ],
  [
    'reshape of a temp, both outputs',
    (dtype) => {
      const g = new GraphBuilder('reshape', dtype);
      const y = g.relu('relu', g.input('x', [3, 10]));
      return g.build([y, g.reshape('op', y, [30])]);
    },
  ],
  ...[
    [1, 1],
    [7, 10],
    [300, 3],
    [3, 33],
    [2, 1000],
  ].map((shape): (typeof CASES)[number] => [
    `softmax ${shape.join('x')}`,
    (dtype) => {
      const g = new GraphBuilder('softmax', dtype);
      return g.build([g.softmax('op', g.input('x', shape))]);
    },
  ]),
  ...[[1], [3, 5], [41, 101]].flatMap((shape): (typeof CASES)[number][] =>
    (['mseLoss', 'mseGrad'] as const).map((method) => [
      `${method} ${shape.join('x')}`,
      (dtype) => {
        const g = new GraphBuilder(method, dtype);
        return g.build([g[method]('op', g.input('y', shape), g.input('t', shape))]);
      },
    ]),
  ),
  ...[
    [1, 1],
    [3, 70],
    [259, 5],
    [1000, 33],
  ].map((shape): (typeof CASES)[number] => [
    `reduce_sum ${shape.join('x')}`,
    (dtype) => {
      const g = new GraphBuilder('reduce_sum', dtype);
      return g.build([g.reduceSum('op', g.input('x', shape))]);
    },
  ]),
  ...[[1], [11, 3]].map((shape): (typeof CASES)[number] => [
    `sgd_update ${shape.join('x')}`,
    (dtype) => {
      const g = new GraphBuilder('sgd_update', dtype);
      g.sgdUpdate('op', g.state('p', shape), g.input('g', shape), 0.25);
      return g.build([]);
    },
  ]),
  ...[
    { x: [1, 2, 2, 1], window: [2, 2], strides: [2, 2] },
    { x: [2, 7, 5, 3], window: [2, 2], strides: [2, 2] },
    { x: [1, 9, 11, 4], window: [3, 2], strides: [2, 1] },
  ].map(({ x, window, strides }): (typeof CASES)[number] => [
    `max_pool2d ${x.join('x')} window ${window.join('x')} strides ${strides.join('x')}`,
    (dtype) => {
      const g = new GraphBuilder('max_pool2d', dtype);
      const geometry = { window: pair(window), strides: pair(strides) };
      return g.build([g.maxPool2d('op', g.input('x', x), geometry)]);
    },
  ]),
  ...[
    { x: [1, 3, 3, 1], f: [3, 3, 1, 1], strides: [1, 1] },
    { x: [2, 9, 7, 3], f: [3, 2, 3, 5], strides: [2, 1] },
    { x: [1, 8, 8, 4], f: [5, 5, 4, 8], strides: [1, 1] },
    { x: [1, 11, 6, 2], f: [4, 3, 2, 4], strides: [3, 2] },
  ].flatMap(({ x, f, strides }): (typeof CASES)[number][] =>
    (['valid', 'same'] as const).map((padding) => [
      `conv2d ${x.join('x')} * ${f.join('x')} strides ${strides.join('x')} ${padding}`,
      (dtype) => {
        const g = new GraphBuilder('conv2d', dtype);
        const geometry = { strides: pair(strides), padding };
        return g.build([g.conv2d('op', g.input('x', x), g.weight('f', f), geometry)]);
      },
    ]),
  ),
  ...[
    [3, 5, 7],
    [33, 40, 18],
  ].map(([m, n, k]): (typeof CASES)[number] => [
    `matmul ${m}x${k}x${n}`,
    (dtype) => {
      const g = new GraphBuilder('matmul', dtype);
      return g.build([g.matmul('op', g.input('a', [m, k]), g.weight('b', [k, n]))]);
    },
  ]),
];

/** Held, since Dawn's instances are not to be collected while another one works. */
let nullBackend: GPU | undefined;

describe.skipIf(skipReason)(`ops on a device${skipReason ? ` (${skipReason})` : ''}`, () => {
  const use = useDevice();

  it.each(CASES)('%s in f32', async (_, graph) => {
    await expectMatches(use.device, graph('f32'));
  });

  it('every op in f16, where the device has it', async ({ skip }) => {
    if (!use.dtypes.includes('f16')) skip('the device lacks shader-f16');
    for (const [, graph] of CASES) await expectMatches(use.device, graph('f16'));
  });

  it('every op has valid f16 source, also where the device has no f16', async () => {
    // Dawn's null backend has every feature and runs nothing: it only checks the source.
    nullBackend = (await loadDawn()).create([...DAWN_FLAGS, 'backend=null']);
    const adapter = await nullBackend.requestAdapter();
    const device = await adapter?.requestDevice({ requiredFeatures: ['shader-f16'] });
    if (!device) expect.fail('the null backend has no device');
    const limits = { maxInvocations: 256, maxStorageBytes: 16_384 };
    for (const [name, graph] of CASES) {
      for (const { dispatches } of lower(graph('f16'), limits).steps) {
        for (const { kernel } of dispatches) {
          const module = device.createShaderModule({ code: kernel.wgsl });
          const { messages } = await module.getCompilationInfo();
          expect(
            messages.map(({ message }) => message),
            name,
          ).toEqual([]);
        }
      }
    }
    device.destroy();
  });

  it('takes more elements than one dimension of a launch has workgroups', async () => {
    const rows = 65_535 + 7;
    const g = new GraphBuilder('long', 'f32');
    const [x, w] = [g.input('x', [rows, 3]), g.weight('w', [3, 2])];
    expect(await expectMatches(use.device, g.build([g.matmul('op', x, w)]))).toEqual([
      'matmul_rows.wgsl nn',
    ]);
  });
});

function pair([a, b]: readonly number[]): readonly [number, number] {
  return [a, b];
}
