import type { Graph } from '../../../src/graph/types.js';
import type { DType } from '../../../src/result/dtypes.js';
import { tensor } from './cpu.js';

/** One SGD step of y = xW + b with mean squared error, as ops. */
export function linearStep(
  {
    rows,
    features,
    units,
    learningRate,
  }: Record<'rows' | 'features' | 'units' | 'learningRate', number>,
  dtype: DType,
): Graph {
  const matmul = { kind: 'matmul', transposeB: false } as const;
  return {
    name: 'linear',
    tensors: [
      tensor('x', [rows, features], 'input', dtype),
      tensor('target', [rows, units], 'input', dtype),
      tensor('w', [features, units], 'state', dtype),
      tensor('b', [units], 'state', dtype),
      tensor('xw', [rows, units], 'temp', dtype),
      tensor('y', [rows, units], 'temp', dtype),
      tensor('loss', [1], 'temp', dtype),
      tensor('grad', [rows, units], 'temp', dtype),
      tensor('dw', [features, units], 'temp', dtype),
      tensor('db', [units], 'temp', dtype),
    ],
    ops: [
      { ...matmul, id: 'forward', inputs: ['x', 'w'], output: 'xw', transposeA: false },
      { id: 'bias', kind: 'bias_add', inputs: ['xw', 'b'], output: 'y' },
      { id: 'loss', kind: 'mse_loss', inputs: ['y', 'target'], output: 'loss' },
      { id: 'grad', kind: 'mse_grad', inputs: ['y', 'target'], output: 'grad' },
      { ...matmul, id: 'dw', inputs: ['x', 'grad'], output: 'dw', transposeA: true },
      { id: 'db', kind: 'reduce_sum', inputs: ['grad'], output: 'db' },
      { id: 'update_w', kind: 'sgd_update', inputs: ['w', 'dw'], output: 'w', learningRate },
      { id: 'update_b', kind: 'sgd_update', inputs: ['b', 'db'], output: 'b', learningRate },
    ],
    outputs: ['loss'],
  };
}

/** conv + bias + ReLU, max-pool 2x2, flatten, dense, softmax; `also` names temps to read besides. */
export function cnnForward(
  { batch, image, filters, classes }: Record<'batch' | 'image' | 'filters' | 'classes', number>,
  dtype: DType,
  also: readonly string[] = [],
): Graph {
  const side = image - 2;
  const half = Math.floor(side / 2);
  const depth = half * half * filters;
  return {
    name: 'cnn',
    tensors: [
      tensor('x', [batch, image, image, 1], 'input', dtype),
      tensor('k', [3, 3, 1, filters], 'weight', dtype),
      tensor('kb', [filters], 'weight', dtype),
      tensor('w', [depth, classes], 'weight', dtype),
      tensor('wb', [classes], 'weight', dtype),
      tensor('conv', [batch, side, side, filters], 'temp', dtype),
      tensor('biased', [batch, side, side, filters], 'temp', dtype),
      tensor('active', [batch, side, side, filters], 'temp', dtype),
      tensor('pooled', [batch, half, half, filters], 'temp', dtype),
      tensor('flat', [batch, depth], 'temp', dtype),
      tensor('dense', [batch, classes], 'temp', dtype),
      tensor('logits', [batch, classes], 'temp', dtype),
      tensor('y', [batch, classes], 'temp', dtype),
    ],
    ops: [
      {
        id: 'conv',
        kind: 'conv2d',
        inputs: ['x', 'k'],
        output: 'conv',
        strides: [1, 1],
        padding: 'valid',
      },
      { id: 'bias', kind: 'bias_add', inputs: ['conv', 'kb'], output: 'biased' },
      { id: 'relu', kind: 'relu', inputs: ['biased'], output: 'active' },
      {
        id: 'pool',
        kind: 'max_pool2d',
        inputs: ['active'],
        output: 'pooled',
        window: [2, 2],
        strides: [2, 2],
      },
      { id: 'flatten', kind: 'reshape', inputs: ['pooled'], output: 'flat' },
      {
        id: 'dense',
        kind: 'matmul',
        inputs: ['flat', 'w'],
        output: 'dense',
        transposeA: false,
        transposeB: false,
      },
      { id: 'dense_bias', kind: 'bias_add', inputs: ['dense', 'wb'], output: 'logits' },
      { id: 'softmax', kind: 'softmax', inputs: ['logits'], output: 'y' },
    ],
    outputs: ['y', ...also],
  };
}

/** y = x + x, of a given number of elements. */
export function addGraph(elements: number, dtype: DType): Graph {
  return {
    name: 'add',
    tensors: [
      tensor('x', [elements], 'input', dtype),
      tensor('z', [elements], 'input', dtype),
      tensor('y', [elements], 'temp', dtype),
    ],
    ops: [{ id: 'add', kind: 'add', inputs: ['x', 'z'], output: 'y' }],
    outputs: ['y'],
  };
}
