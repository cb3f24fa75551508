import { afterAll, beforeAll, expect } from 'vitest';
import type { BackendOptions, Device, Executable } from '../../src/backends/types.js';
import { webgpuBackend } from '../../src/backends/webgpu/backend.js';
import { f16BitsToF32, f32ToF16Bits } from '../../src/graph/float16.js';
import type { Graph } from '../../src/graph/types.js';
import type { DType } from '../../src/result/dtypes.js';
import { evaluate, type Values } from './reference.js';

const probe = await webgpuBackend.probe();

/** Why the device tests are skipped here, if they are. */
export const skipReason = probe.state === 'available' ? undefined : probe.reason;

/** The first WebGPU device, opened once a test file. */
export function useDevice(options: BackendOptions = {}): {
  readonly device: Device;
  readonly dtypes: readonly DType[];
} {
  let devices: Device[] = [];
  beforeAll(async () => {
    devices = await webgpuBackend.devices(options);
  });
  afterAll(() => {
    for (const device of devices) device.dispose();
  });
  return {
    get device() {
      return devices[0];
    },
    get dtypes() {
      return devices[0].info.dtypes;
    },
  };
}

/** Values between -1 and 1 that every dtype holds exactly; the same for equal seeds. */
export function gridValues(count: number, seed: number): Float64Array {
  let state = (seed * 2_654_435_761 + 1) >>> 0;
  return Float64Array.from({ length: count }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return ((state >>> 24) - 128) / 128;
  });
}

/** A value for every input, weight and state. */
export function hostValues(graph: Graph): Values {
  return new Map(
    graph.tensors
      .filter(({ role }) => role !== 'temp')
      .map(({ id, shape }, seed) => [
        id,
        gridValues(
          shape.reduce((product, extent) => product * extent, 1),
          seed,
        ),
      ]),
  );
}

/**
 * Runs the graph on the device and in float64, and compares every output and state tensor. The error
 * allowed is that of rounding at the dtype, relative to the largest value of the tensor.
 */
export async function expectMatches(
  device: Device,
  graph: Graph,
  { iterations = 1, ulps = 64 } = {},
): Promise<readonly string[]> {
  const expected = hostValues(graph);
  const executable = await device.compile(graph);
  try {
    writeAll(executable, expected);
    for (let i = 0; i < iterations; i++) evaluate(graph, expected);
    await executable.run(iterations, 'throughput');
    for (const { id, role, dtype } of graph.tensors) {
      if (role !== 'state' && !graph.outputs.includes(id)) continue;
      const actual = await executable.read(id);
      expectClose(actual, expected.get(id) ?? new Float64Array(), dtype, ulps, id);
    }
    const covered = executable.steps.flatMap(({ ops }) => ops).sort();
    expect(covered).toEqual(graph.ops.map(({ id }) => id).sort());
    return executable.steps.map(({ kernel }) => kernel);
  } finally {
    executable.dispose();
  }
}

export function writeAll(executable: Executable, values: Values): void {
  for (const [id, array] of values) executable.write(id, Float32Array.from(array));
}

export function expectClose(
  actual: ArrayLike<number>,
  expected: Float64Array,
  dtype: DType,
  ulps: number,
  name: string,
): void {
  expect(actual.length, name).toBe(expected.length);
  const largest = expected.reduce((max, v) => Math.max(max, Math.abs(v)), 0);
  const tolerance = ulps * largest * (dtype === 'f16' ? 2 ** -11 : 2 ** -24);
  for (let i = 0; i < expected.length; i++) {
    const error = Math.abs(actual[i] - expected[i]);
    if (!(error <= tolerance)) {
      expect.fail(
        `${name}[${i}] is ${actual[i]}, not ${expected[i]} (error ${error}, allowed ${tolerance})`,
      );
    }
  }
}

/** As the device stores it. */
export function roundToF16(values: ArrayLike<number>): Float32Array {
  return f16BitsToF32(f32ToF16Bits(values));
}
