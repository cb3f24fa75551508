import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { roundToDtype } from '../../dist/graph/rounding.js';
import { plausibility } from '../../dist/measure/plausibility.js';
import { compareWithReference } from '../../dist/runner/reference-check.js';
import { findWorkload } from '../../dist/workloads/registry.js';

export const SEED = 1;

/** @returns the element type of a format: TF32 concerns products only */
export const dtypeOf = (format) => (format === 'tf32' ? 'f32' : format);

const precisionOf = (format) => ({ dtype: dtypeOf(format), tf32: format === 'tf32' });

/** A case with a title and the work of one iteration. */
export function completeCase(one) {
  const workload = findWorkload(one.id);
  const title = `${one.id}: ${workload.describeSizes(one.params)}`;
  return { ...one, title, work: workload.work(one.params, dtypeOf(one.format)) };
}

/** Writes the workload's inputs, weights and states as raw f32 files, for the peers to read. */
export function writeValues({ id, params, format }, folder) {
  mkdirSync(folder, { recursive: true });
  const values = new Map();
  for (const [tensor, made] of findWorkload(id).values(params, SEED)) {
    const rounded = roundToDtype(made, dtypeOf(format));
    const { buffer, byteOffset, byteLength } = rounded;
    writeFileSync(join(folder, `${tensor}.f32`), new Uint8Array(buffer, byteOffset, byteLength));
    values.set(tensor, rounded);
  }
  return values;
}

/**
 * Compares what a peer computed in one iteration with the workload's own float64 reference: the
 * check that our own results go through.
 */
export function checkResults({ id, params, format }, before, folder) {
  const workload = findWorkload(id);
  const graph = workload.graph(params, dtypeOf(format));
  const states = graph.tensors.filter(({ role }) => role === 'state').map((tensor) => tensor.id);
  const after = new Map();
  for (const tensor of [...graph.outputs, ...states]) {
    const { buffer, byteOffset, byteLength } = readFileSync(join(folder, `${tensor}.f32`));
    after.set(tensor, new Float32Array(buffer.slice(byteOffset, byteOffset + byteLength)));
  }
  return workload.check(params, precisionOf(format), before, after, 1).map(compareWithReference);
}

/**
 * Rates of a time, and the share of the device's roofline where its peak is known.
 * @param work what one iteration does; that of the case unless a contender does something else
 */
export function ratesOf(medianNs, work, format, peak) {
  return plausibility({ median: medianNs }, work, format, peak)?.rates;
}
