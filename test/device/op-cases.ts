import { GraphBuilder } from '../../src/graph/builder.js';
import type { Graph } from '../../src/graph/types.js';
import type { DType } from '../../src/result/dtypes.js';

/** Each op by itself, over shapes that do not fit vectors, tiles or workgroups. */
export const OP_CASES: [string, (dtype: DType) => Graph][] = [
  ...(['add', 'sub', 'mul'] as const).flatMap((kind) =>
    [[1], [7], [3, 5], [4, 257], [1031]].map((shape): (typeof OP_CASES)[number] => [
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
  ...[[1], [13], [2, 3, 5, 7]].map((shape): (typeof OP_CASES)[number] => [
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
  ].map((shape): (typeof OP_CASES)[number] => [
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
  ].map((shape): (typeof OP_CASES)[number] => [
    `softmax ${shape.join('x')}`,
    (dtype) => {
      const g = new GraphBuilder('softmax', dtype);
      return g.build([g.softmax('op', g.input('x', shape))]);
    },
  ]),
  ...[[1], [3, 5], [41, 101]].flatMap((shape): (typeof OP_CASES)[number][] =>
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
  ].map((shape): (typeof OP_CASES)[number] => [
    `reduce_sum ${shape.join('x')}`,
    (dtype) => {
      const g = new GraphBuilder('reduce_sum', dtype);
      return g.build([g.reduceSum('op', g.input('x', shape))]);
    },
  ]),
  ...[[1], [11, 3]].map((shape): (typeof OP_CASES)[number] => [
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
  ].map(({ x, window, strides }): (typeof OP_CASES)[number] => [
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
  ].flatMap(({ x, f, strides }): (typeof OP_CASES)[number][] =>
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
  ].map(([m, n, k]): (typeof OP_CASES)[number] => [
    `matmul ${m}x${k}x${n}`,
    (dtype) => {
      const g = new GraphBuilder('matmul', dtype);
      return g.build([g.matmul('op', g.input('a', [m, k]), g.weight('b', [k, n]))]);
    },
  ]),
];

function pair([a, b]: readonly number[]): readonly [number, number] {
  return [a, b];
}
