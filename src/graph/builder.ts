import { MpsbenchError } from '../errors.js';
import type { DType } from '../result/dtypes.js';
import { conv2dShape, elementCount, formatShape, maxPool2dShape, sameShape } from './shapes.js';
import type {
  Conv2dOp,
  Graph,
  MaxPool2dOp,
  Op,
  Shape,
  Tensor,
  TensorId,
  TensorRole,
} from './types.js';

/**
 * Builds a graph whose tensors all have one dtype. Each op method expects the op's id, infers the
 * output's shape, and returns the output's tensor id (`as` names it; the op's id by default).
 * @throws MpsbenchError `internal` for shapes that do not fit: a workload checks its sizes first.
 */
export class GraphBuilder {
  readonly #name: string;
  readonly #dtype: DType;
  readonly #tensors = new Map<TensorId, Tensor>();
  readonly #ops: Op[] = [];

  constructor(name: string, dtype: DType) {
    this.#name = name;
    this.#dtype = dtype;
  }

  input(id: TensorId, shape: Shape): TensorId {
    return this.#declare(id, shape, 'input');
  }

  weight(id: TensorId, shape: Shape): TensorId {
    return this.#declare(id, shape, 'weight');
  }

  state(id: TensorId, shape: Shape): TensorId {
    return this.#declare(id, shape, 'state');
  }

  elementwise(id: string, kind: 'add' | 'sub' | 'mul', a: TensorId, b: TensorId, as = id) {
    const shape = this.#shape(a);
    this.#require(sameShape(shape, this.#shape(b)), id, 'the operands differ in shape');
    return this.#emit({ id, kind, inputs: [a, b], output: as }, shape);
  }

  matmul(
    id: string,
    a: TensorId,
    b: TensorId,
    { transposeA = false, transposeB = false, as = id } = {},
  ): TensorId {
    const [aRows, aCols] = this.#matrix(id, a);
    const [bRows, bCols] = this.#matrix(id, b);
    const [m, k] = transposeA ? [aCols, aRows] : [aRows, aCols];
    const [k2, n] = transposeB ? [bCols, bRows] : [bRows, bCols];
    this.#require(k === k2, id, 'the inner extents differ');
    const op: Op = { id, kind: 'matmul', inputs: [a, b], output: as, transposeA, transposeB };
    return this.#emit(op, [m, n]);
  }

  biasAdd(id: string, x: TensorId, bias: TensorId, as = id): TensorId {
    const shape = this.#shape(x);
    this.#require(sameShape(this.#shape(bias), shape.slice(-1)), id, 'bias is not the last axis');
    return this.#emit({ id, kind: 'bias_add', inputs: [x, bias], output: as }, shape);
  }

  relu(id: string, x: TensorId, as = id): TensorId {
    return this.#emit({ id, kind: 'relu', inputs: [x], output: as }, this.#shape(x));
  }

  conv2d(
    id: string,
    x: TensorId,
    filters: TensorId,
    geometry: Pick<Conv2dOp, 'strides' | 'padding'>,
    as = id,
  ): TensorId {
    const [xShape, fShape] = [this.#shape(x), this.#shape(filters)];
    this.#require(xShape.length === 4 && fShape.length === 4, id, 'needs NHWC and HWIO tensors');
    this.#require(xShape[3] === fShape[2], id, 'the channels differ');
    return this.#emit(
      { id, kind: 'conv2d', inputs: [x, filters], output: as, ...geometry },
      conv2dShape(xShape, fShape, geometry),
    );
  }

  maxPool2d(
    id: string,
    x: TensorId,
    geometry: Pick<MaxPool2dOp, 'window' | 'strides'>,
    as = id,
  ): TensorId {
    const shape = this.#shape(x);
    this.#require(shape.length === 4, id, 'needs an NHWC tensor');
    const op: Op = { id, kind: 'max_pool2d', inputs: [x], output: as, ...geometry };
    return this.#emit(op, maxPool2dShape(shape, geometry));
  }

  reshape(id: string, x: TensorId, shape: Shape, as = id): TensorId {
    const same = elementCount(shape) === elementCount(this.#shape(x));
    this.#require(same, id, 'the number of elements changes');
    return this.#emit({ id, kind: 'reshape', inputs: [x], output: as }, shape);
  }

  softmax(id: string, x: TensorId, as = id): TensorId {
    return this.#emit({ id, kind: 'softmax', inputs: [x], output: as }, this.#shape(x));
  }

  mseLoss(id: string, prediction: TensorId, target: TensorId, as = id): TensorId {
    this.#require(
      sameShape(this.#shape(prediction), this.#shape(target)),
      id,
      'prediction and target differ in shape',
    );
    return this.#emit({ id, kind: 'mse_loss', inputs: [prediction, target], output: as }, [1]);
  }

  mseGrad(id: string, prediction: TensorId, target: TensorId, as = id): TensorId {
    const shape = this.#shape(prediction);
    this.#require(sameShape(shape, this.#shape(target)), id, 'the operands differ in shape');
    return this.#emit({ id, kind: 'mse_grad', inputs: [prediction, target], output: as }, shape);
  }

  reduceSum(id: string, x: TensorId, as = id): TensorId {
    const [, columns] = this.#matrix(id, x);
    return this.#emit({ id, kind: 'reduce_sum', inputs: [x], output: as }, [columns]);
  }

  /** Updates the state tensor in place; returns its id. */
  sgdUpdate(id: string, parameter: TensorId, gradient: TensorId, learningRate: number): TensorId {
    const state = this.#tensor(parameter);
    this.#require(state.role === 'state', id, 'only a state tensor can be updated');
    this.#require(sameShape(state.shape, this.#shape(gradient)), id, 'the gradient has a shape');
    this.#ops.push({
      id,
      kind: 'sgd_update',
      inputs: [parameter, gradient],
      output: parameter,
      learningRate,
    });
    return parameter;
  }

  build(outputs: readonly TensorId[]): Graph {
    for (const output of outputs) this.#tensor(output);
    return { name: this.#name, tensors: [...this.#tensors.values()], ops: this.#ops, outputs };
  }

  #declare(id: TensorId, shape: Shape, role: TensorRole): TensorId {
    this.#require(!this.#tensors.has(id), id, 'the tensor exists already');
    this.#require(
      shape.every((extent) => Number.isSafeInteger(extent) && extent > 0),
      id,
      `${formatShape(shape)} is not a shape`,
    );
    this.#tensors.set(id, { id, shape, dtype: this.#dtype, role });
    return id;
  }

  #emit(op: Op, shape: Shape): TensorId {
    this.#declare(op.output, shape, 'temp');
    this.#ops.push(op);
    return op.output;
  }

  #tensor(id: TensorId): Tensor {
    const tensor = this.#tensors.get(id);
    if (!tensor) throw new MpsbenchError('internal', `graph ${this.#name}: no tensor ${id}`);
    return tensor;
  }

  #shape(id: TensorId): Shape {
    return this.#tensor(id).shape;
  }

  #matrix(op: string, id: TensorId): readonly [number, number] {
    const shape = this.#shape(id);
    this.#require(shape.length === 2, op, `${id} is not a matrix`);
    return [shape[0], shape[1]];
  }

  #require(condition: boolean, where: string, problem: string): void {
    if (!condition) {
      throw new MpsbenchError('internal', `graph ${this.#name}, ${where}: ${problem}`);
    }
  }
}
