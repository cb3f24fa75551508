import type { graphOf } from './cpu.js';

type OneOp = Parameters<typeof graphOf>[0];
export interface OpCase {
  readonly label: string;
  readonly op: OneOp;
  readonly inputs: readonly (readonly number[])[];
  readonly output: readonly number[];
  readonly role?: 'input' | 'weight' | 'state';
}

const matmul = (transposeA: boolean, transposeB: boolean): OneOp => ({
  kind: 'matmul',
  transposeA,
  transposeB,
});
const conv = (padding: 'valid' | 'same', strides: [number, number] = [1, 1]): OneOp => ({
  kind: 'conv2d',
  strides,
  padding,
});
const pool = (window: [number, number], strides: [number, number]): OneOp => ({
  kind: 'max_pool2d',
  window,
  strides,
});

/** Every op by itself. Sizes that are no multiple of any vector, block or thread count, and some that are. */
export const OP_CASES: readonly OpCase[] = [
  ...(['add', 'sub', 'mul'] as const).flatMap((kind) => [
    { label: 'one element', op: { kind }, inputs: [[1], [1]], output: [1] },
    {
      label: 'odd',
      op: { kind },
      inputs: [
        [7, 13],
        [7, 13],
      ],
      output: [7, 13],
    },
    { label: 'threads', op: { kind }, inputs: [[100_003], [100_003]], output: [100_003] },
  ]),
  {
    label: 'plain',
    op: matmul(false, false),
    inputs: [
      [5, 7],
      [7, 3],
    ],
    output: [5, 3],
  },
  {
    label: 'a transposed',
    op: matmul(true, false),
    inputs: [
      [7, 5],
      [7, 3],
    ],
    output: [5, 3],
  },
  {
    label: 'b transposed',
    op: matmul(false, true),
    inputs: [
      [5, 7],
      [3, 7],
    ],
    output: [5, 3],
  },
  {
    label: 'both transposed',
    op: matmul(true, true),
    inputs: [
      [7, 5],
      [3, 7],
    ],
    output: [5, 3],
  },
  {
    label: 'one by one',
    op: matmul(false, false),
    inputs: [
      [1, 1],
      [1, 1],
    ],
    output: [1, 1],
  },
  {
    label: 'weight',
    op: matmul(false, false),
    inputs: [
      [65, 33],
      [33, 70],
    ],
    output: [65, 70],
    role: 'weight',
  },
  {
    label: 'weight transposed',
    op: matmul(false, true),
    inputs: [
      [17, 33],
      [20, 33],
    ],
    output: [17, 20],
    role: 'weight',
  },
  { label: 'rows', op: { kind: 'bias_add' }, inputs: [[19, 5], [5]], output: [19, 5] },
  { label: 'images', op: { kind: 'bias_add' }, inputs: [[2, 3, 5, 7], [7]], output: [2, 3, 5, 7] },
  { label: 'odd', op: { kind: 'relu' }, inputs: [[3, 31]], output: [3, 31] },
  {
    label: 'one channel',
    op: conv('valid'),
    inputs: [
      [2, 9, 8, 1],
      [3, 3, 1, 5],
    ],
    output: [2, 7, 6, 5],
  },
  {
    label: 'channels',
    op: conv('valid'),
    inputs: [
      [3, 6, 7, 3],
      [2, 3, 3, 33],
    ],
    output: [3, 5, 5, 33],
    role: 'weight',
  },
  {
    label: 'same',
    op: conv('same'),
    inputs: [
      [1, 6, 5, 2],
      [3, 2, 2, 4],
    ],
    output: [1, 6, 5, 4],
  },
  {
    label: 'same, strides',
    op: conv('same', [2, 3]),
    inputs: [
      [2, 7, 8, 2],
      [3, 4, 2, 3],
    ],
    output: [2, 4, 3, 3],
    role: 'weight',
  },
  {
    label: 'valid, strides',
    op: conv('valid', [2, 2]),
    inputs: [
      [1, 8, 9, 4],
      [3, 3, 4, 16],
    ],
    output: [1, 3, 4, 16],
    role: 'weight',
  },
  {
    label: 'whole image',
    op: conv('valid'),
    inputs: [
      [1, 4, 4, 2],
      [4, 4, 2, 3],
    ],
    output: [1, 1, 1, 3],
  },
  { label: '2x2', op: pool([2, 2], [2, 2]), inputs: [[2, 7, 9, 3]], output: [2, 3, 4, 3] },
  {
    label: 'overlapping',
    op: pool([3, 2], [2, 1]),
    inputs: [[1, 8, 5, 17]],
    output: [1, 3, 4, 17],
  },
  { label: 'flatten', op: { kind: 'reshape' }, inputs: [[3, 2, 5]], output: [3, 10] },
  { label: 'ten columns', op: { kind: 'softmax' }, inputs: [[7, 10]], output: [7, 10] },
  { label: 'one column', op: { kind: 'softmax' }, inputs: [[4, 1]], output: [4, 1] },
  { label: 'long rows', op: { kind: 'softmax' }, inputs: [[3, 777]], output: [3, 777] },
  {
    label: 'odd',
    op: { kind: 'mse_loss' },
    inputs: [
      [9, 7],
      [9, 7],
    ],
    output: [1],
  },
  {
    label: 'threads',
    op: { kind: 'mse_loss' },
    inputs: [
      [301, 230],
      [301, 230],
    ],
    output: [1],
  },
  {
    label: 'odd',
    op: { kind: 'mse_grad' },
    inputs: [
      [9, 7],
      [9, 7],
    ],
    output: [9, 7],
  },
  { label: 'odd', op: { kind: 'reduce_sum' }, inputs: [[45, 7]], output: [7] },
  { label: 'wide', op: { kind: 'reduce_sum' }, inputs: [[67, 1031]], output: [1031] },
  {
    label: 'odd',
    op: { kind: 'sgd_update', learningRate: 0.3 },
    inputs: [
      [5, 9],
      [5, 9],
    ],
    output: [5, 9],
  },
];
