import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { testPython } from '../../scripts/setup/test-pythons.mjs';
import type { Executable } from '../../src/backends/types.js';
import { GraphBuilder } from '../../src/graph/builder.js';
import { strict } from '../../src/graph/precision.js';
import type { Graph, HostArray, TensorId } from '../../src/graph/types.js';
import type { DType } from '../../src/result/dtypes.js';
import type { RunMode, Sample } from '../../src/result/schema.js';
import { type VerifiedProblem, verifyRun } from '../../src/runner/verified-run.js';
import { findWorkload } from '../../src/workloads/registry.js';
import type { Params } from '../../src/workloads/types.js';
import { expectClose, hostValues } from '../device/harness.js';
import { OP_CASES } from '../device/op-cases.js';
import { evaluate } from '../device/reference.js';
import { DriverProcess } from './driver-process.js';

export interface DriverUnderTest {
  readonly framework: 'tensorflow' | 'pytorch' | 'jax' | 'mlx' | 'onnxruntime';
  /** Those that must be there; each runs every workload. */
  readonly modes: readonly string[];
  readonly dtypes: readonly DType[];
  /** Workloads that the framework itself gets wrong in a dtype, with why. */
  readonly wrong?: readonly { workload: string; dtype: DType; why: string }[];
}

/** Each preset that is small enough, and an odd size. */
const SIZES: [string, string, Params][] = [
  ['add', 'example', {}],
  ['add', 'example', { shape: [3, 257] }],
  ['linear', 'example', {}],
  ['linear', 'small', { rows: 100, features: 70, units: 36 }],
  ['cnn', 'example', {}],
  ['cnn', 'small', { batch: 5, image: 11, filters: 6 }],
];

/** What every driver does on the CPU, in a real interpreter with the real framework. */
export function describeDriver({ framework, modes, dtypes, wrong = [] }: DriverUnderTest): void {
  const { python, reason } = testPython(framework);

  describe.skipIf(!python)(`${framework}${python ? '' : ` (${reason})`}`, () => {
    let driver: DriverProcess;

    beforeAll(async () => {
      driver = new DriverProcess(python ?? '', framework);
      await driver.get('describe', { threads: 1 });
      await driver.open('cpu');
    }, 300_000);
    afterAll(() => driver?.end());

    it('describes itself', async () => {
      const about = await driver.get('describe');
      expect(about).toMatchObject({
        framework,
        version: expect.stringMatching(/^\d+\.\d+/),
        python: expect.stringMatching(/^3\.\d+\.\d+/),
      });
      expect(about.importNs).toBeGreaterThan(1e6);
      const cpu = about.devices.find(({ kind }: { kind: string }) => kind === 'cpu');
      expect(cpu).toMatchObject({ index: 0, isGpu: false });
      expect(cpu.modes).toEqual(expect.arrayContaining([...modes]));
      expect(cpu.dtypes).toEqual(expect.arrayContaining([...dtypes]));
    });

    describe.each(modes)('mode %s', (mode) => {
      it.each(SIZES)(
        '%s, %s %j: right after its first and after many iterations',
        async (...size) => {
          await verify(driver, ...size, mode, 'f32');
        },
        120_000,
      );
    });

    const SMALL: [string, Params][] = [
      ['add', { shape: [2, 9] }],
      ['linear', { rows: 64, features: 33, units: 9 }],
      ['cnn', { batch: 3, image: 11, filters: 4 }],
    ];
    it.each(SMALL)(
      '%s in every dtype that it says it has',
      async (id, params) => {
        const { devices } = await driver.get('describe');
        const cpu = devices.find(({ kind }: { kind: string }) => kind === 'cpu');
        for (const dtype of cpu.dtypes) {
          const verified = verify(driver, id, 'small', params, modes[0], dtype);
          const known = wrong.find((one) => one.workload === id && one.dtype === dtype);
          if (known) await expect(verified, known.why).rejects.toThrow('deeply equal');
          else await verified;
        }
      },
      120_000,
    );

    it.each(OP_CASES)('%s', async (_, graph) => {
      await expectOpMatches(driver, graph('f32'), modes[0]);
    });

    it.each(modes)(
      'says where each op ran, and how long each step takes, in mode %s',
      async (mode) => {
        const sizes = { batch: 4, image: 12, filters: 3 };
        const { graph, built } = await prepare(driver, 'cnn', 'small', sizes, mode, 'f32');
        const trace = await driver.get('trace');
        const traced = trace.ops.map(({ op }: { op: string }) => op);
        expect(traced).toEqual(graph.ops.map(({ id }) => id));
        for (const { placed, evidence, kernel } of trace.ops) {
          expect(placed).toBe('cpu');
          expect(evidence).toMatch(/^(observed_per_op|observed_per_run|reported)$/);
          expect(kernel).toMatch(/\w/);
        }
        const times = await driver.get('profile', { iterations: 3 });
        const steps = times.map(({ ops, kernel }: { ops: string[]; kernel: string }) => ({
          ops,
          kernel,
        }));
        expect(steps).toEqual(built.steps);
        const total = times.reduce(
          (sum: number, { wallNs }: { wallNs: number }) => sum + wallNs,
          0,
        );
        expect(total).toBeGreaterThan(0);
      },
      120_000,
    );

    it('NaN and infinity go in and come out', async () => {
      const { graph } = await prepare(driver, 'add', 'example', { shape: [3] }, modes[0], 'f32');
      await driver.write('a', new Float32Array([Number.NaN, Number.POSITIVE_INFINITY, 1]));
      await driver.write('b', new Float32Array([1, Number.NEGATIVE_INFINITY, 2]));
      await driver.get('run', { iterations: 1, mode: 'latency' });
      expect([...(await driver.read(graph, 'c'))]).toEqual([Number.NaN, Number.NaN, 3]);
    });

    it('refuses what it cannot do, and continues', async () => {
      const g = new GraphBuilder('add', 'f32');
      const shape = [2 ** 46];
      const huge = g.build([g.elementwise('op', 'add', g.input('a', shape), g.input('b', shape))]);
      const request = { graph: huge, mode: modes[0], folder: driver.folder };
      const { code } = await driver.fail('build', request);
      expect(['out_of_memory', 'unsupported']).toContain(code);
      for (const [kind, index] of [
        ['tpu', 0],
        ['cpu', 9],
      ]) {
        const { code } = await driver.fail('open', { device: { kind, index } });
        expect(['unavailable', 'unsupported']).toContain(code);
      }
      await driver.open('cpu');
      await verify(driver, 'add', 'example', {}, modes[0], 'f32');
    });

    it.each(modes)('neither tracing nor profiling changes a state in mode %s', async (mode) => {
      const sizes = { rows: 8, features: 5, units: 3 };
      const { graph } = await prepare(driver, 'linear', 'small', sizes, mode, 'f32');
      await driver.get('run', { iterations: 3, mode: 'latency' });
      const before = await driver.read(graph, 'weights');
      const output = await driver.read(graph, graph.outputs[0]);
      await driver.get('trace');
      await driver.get('profile', { iterations: 2 });
      expect(await driver.read(graph, 'weights')).toEqual(before);
      expect(await driver.read(graph, graph.outputs[0])).toEqual(output);
      await driver.get('run', { iterations: 1, mode: 'latency' });
      expect(await driver.read(graph, 'weights')).not.toEqual(before);
    });

    it('times iterations: more take longer', async () => {
      await prepare(driver, 'add', 'example', { shape: [64] }, modes[0], 'f32');
      for (const mode of ['latency', 'throughput']) {
        await driver.get('run', { iterations: 3, mode });
        // The least of several: other processes may have the processor for a while.
        const few: number[] = [];
        for (let i = 0; i < 10; i++) {
          few.push((await driver.get('run', { iterations: 2, mode })).wallNs);
        }
        const many = await driver.get('run', { iterations: 500, mode });
        expect(Math.min(...few)).toBeGreaterThan(0);
        expect(many.wallNs).toBeGreaterThan(10 * Math.min(...few));
      }
    });
  });
}

