import { MpsbenchError } from '../../errors.js';
import { elementCount } from '../../graph/shapes.js';
import type { Graph, Op, OpKind, Tensor, TensorId } from '../../graph/types.js';

/** Questions that lowering asks about a graph. Ops are named by their place in the graph. */
export class GraphView {
  readonly graph: Graph;
  readonly #tensors: ReadonlyMap<TensorId, Tensor>;
  readonly #readers = new Map<TensorId, number[]>();

  constructor(graph: Graph) {
    this.graph = graph;
    this.#tensors = new Map(graph.tensors.map((tensor) => [tensor.id, tensor]));
    graph.ops.forEach((op, index) => {
      for (const id of op.inputs) {
        const readers = this.#readers.get(id);
        if (readers) readers.push(index);
        else this.#readers.set(id, [index]);
      }
    });
  }

  tensor(id: TensorId): Tensor {
    const tensor = this.#tensors.get(id);
    if (!tensor) throw new MpsbenchError('internal', `The graph has no tensor ${id}.`);
    return tensor;
  }

  shape(id: TensorId): readonly number[] {
    return this.tensor(id).shape;
  }

  count(id: TensorId): number {
    return elementCount(this.shape(id));
  }

  readers(id: TensorId): readonly number[] {
    return this.#readers.get(id) ?? [];
  }

  isOutput(id: TensorId): boolean {
    return this.graph.outputs.includes(id);
  }

  /** The one op that reads the output of op `index`, if nothing else sees that output. */
  soleReader(index: number): number | undefined {
    const { output } = this.graph.ops[index];
    if (this.tensor(output).role !== 'temp' || this.isOutput(output)) return undefined;
    const readers = this.readers(output);
    return readers.length === 1 ? readers[0] : undefined;
  }

  /** Like soleReader, when that op is of this kind and reads the tensor as input `operand`. */
  next<K extends OpKind>(
    index: number,
    kind: K,
    operand = 0,
  ): { index: number; op: Extract<Op, { kind: K }> } | undefined {
    const reader = this.soleReader(index);
    if (reader === undefined) return undefined;
    const op = this.graph.ops[reader];
    if (op.kind !== kind || op.inputs[operand] !== this.graph.ops[index].output) return undefined;
    return { index: reader, op: op as Extract<Op, { kind: K }> };
  }

  /**
   * Whether the ops may all run at the place of the last one: none of the tensors that they read from
   * outside is updated in place before it.
   */
  canDefer(indices: readonly number[]): boolean {
    const [first, last] = [Math.min(...indices), Math.max(...indices)];
    const reads = new Set(indices.flatMap((index) => this.graph.ops[index].inputs));
    return this.graph.ops
      .slice(first + 1, last)
      .every((op, offset) => indices.includes(first + 1 + offset) || !reads.has(op.output));
  }
}
