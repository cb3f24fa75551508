import { strict } from '../../graph/precision.js';
import { elementCount } from '../../graph/shapes.js';
import { compareWithReference } from '../../runner/reference-check.js';
import { WORKLOADS } from '../../workloads/registry.js';
import type { Check, Values, Workload } from '../../workloads/types.js';

const SEED = 0;
const DTYPE = 'f32';

/** Values of output tensors, as a framework computed them; null is NaN or infinity. */
export type Outputs = Readonly<
  Record<string, Readonly<Record<string, readonly (number | null)[]>>>
>;

/** The example presets of `bench`, as the scripts read them. */
export function exampleInputs(): Record<string, unknown> {
  return Object.fromEntries(WORKLOADS.map((workload) => [workload.id, inputsOf(workload)]));
}

function inputsOf(workload: Workload) {
  const params = workload.presets.example;
  const shapes = new Map(workload.graph(params, DTYPE).tensors.map(({ id, shape }) => [id, shape]));
  const values = [...workload.values(params, SEED)];
  return {
    params,
    values: Object.fromEntries(values.map(([id, array]) => [id, [...array]])),
    shapes: Object.fromEntries(values.map(([id]) => [id, shapes.get(id)])),
  };
}

/**
 * Compares what a framework computed with the known answers, by the checks and tolerances of
 * `bench`. A workload that it was not asked for is left out.
 * @returns what is wrong, one sentence a workload; empty where all is right
 */
export function findWrongResults(outputs: Outputs): string[] {
  return WORKLOADS.flatMap((workload) => {
    const output = outputs[workload.id];
    if (!output) return [];
    const params = workload.presets.example;
    const misshapen = findMisshapen(workload, output);
    if (misshapen) return [misshapen];
    const after: Values = new Map(
      Object.entries(output).map(([id, values]) => [id, toArray(values)]),
    );
    const before = workload.values(params, SEED);
    const iterations = workload.verification(params, DTYPE).iterations;
    const checks = workload.check(params, strict(DTYPE), before, after, iterations);
    const wrong = checks.find((check) => !isRight(check));
    return wrong ? [describe(workload.id, wrong)] : [];
  });
}

/** What was computed, for people: `prediction for x = 5` and its value. */
export function describeOutputs(outputs: Outputs): Record<string, string> {
  const lines = WORKLOADS.flatMap((workload) => {
    const output = outputs[workload.id];
    if (!output || findMisshapen(workload, output)) return [];
    const after = new Map(Object.entries(output).map(([id, values]) => [id, toArray(values)]));
    return workload.describeOutput(workload.presets.example, after);
  });
  return Object.fromEntries(lines.map(({ label, value }) => [label, value]));
}

/** [[1, 2], [3, 4]] times [[5, 6], [7, 8]], exact in every float format. */
const MATMUL = [19, 22, 43, 50];

/** @returns what is wrong with that product; undefined where it is right */
export function findWrongMatmul(values: readonly (number | null)[]): string | undefined {
  const right = values.length === MATMUL.length && values.every((v, i) => v === MATMUL[i]);
  return right ? undefined : `matmul gives ${format(values)} where ${format(MATMUL)} is right`;
}

const toArray = (values: readonly (number | null)[]) =>
  Float32Array.from(values, (value) => value ?? Number.NaN);

const isRight = (check: Check) => compareWithReference(check).ok;

/** Every output and state has to be there and whole: the checks take that as given. */
function findMisshapen(workload: Workload, output: Outputs[string]): string | undefined {
  const { tensors, outputs } = workload.graph(workload.presets.example, DTYPE);
  for (const { id, shape, role } of tensors) {
    if (role !== 'state' && !outputs.includes(id)) continue;
    const [actual, right] = [output[id]?.length ?? 0, elementCount(shape)];
    if (actual !== right) {
      return `${workload.id} gives ${actual} values of ${id} where ${right} are right`;
    }
  }
  return undefined;
}

function describe(workload: string, check: Check): string {
  const { worst } = compareWithReference(check);
  const [actual, expected] = [worst?.actual ?? 'no number', worst?.expected ?? 'no number'];
  return `${workload} gives ${actual} where ${expected} is right (${check.name})`;
}

const format = (values: readonly (number | null)[]) => `[${values.join(', ')}]`;
