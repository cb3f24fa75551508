import type { MatmulOp, TensorId } from '../../graph/types.js';
import { matmul } from '../../kernels/matmul.js';
import { MAX_ROW_COLUMNS, matmulRows } from '../../kernels/matmul_rows.js';
import { type MatmulEpilogue, type MatmulShape, PLAIN } from '../../kernels/matmul_spec.js';
import type { GraphView } from './graph-view.js';
import type { Dispatch } from './lowered.js';
import type { Emitter, Match, Pattern } from './pattern.js';

/**
 * matmul + bias_add (+ relu or, for few columns, softmax); or matmul + sgd_update, where the product
 * is the gradient of a parameter that the matmul itself does not read.
 */
export function matmulChain(...[view, index]: Parameters<Pattern>): Match | undefined {
  const op = view.graph.ops[index];
  if (op.kind !== 'matmul') return undefined;
  const chain = findChain(view, index, op);
  if (!chain || !view.canDefer(chain.ops)) return undefined;
  const { ops, output, bias, epilogue } = chain;
  return {
    ops,
    at: Math.max(...ops),
    emit: (emitter) => [matmulDispatch(view, emitter, op, output, epilogue, bias)],
  };
}

interface Chain {
  readonly ops: readonly number[];
  readonly output: TensorId;
  readonly epilogue: MatmulEpilogue;
  readonly bias?: TensorId;
}

function findChain(view: GraphView, index: number, op: MatmulOp): Chain | undefined {
  const update = view.next(index, 'sgd_update', 1);
  if (update) {
    if (op.inputs.includes(update.op.output)) return undefined;
    return {
      ops: [index, update.index],
      output: update.op.output,
      epilogue: { bias: false, finish: 'sgd', learningRate: update.op.learningRate },
    };
  }
  const bias = view.next(index, 'bias_add');
  const last = bias?.index ?? index;
  const columns = view.shape(op.output)[1];
  const relu = view.next(last, 'relu');
  const softmax = columns <= MAX_ROW_COLUMNS ? view.next(last, 'softmax') : undefined;
  const end = relu ?? softmax;
  const links = [bias, end].filter((link) => link !== undefined);
  if (links.length === 0) return undefined;
  const output = links[links.length - 1].op.output;
  const finish = relu ? 'relu' : softmax ? 'softmax' : 'none';
  return {
    ops: [index, ...links.map((link) => link.index)],
    output,
    bias: bias?.op.inputs[1],
    epilogue: { bias: bias !== undefined, finish },
  };
}

/** One matmul; `output` is the result of the last op of the epilogue. */
export function matmulDispatch(
  view: GraphView,
  { dtype, buffer }: Emitter,
  { inputs, output: product, transposeA, transposeB }: MatmulOp,
  output: TensorId = product,
  epilogue: MatmulEpilogue = PLAIN,
  bias?: TensorId,
): Dispatch {
  const [m, n] = view.shape(product);
  const k = view.shape(inputs[0])[transposeA ? 0 : 1];
  const shape: MatmulShape = { m, n, k, transposeA, transposeB };
  const kernel =
    n <= MAX_ROW_COLUMNS ? matmulRows(dtype, shape, epilogue) : matmul(dtype, shape, epilogue);
  return { kernel, operands: [...inputs, ...(bias ? [bias] : []), output].map(buffer) };
}
