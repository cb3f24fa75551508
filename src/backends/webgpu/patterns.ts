/**
 * The fused patterns: which ops run together as one step. A pattern applies only if nothing
 * outside it reads the tensors between its ops.
 */

import { biasAdd } from '../../kernels/bias_add.js';
import {
  type ConvPoolDense,
  convPoolDense,
  planConvPoolDense,
} from '../../kernels/conv_pool_dense.js';
import { conv2d } from '../../kernels/conv2d.js';
import { mseFinish, msePartials, mseSums } from '../../kernels/mse.js';
import { finishColumnSums, partialColumnSums, reductionChunks } from '../../kernels/reduce_sum.js';
import type { GraphView } from './graph-view.js';
import { matmulChain } from './matmul-steps.js';
import type { Match, Pattern } from './pattern.js';

/** Widest first. */
export const PATTERNS: readonly Pattern[] = [
  convNetwork,
  convChain,
  matmulChain,
  biasRelu,
  lossAndGradient,
  reduceAndUpdate,
];

/** conv2d + bias_add + relu + max_pool2d + reshape + matmul + bias_add (+ softmax). */
function convNetwork(...[view, index, limits]: Parameters<Pattern>): Match | undefined {
  const { ops } = view.graph;
  const conv = ops[index];
  if (conv.kind !== 'conv2d') return undefined;
  const bias = view.next(index, 'bias_add');
  const relu = bias && view.next(bias.index, 'relu');
  const pool = relu && view.next(relu.index, 'max_pool2d');
  const flat = pool && view.next(pool.index, 'reshape');
  const dense = flat && view.next(flat.index, 'matmul');
  const logits = dense && view.next(dense.index, 'bias_add');
  if (!logits || dense.op.transposeA || dense.op.transposeB) return undefined;
  const pooled = view.shape(pool.op.output);
  if (view.shape(flat.op.output)[0] !== pooled[0]) return undefined;
  const [, denseWeights] = dense.op.inputs;
  if (view.tensor(denseWeights).role !== 'weight') return undefined;
  if (view.readers(denseWeights).length !== 1 || view.isOutput(denseWeights)) return undefined;
  const softmax = view.next(logits.index, 'softmax');
  const net: ConvPoolDense = {
    x: view.shape(conv.inputs[0]),
    filters: view.shape(conv.inputs[1]),
    pooled,
    units: view.shape(denseWeights)[1],
    conv,
    pool: pool.op,
    softmax: softmax !== undefined,
  };
  const plan = planConvPoolDense(net, limits);
  if (!plan) return undefined;
  const chain = [bias, relu, pool, flat, dense, logits, ...(softmax ? [softmax] : [])];
  return deferred(
    view,
    [index, ...chain.map((link) => link.index)],
    ({ dtype, buffer, packed }) => {
      const kernel = convPoolDense(dtype, net, plan);
      const packing = kernel.packings?.get(3);
      return [
        {
          kernel,
          operands: [
            buffer(conv.inputs[0]),
            buffer(conv.inputs[1]),
            buffer(bias.op.inputs[1]),
            packing ? packed(denseWeights, packing) : buffer(denseWeights),
            buffer(logits.op.inputs[1]),
            buffer((softmax ?? logits).op.output),
          ],
        },
      ];
    },
  );
}

/** conv2d with any of bias_add, relu and max_pool2d, in this order. */
function convChain(...[view, index]: Parameters<Pattern>): Match | undefined {
  const conv = view.graph.ops[index];
  if (conv.kind !== 'conv2d') return undefined;
  const bias = view.next(index, 'bias_add');
  const relu = view.next(bias?.index ?? index, 'relu');
  const pool = view.next((relu ?? bias)?.index ?? index, 'max_pool2d');
  const links = [bias, relu, pool].filter((link) => link !== undefined);
  const last = links.at(-1);
  if (!last) return undefined;
  const indices = [index, ...links.map((link) => link.index)];
  return deferred(view, indices, ({ dtype, buffer }) => {
    const [x, filters] = conv.inputs;
    const { output } = last.op;
    const shapes = { x: view.shape(x), filters: view.shape(filters), y: view.shape(output) };
    const epilogue = { bias: bias !== undefined, relu: relu !== undefined, pool: pool?.op };
    const operands = [x, filters, ...(bias ? [bias.op.inputs[1]] : []), output].map(buffer);
    return [{ kernel: conv2d(dtype, shapes, conv, epilogue), operands }];
  });
}

/** bias_add + relu that no matmul or convolution absorbs. */
function biasRelu(...[view, index]: Parameters<Pattern>): Match | undefined {
  const bias = view.graph.ops[index];
  const relu = bias.kind === 'bias_add' ? view.next(index, 'relu') : undefined;
  if (bias.kind !== 'bias_add' || !relu) return undefined;
  return deferred(view, [index, relu.index], ({ dtype, buffer }) => [
    {
      kernel: biasAdd(dtype, view.count(bias.output), view.count(bias.inputs[1]), true),
      operands: [...bias.inputs, relu.op.output].map(buffer),
    },
  ]);
}

/** mse_loss and mse_grad of the same tensors share one pass over them. */
function lossAndGradient(...[view, index]: Parameters<Pattern>): Match | undefined {
  const { ops } = view.graph;
  const first = ops[index];
  if (first.kind !== 'mse_loss' && first.kind !== 'mse_grad') return undefined;
  const wanted = first.kind === 'mse_loss' ? 'mse_grad' : 'mse_loss';
  const otherIndex = ops.findIndex(
    (op) =>
      op.kind === wanted && op.inputs[0] === first.inputs[0] && op.inputs[1] === first.inputs[1],
  );
  if (otherIndex < 0) return undefined;
  const other = ops[otherIndex];
  const [loss, gradient] = first.kind === 'mse_loss' ? [first, other] : [other, first];
  return {
    ops: [index, otherIndex],
    at: Math.min(index, otherIndex),
    emit({ dtype, buffer, scratch }) {
      const count = view.count(first.inputs[0]);
      const partials = scratch(msePartials(count));
      const [prediction, target] = first.inputs.map(buffer);
      return [
        {
          kernel: mseSums(dtype, count, true),
          operands: [prediction, target, partials, buffer(gradient.output)],
        },
        { kernel: mseFinish(dtype, count), operands: [partials, buffer(loss.output)] },
      ];
    },
  };
}

/** reduce_sum + sgd_update: the sum is the gradient of the updated parameter. */
function reduceAndUpdate(...[view, index]: Parameters<Pattern>): Match | undefined {
  const sum = view.graph.ops[index];
  const update = sum.kind === 'reduce_sum' ? view.next(index, 'sgd_update', 1) : undefined;
  if (!update) return undefined;
  const [rows, columns] = view.shape(sum.inputs[0]);
  return deferred(view, [index, update.index], ({ dtype, buffer, scratch }) => {
    const chunks = reductionChunks(rows);
    const partials = scratch(chunks * columns);
    const { learningRate } = update.op;
    return [
      {
        kernel: partialColumnSums(dtype, rows, columns),
        operands: [buffer(sum.inputs[0]), partials],
      },
      {
        kernel: finishColumnSums(dtype, chunks, columns, learningRate),
        operands: [partials, buffer(update.op.output)],
      },
    ];
  });
}

/** Ops that run in the place of the last one, if nothing between changes what they read. */
export function deferred(
  view: GraphView,
  ops: readonly number[],
  emit: Match['emit'],
): Match | undefined {
  return view.canDefer(ops) ? { ops, at: Math.max(...ops), emit } : undefined;
}
