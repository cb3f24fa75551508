import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { compareWithReference } from '../../dist/runner/verify.js';
import { findWorkload } from '../../dist/workloads/registry.js';

export const DTYPE = 'f32';
export const SEED = 1;

/** A case with the parameters of its workload and a title. */
export function completeCase({ id, preset, sizes }) {
  const workload = findWorkload(id);
  const params = { ...workload.presets[preset], ...sizes };
  return { id, params, title: `${id}: ${workload.describeSizes(params)}` };
}

/** Writes the workload's inputs, weights and states as raw f32 files, for the peers to read. */
export function writeValues({ id, params }, folder) {
  mkdirSync(folder, { recursive: true });
  const values = findWorkload(id).values(params, SEED);
  for (const [tensor, { buffer, byteOffset, byteLength }] of values) {
    writeFileSync(join(folder, `${tensor}.f32`), new Uint8Array(buffer, byteOffset, byteLength));
  }
  return values;
}

/**
 * Compares what a peer computed in one iteration with the workload's own float64 reference: the
 * check that our own results go through.
 */
export function checkResults({ id, params }, before, folder) {
  const workload = findWorkload(id);
  const graph = workload.graph(params, DTYPE);
  const states = graph.tensors.filter(({ role }) => role === 'state').map((tensor) => tensor.id);
  const after = new Map();
  for (const tensor of [...graph.outputs, ...states]) {
    const { buffer, byteOffset, byteLength } = readFileSync(join(folder, `${tensor}.f32`));
    after.set(tensor, new Float32Array(buffer.slice(byteOffset, byteOffset + byteLength)));
  }
  return workload.check(params, DTYPE, before, after, 1).map(compareWithReference);
}
