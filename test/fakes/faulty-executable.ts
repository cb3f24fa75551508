import { roundToDtype } from '../../src/graph/rounding.js';
import type { Graph, Op } from '../../src/graph/types.js';
import type { DType } from '../../src/result/dtypes.js';
import { evaluate, InterpretedExecutable } from './interpreter.mjs';

/** What a scripted device does wrong with one op, or with every op. */
export interface Fault {
  /** The op; every op where it is left out. */
  readonly op?: string;
  /** Applied to the values that an op reads. */
  readonly input?: (values: Float64Array) => Float64Array;
  /** Applied to the values that an op writes; `old` is what it wrote the last time. */
  readonly output?: (values: Float64Array, old: Float64Array | undefined) => Float64Array;
  /** Applied to the factors of products. */
  readonly roundFactor?: (value: number) => number;
}

/**
 * A fake device that interprets a graph in float64, rounds the result of each op to the dtype, and is
 * scripted to do one thing wrong.
 */
export class FaultyExecutable extends InterpretedExecutable {
  readonly #old = new Map<string, Float64Array>();
  readonly #dtype: DType;
  readonly #fault: Fault;

  constructor(graph: Graph, dtype: DType, fault: Fault = {}) {
    super(graph);
    this.#dtype = dtype;
    this.#fault = fault;
  }

  override iterate(): void {
    for (const op of this.graph.ops) this.values.set(op.output, this.#run(op));
  }

  #run(op: Op): Float64Array {
    const { op: only, input, output, roundFactor } = this.#fault;
    const isFaulty = only === undefined || only === op.id;
    const read = (id: string) => this.values.get(id) as Float64Array;
    const right = evaluate(
      op,
      (id) => this.shapes.get(id) as readonly number[],
      (id) => (isFaulty && input ? input(read(id)) : read(id)),
      isFaulty ? roundFactor : undefined,
    );
    const written = this.#rounded(isFaulty && output ? output(right, this.#old.get(op.id)) : right);
    this.#old.set(op.id, this.#rounded(right));
    return written;
  }

  #rounded(values: Float64Array): Float64Array {
    if (this.#dtype === 'f64') return values;
    return Float64Array.from(roundToDtype(Float32Array.from(values), this.#dtype));
  }
}

const indexOf = (values: Float64Array, pick: (...values: number[]) => number) =>
  values.indexOf(values.reduce((a, b) => pick(a, b)));

/** The largest value is not there. */
export function dropOne(values: Float64Array): Float64Array {
  const changed = values.slice();
  changed[indexOf(values, Math.max)] = 0;
  return changed;
}

/** The largest and the smallest value stand in each other's place. */
export function swapTwo(values: Float64Array): Float64Array {
  const [high, low] = [indexOf(values, Math.max), indexOf(values, Math.min)];
  const changed = values.slice();
  [changed[high], changed[low]] = [values[low], values[high]];
  return changed;
}
