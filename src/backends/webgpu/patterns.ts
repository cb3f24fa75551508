import { biasAdd } from '../../kernels/bias_add.js';
import { copy } from '../../kernels/copy.js';
import { elementwise } from '../../kernels/elementwise.js';
import { relu } from '../../kernels/relu.js';
import { sgdUpdate } from '../../kernels/sgd_update.js';
import type { GraphView } from './graph-view.js';
import type { Match, Pattern } from './lowering.js';

/** Widest first. */
export const PATTERNS: readonly Pattern[] = [single];

/** Every op by itself. */
function single(view: GraphView, at: number): Match | undefined {
  const op = view.graph.ops[at];
  const count = view.count(op.output);
  const match = (emit: Match['emit']): Match => ({ ops: [at], at, emit });
  switch (op.kind) {
    case 'add':
    case 'sub':
    case 'mul':
      return match(({ dtype, buffer }) => [
        {
          kernel: elementwise(op.kind, dtype, count),
          operands: [...op.inputs, op.output].map(buffer),
        },
      ]);
    case 'relu':
      return match(({ dtype, buffer }) => [
        { kernel: relu(dtype, count), operands: [...op.inputs, op.output].map(buffer) },
      ]);
    case 'reshape':
      return match(({ dtype, buffer }) => [
        { kernel: copy(dtype, count), operands: [...op.inputs, op.output].map(buffer) },
      ]);
    case 'bias_add':
      return match(({ dtype, buffer }) => [
        {
          kernel: biasAdd(dtype, count, view.count(op.inputs[1])),
          operands: [...op.inputs, op.output].map(buffer),
        },
      ]);
    case 'sgd_update':
      return match(({ dtype, buffer }) => [
        { kernel: sgdUpdate(dtype, count, op.learningRate), operands: op.inputs.map(buffer) },
      ]);
    default:
      return undefined;
  }
}
