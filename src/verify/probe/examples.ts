import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { strict } from '../../graph/precision.js';
import { elementCount } from '../../graph/shapes.js';
import { compareWithReference } from '../../runner/reference-check.js';
import { WORKLOADS } from '../../workloads/registry.js';
import type { Check, Values, Workload } from '../../workloads/types.js';

const SEED = 0;
/** The element type of the examples. */
export const EXAMPLE_DTYPE = 'f32';

/** Values of output tensors, as a framework computed them; null is NaN or infinity. */
export type Outputs = Readonly<
  Record<string, Readonly<Record<string, readonly (number | null)[]>>>
>;

/**
 * Writes the example presets of `bench` for the probe: each tensor as a raw file, and what to run.
 * @returns the path of the file that names them
 */
export async function writeExamples(folder: string): Promise<string> {
  const examples: Record<string, object> = {};
  for (const workload of WORKLOADS) {
    const params = workload.presets.example;
    const files: Record<string, string> = {};
    for (const [id, { buffer, byteOffset, byteLength }] of workload.values(params, SEED)) {
      files[id] = join(folder, `${workload.id}.${id}.raw`);
      await writeFile(files[id], new Uint8Array(buffer, byteOffset, byteLength));
    }
    const { iterations } = workload.verification(params, EXAMPLE_DTYPE);
    examples[workload.id] = { graph: workload.graph(params, EXAMPLE_DTYPE), iterations, files };
  }
  const path = join(folder, 'examples.json');
  await writeFile(path, JSON.stringify(examples));
  return path;
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
    const iterations = workload.verification(params, EXAMPLE_DTYPE).iterations;
    const checks = workload.check(params, strict(EXAMPLE_DTYPE), before, after, iterations);
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

const toArray = (values: readonly (number | null)[]) =>
  Float32Array.from(values, (value) => value ?? Number.NaN);

const isRight = (check: Check) => compareWithReference(check).ok;

/** Every output and state has to be there and whole: the checks take that as given. */
function findMisshapen(workload: Workload, output: Outputs[string]): string | undefined {
  const { tensors, outputs } = workload.graph(workload.presets.example, EXAMPLE_DTYPE);
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
