import type { KernelDType, Workgroups } from './kernel.js';

/** Workgroups per dimension that every WebGPU device supports. */
const MAX_WORKGROUPS = 65_535;

/** Storage buffers are padded to this, so that a kernel may always move whole vectors. */
export const BUFFER_ALIGNMENT_BYTES = 16;

/** Threads of one workgroup of a 1-D kernel. */
export const LINEAR_WORKGROUP = 256;

/** A WGSL f32 literal. */
export function f32Literal(value: number): string {
  const text = String(Math.fround(value));
  return /[.e]/.test(text) ? `${text}f` : `${text}.0f`;
}

/** Directives that the source needs before its first declaration. */
export function enables(dtype: KernelDType): string {
  return dtype === 'f16' ? 'enable f16;\n' : '';
}

/** `var<storage>` declarations, bound in order. */
export function storageBuffers(
  buffers: readonly { name: string; type: string; access: 'read' | 'read_write' }[],
): string {
  return buffers
    .map(
      ({ name, type, access }, binding) =>
        `@group(0) @binding(${binding}) var<storage, ${access}> ${name}: array<${type}>;`,
    )
    .join('\n');
}

/**
 * A 1-D launch of `count` workgroups, folded into two dimensions where one is too short for it.
 * `index` is the WGSL expression of the workgroup's number; `guard` ends the workgroups that the fold
 * adds (the whole workgroup returns, so barriers may follow).
 */
export function foldedLaunch(count: number): {
  workgroups: Workgroups;
  index: string;
  guard: string;
} {
  if (count <= MAX_WORKGROUPS) return { workgroups: [count, 1, 1], index: 'wg.x', guard: '' };
  const rows = Math.ceil(count / MAX_WORKGROUPS);
  const columns = Math.ceil(count / rows);
  const index = `(wg.y * ${columns}u + wg.x)`;
  return { workgroups: [columns, rows, 1], index, guard: `if (${index} >= ${count}u) { return; }` };
}

/**
 * A kernel in which each thread handles item `i` of `items`; the body may use `i`.
 * One binding after the other as in `buffers`.
 */
export function linearKernel(spec: {
  dtype: KernelDType;
  items: number;
  buffers: Parameters<typeof storageBuffers>[0];
  body: string;
  declarations?: string;
}): { wgsl: string; workgroups: Workgroups } {
  const launch = foldedLaunch(Math.ceil(spec.items / LINEAR_WORKGROUP));
  const wgsl = `${enables(spec.dtype)}${storageBuffers(spec.buffers)}
${spec.declarations ?? ''}
@compute @workgroup_size(${LINEAR_WORKGROUP})
fn main(@builtin(workgroup_id) wg: vec3u, @builtin(local_invocation_index) lane: u32) {
  let i = ${launch.index} * ${LINEAR_WORKGROUP}u + lane;
  if (i >= ${spec.items}u) { return; }
${spec.body}
}
`;
  return { wgsl, workgroups: launch.workgroups };
}
