import type { Op } from '../../graph/types.js';
import { biasAdd } from '../../kernels/bias_add.js';
import { conv2d } from '../../kernels/conv2d.js';
import { copy } from '../../kernels/copy.js';
import { elementwise } from '../../kernels/elementwise.js';
import type { Kernel } from '../../kernels/kernel.js';
import { maxPool2d } from '../../kernels/max_pool2d.js';
import { mseFinish, mseGrad, msePartials, mseSums } from '../../kernels/mse.js';
import { finishColumnSums, partialColumnSums, reductionChunks } from '../../kernels/reduce_sum.js';
import { relu } from '../../kernels/relu.js';
import { sgdUpdate } from '../../kernels/sgd_update.js';
import { softmax } from '../../kernels/softmax.js';
import type { GraphView } from './graph-view.js';
import type { Dispatch } from './lowered.js';
import { matmulDispatch } from './matmul-steps.js';
import type { Emitter, Match, Pattern } from './pattern.js';

/** The general kernels: one op each. */
export function singleOp(...[view, at]: Parameters<Pattern>): Match {
  const op = view.graph.ops[at];
  return { ops: [at], at, emit: (emitter) => dispatches(view, emitter, op) };
}

function dispatches(view: GraphView, emitter: Emitter, op: Op): Dispatch[] {
  const { dtype, buffer, scratch } = emitter;
  const count = view.count(op.output);
  const one = (kernel: Kernel): Dispatch[] => [
    { kernel, operands: [...op.inputs, op.output].map(buffer) },
  ];
  switch (op.kind) {
    case 'add':
    case 'sub':
    case 'mul':
      return one(elementwise(op.kind, dtype, count));
    case 'relu':
      return one(relu(dtype, count));
    case 'reshape':
      return one(copy(dtype, count));
    case 'matmul':
      return [matmulDispatch(view, emitter, op)];
    case 'conv2d': {
      const [x, filters] = op.inputs;
      const shapes = { x: view.shape(x), filters: view.shape(filters), y: view.shape(op.output) };
      return one(conv2d(dtype, shapes, op, { bias: false, relu: false }));
    }
    case 'bias_add':
      return one(biasAdd(dtype, count, view.count(op.inputs[1])));
    case 'max_pool2d':
      return one(maxPool2d(dtype, view.shape(op.inputs[0]), view.shape(op.output), op));
    case 'softmax': {
      const columns = view.shape(op.output).at(-1) ?? 1;
      return one(softmax(dtype, count / columns, columns));
    }
    case 'mse_grad':
      return one(mseGrad(dtype, count));
    case 'mse_loss': {
      const elements = view.count(op.inputs[0]);
      const partials = scratch(msePartials(elements));
      return [
        {
          kernel: mseSums(dtype, elements, false),
          operands: [...op.inputs.map(buffer), partials],
        },
        { kernel: mseFinish(dtype, elements), operands: [partials, buffer(op.output)] },
      ];
    }
    case 'reduce_sum': {
      const [rows, columns] = view.shape(op.inputs[0]);
      const chunks = reductionChunks(rows);
      const partials = scratch(chunks * columns);
      return [
        {
          kernel: partialColumnSums(dtype, rows, columns),
          operands: [buffer(op.inputs[0]), partials],
        },
        {
          kernel: finishColumnSums(dtype, chunks, columns),
          operands: [partials, buffer(op.output)],
        },
      ];
    }
    case 'sgd_update':
      return [
        { kernel: sgdUpdate(dtype, count, op.learningRate), operands: op.inputs.map(buffer) },
      ];
    default:
      return op satisfies never;
  }
}
