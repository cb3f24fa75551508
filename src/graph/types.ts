import type { DType } from '../result/dtypes.js';

/**
 * The graph: the one thing that workloads produce and backends consume. A workload emits ops, a
 * backend compiles ops; neither knows the other.
 */

/** Row-major (C order). Activations are NHWC and filters HWIO, as in TensorFlow. */
export type Shape = readonly number[];

/** Unique within its graph, and the name of its .npy file: lower case, digits, '_' and '.'. */
export type TensorId = string;
export type OpId = string;

/**
 * - `input`: written by the host before a run; may change between runs.
 * - `weight`: written by the host once; constant, so a backend may repack it when it is written.
 * - `state`: written by the host once, then updated in place by every iteration (only by
 *   `sgd_update`, and no op of the iteration reads it after its update).
 * - `temp`: produced by exactly one op of the iteration; a backend may fuse it away unless it is
 *   one of the graph's `outputs`.
 */
export type TensorRole = 'input' | 'weight' | 'state' | 'temp';

export interface Tensor {
  readonly id: TensorId;
  readonly shape: Shape;
  readonly dtype: DType;
  readonly role: TensorRole;
}

interface OpBase<Kind extends string, Inputs extends readonly TensorId[]> {
  readonly id: OpId;
  readonly kind: Kind;
  readonly inputs: Inputs;
  readonly output: TensorId;
}

type One = readonly [TensorId];
type Two = readonly [TensorId, TensorId];

/** C = A + B, A - B, A * B: element by element, equal shapes. */
export interface ElementwiseOp extends OpBase<'add' | 'sub' | 'mul', Two> {}

/** C[m,n] = op(A)[m,k] op(B)[k,n]; a transposed operand is stored as [k,m] or [n,k]. */
export interface MatmulOp extends OpBase<'matmul', Two> {
  readonly transposeA: boolean;
  readonly transposeB: boolean;
}

/** y[..., c] = x[..., c] + bias[c], over the last axis. */
export interface BiasAddOp extends OpBase<'bias_add', Two> {}

/** y = max(x, 0). */
export interface ReluOp extends OpBase<'relu', One> {}

/**
 * Cross-correlation of x[n,h,w,c] with filters[kh,kw,c,f] to y[n,oh,ow,f].
 * `valid`: oh = floor((h - kh) / stride) + 1. `same`: oh = ceil(h / stride), padded with zeros, the
 * odd row or column of padding at the end, as in TensorFlow.
 */
export interface Conv2dOp extends OpBase<'conv2d', Two> {
  readonly strides: readonly [number, number];
  readonly padding: 'valid' | 'same';
}

/** Maximum over windows of x[n,h,w,c], without padding: oh = floor((h - wh) / stride) + 1. */
export interface MaxPool2dOp extends OpBase<'max_pool2d', One> {
  readonly window: readonly [number, number];
  readonly strides: readonly [number, number];
}

/** The same elements in row-major order under another shape. */
export interface ReshapeOp extends OpBase<'reshape', One> {}

/** exp(x - max) / sum, over the last axis. */
export interface SoftmaxOp extends OpBase<'softmax', One> {}

/** mean((prediction - target)^2) over all elements, of shape [1]. Inputs: prediction, target. */
export interface MseLossOp extends OpBase<'mse_loss', Two> {}

/** d mse_loss / d prediction = 2 (prediction - target) / elements. Inputs: prediction, target. */
export interface MseGradOp extends OpBase<'mse_grad', Two> {}

/** y[c] = sum over r of x[r,c]: the sum over axis 0 of a matrix. */
export interface ReduceSumOp extends OpBase<'reduce_sum', One> {}

/** p <- p - learningRate * g. Inputs: parameter (a state tensor), gradient; output: the parameter. */
export interface SgdUpdateOp extends OpBase<'sgd_update', Two> {
  readonly learningRate: number;
}

export type Op =
  | ElementwiseOp
  | MatmulOp
  | BiasAddOp
  | ReluOp
  | Conv2dOp
  | MaxPool2dOp
  | ReshapeOp
  | SoftmaxOp
  | MseLossOp
  | MseGradOp
  | ReduceSumOp
  | SgdUpdateOp;

export type OpKind = Op['kind'];

/** Ops in execution order. Plain data: it crosses process and native boundaries as it is. */
export interface Graph {
  readonly name: string;
  readonly tensors: readonly Tensor[];
  readonly ops: readonly Op[];
  /** Temps that the host reads after a run. State tensors can always be read. */
  readonly outputs: readonly TensorId[];
}

/** Tensor values on the host, row-major: Float64Array for f64, else Float32Array. */
export type HostArray = Float32Array | Float64Array;