/** Builds a workload and writes its values. */
async function prepare(
  driver: DriverProcess,
  id: string,
  preset: string,
  changed: Params,
  mode: string,
  dtype: DType,
) {
  const problem = problemOf(id, preset, changed, dtype);
  const { workload, params, graph } = problem;
  const built = await build(driver, graph, mode);
  for (const [tensor, values] of workload.values(params, 1)) await driver.write(tensor, values);
  return { graph, built };
}

function problemOf(id: string, preset: string, changed: Params, dtype: DType): VerifiedProblem {
  const workload = findWorkload(id);
  if (!workload) throw new Error(`no workload ${id}`);
  const params = { ...workload.presets[preset as 'example'], ...changed };
  const graph = workload.graph(params, dtype);
  return { workload, params, graph, precision: strict(dtype), seed: 1 };
}

async function build(driver: DriverProcess, graph: Graph, mode: string) {
  const built = await driver.build(graph, mode);
  const covered = built.steps.flatMap(({ ops }: { ops: string[] }) => ops);
  expect(covered.sort()).toEqual(graph.ops.map((op) => op.id).sort());
  return built;
}

/** The workload's own verification, as `bench` does it. */
export async function verify(
  driver: DriverProcess,
  id: string,
  preset: string,
  changed: Params,
  mode: string,
  dtype: DType,
): Promise<void> {
  const problem = problemOf(id, preset, changed, dtype);
  await build(driver, problem.graph, mode);
  const { checks } = await verifyRun(problem, new DriverExecutable(driver, problem.graph));
  expect(checks.filter(({ ok }) => !ok)).toEqual([]);
}

/** A program of a driver, as far as verification needs it. */
class DriverExecutable implements Executable {
  readonly #driver: DriverProcess;
  readonly #graph: Graph;
  readonly #writes: Promise<void>[] = [];
  readonly steps = [];
  readonly deviceBytes = 0;

  constructor(driver: DriverProcess, graph: Graph) {
    this.#driver = driver;
    this.#graph = graph;
  }

  write(tensor: TensorId, values: HostArray): void {
    this.#writes.push(this.#driver.write(tensor, values));
  }

  async run(iterations: number, mode: RunMode): Promise<Sample> {
    await Promise.all(this.#writes.splice(0));
    return { iterations, ...(await this.#driver.get('run', { iterations, mode })) };
  }

  read(tensor: TensorId): Promise<HostArray> {
    return this.#driver.read(this.#graph, tensor);
  }

  profile(): never {
    throw new Error('is not part of verification');
  }

  dispose(): void {}
}

/** Two iterations of a graph against float64. */
async function expectOpMatches(driver: DriverProcess, graph: Graph, mode: string): Promise<void> {
  const expected = hostValues(graph);
  await driver.build(graph, mode);
  for (const [tensor, values] of expected) await driver.write(tensor, Float32Array.from(values));
  for (let i = 0; i < 2; i++) evaluate(graph, expected);
  await driver.get('run', { iterations: 2, mode: 'throughput' });
  for (const { id, role, dtype } of graph.tensors) {
    if (role !== 'state' && !graph.outputs.includes(id)) continue;
    const actual = await driver.read(graph, id);
    expectClose(actual, expected.get(id) ?? new Float64Array(), dtype, 64, id);
  }
}
