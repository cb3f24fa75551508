import { expect } from 'vitest';
import { nativeBackend } from '../../../src/backends/native/backend.js';
import type { BackendOptions, Device, Executable } from '../../../src/backends/types.js';
import type { Graph, HostArray, Op, Shape, Tensor, TensorRole } from '../../../src/graph/types.js';
import type { DType } from '../../../src/result/dtypes.js';
import { evaluate, type Values } from './formulas.js';
import { rounded, UNIT_ROUNDOFF } from './rounding.js';

export const ENGINES = ['onednn', 'cblas', 'reference'] as const;
export type EngineId = (typeof ENGINES)[number];

export const cpu = nativeBackend('cpu');

export async function openCpu(options: BackendOptions = {}): Promise<Device> {
  const [device] = await cpu.devices(options);
  if (device === undefined) throw new Error('the cpu backend has no device');
  return device;
}

/** The engines of this build; a test of another one is skipped. */
export const builtEngines: readonly string[] = (await openCpu()).info.engines ?? [];

export function tensor(id: string, shape: Shape, role: TensorRole, dtype: DType): Tensor {
  return { id, shape, role, dtype };
}

/** A graph of one op, its inputs named a and b and its output y. */
export function graphOf(
  op: DistributiveOmit<Op, 'id' | 'inputs' | 'output'>,
  inputs: readonly Shape[],
  output: Shape,
  dtype: DType,
  role: TensorRole = 'input',
): Graph {
  const ids = ['a', 'b'].slice(0, inputs.length);
  const isUpdate = op.kind === 'sgd_update';
  return {
    name: op.kind,
    tensors: [
      ...ids.map((id, i) =>
        tensor(
          id,
          inputs[i] ?? [],
          isUpdate && i === 0 ? 'state' : i === 0 ? 'input' : role,
          dtype,
        ),
      ),
      ...(isUpdate ? [] : [tensor('y', output, 'temp', dtype)]),
    ],
    ops: [{ ...op, id: 'op', inputs: ids, output: isUpdate ? 'a' : 'y' } as unknown as Op],
    outputs: isUpdate ? [] : ['y'],
  };
}

type DistributiveOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;

/** Numbers between -1 and 1 that repeat from run to run (mulberry32), rounded to the dtype. */
export function randomValues(tensor: Tensor, seed: number): Values {
  let state = seed + 0x9e3779b9;
  const next = () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 31 - 1;
  };
  const size = tensor.shape.reduce((product, length) => product * length, 1);
  const data = Float64Array.from({ length: size }, () => rounded(next(), tensor.dtype));
  return { shape: tensor.shape, data };
}

/** Fills every tensor that the host writes, on the device and in the returned values. */
export function fill(executable: Executable, graph: Graph): Map<string, Values> {
  const values = new Map<string, Values>();
  for (const [index, each] of graph.tensors.entries()) {
    if (each.role === 'temp') continue;
    const made = randomValues(each, index + 1);
    values.set(each.id, made);
    executable.write(each.id, each.dtype === 'f64' ? made.data : Float32Array.from(made.data));
  }
  return values;
}

/**
 * Runs the graph on the device and compares all outputs and states with the formulas. `roundings`
 * says how many units of rounding, relative to the largest value, the longest chain may add up.
 */
export async function expectSame(
  device: Device,
  graph: Graph,
  { iterations = 1, roundings = 8 } = {},
): Promise<Executable> {
  const executable = await device.compile(graph);
  const expected = fill(executable, graph);
  await executable.run(iterations, 'throughput');
  for (let i = 0; i < iterations; i++) evaluate(graph, expected);
  const states = graph.tensors.filter((each) => each.role === 'state').map((each) => each.id);
  for (const id of [...graph.outputs, ...states]) {
    const dtype = graph.tensors.find((each) => each.id === id)?.dtype ?? 'f32';
    const wanted = expected.get(id)?.data ?? new Float64Array();
    expectClose(await executable.read(id), wanted, relativeError(roundings, dtype), id);
  }
  return executable;
}

/** The formulas add up in float64 too, in another order: they are no better than 1e-13. */
function relativeError(roundings: number, dtype: DType): number {
  return Math.max(roundings * UNIT_ROUNDOFF[dtype], 1e-13);
}

export function expectClose(
  actual: HostArray,
  wanted: Float64Array,
  relative: number,
  id: string,
): void {
  expect(actual.length, id).toBe(wanted.length);
  const largest = wanted.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  for (const [i, value] of wanted.entries()) {
    const error = Math.abs((actual[i] ?? Number.NaN) - value);
    if (!(error <= relative * largest)) {
      expect.fail(`${id}[${i}] is ${actual[i]}, expected ${value} within ${relative * largest}`);
    }
  }
}
