import type { Kernel, KernelDType } from './kernel.js';
import { workgroupReduction } from './reduction.js';
import { enables, f32Literal, LINEAR_WORKGROUP, linearKernel, storageBuffers } from './wgsl.js';

const MAX_WORKGROUPS = 1024;

/** Partial sums that the first stage leaves for `count` elements. */
export function msePartials(count: number): number {
  return Math.min(MAX_WORKGROUPS, Math.ceil(count / 4 / LINEAR_WORKGROUP));
}

/**
 * First stage of the mean squared error: sums of (prediction - target)^2, one per workgroup; with
 * `gradient` also 2 (prediction - target) / count in the same pass.
 * Bindings: prediction, target, partials, and gradient where asked for.
 */
export function mseSums(dtype: KernelDType, count: number, gradient: boolean): Kernel {
  const type = `vec4<${dtype}>`;
  const groups = msePartials(count);
  const vectors = Math.ceil(count / 4);
  const masked =
    count % 4 === 0
      ? ''
      : `d = select(vec4f(), d, i * 4u + vec4u(0u, 1u, 2u, 3u) < vec4u(${count}u));`;
  return {
    name: `mse.wgsl loss${gradient ? ' + gradient' : ''}`,
    workgroups: [groups, 1, 1],
    wgsl: `${enables(dtype)}${storageBuffers([
      { name: 'prediction', type, access: 'read' },
      { name: 'expected', type, access: 'read' },
      { name: 'partials', type: 'f32', access: 'read_write' },
      ...(gradient ? [{ name: 'gradient', type, access: 'read_write' } as const] : []),
    ])}
${workgroupReduction(LINEAR_WORKGROUP)}
@compute @workgroup_size(${LINEAR_WORKGROUP})
fn main(@builtin(workgroup_id) wg: vec3u, @builtin(local_invocation_index) lane: u32) {
  var sum = 0.0f;
  for (var i = wg.x * ${LINEAR_WORKGROUP}u + lane; i < ${vectors}u; i += ${groups * LINEAR_WORKGROUP}u) {
    var d = vec4f(prediction[i]) - vec4f(expected[i]);
    ${gradient ? `gradient[i] = ${type}(${f32Literal(2 / count)} * d);` : ''}
    ${masked}
    sum += dot(d, d);
  }
  let total = workgroupSum(sum, lane);
  if (lane == 0u) { partials[wg.x] = total; }
}
`,
  };
}

/** Second stage: loss[0] = sum of the partials / count. Bindings: partials, loss. */
export function mseFinish(dtype: KernelDType, count: number): Kernel {
  const partials = msePartials(count);
  return {
    name: 'mse.wgsl finish',
    workgroups: [1, 1, 1],
    wgsl: `${enables(dtype)}${storageBuffers([
      { name: 'partials', type: 'f32', access: 'read' },
      { name: 'loss', type: dtype, access: 'read_write' },
    ])}
${workgroupReduction(LINEAR_WORKGROUP)}
@compute @workgroup_size(${LINEAR_WORKGROUP})
fn main(@builtin(local_invocation_index) lane: u32) {
  var sum = 0.0f;
  for (var i = lane; i < ${partials}u; i += ${LINEAR_WORKGROUP}u) { sum += partials[i]; }
  let total = workgroupSum(sum, lane);
  if (lane == 0u) { loss[0] = ${dtype}(total / ${f32Literal(count)}); }
}
`,
  };
}

/** gradient = 2 (prediction - target) / count. Bindings: prediction, target, gradient. */
export function mseGrad(dtype: KernelDType, count: number): Kernel {
  const type = `vec4<${dtype}>`;
  return {
    name: 'mse.wgsl gradient',
    ...linearKernel({
      dtype,
      items: Math.ceil(count / 4),
      buffers: [
        { name: 'prediction', type, access: 'read' },
        { name: 'expected', type, access: 'read' },
        { name: 'gradient', type, access: 'read_write' },
      ],
      body: `  gradient[i] = ${type}(${f32Literal(2 / count)} * (vec4f(prediction[i]) - vec4f(expected[i])));`,
    }),
  };
}
