import type { Kernel, KernelDType } from './kernel.js';
import { workgroupReduction } from './reduction.js';
import { enables, foldedLaunch, LINEAR_WORKGROUP, linearKernel, storageBuffers } from './wgsl.js';

/** Rows up to this long are read by one thread, longer ones by a workgroup. */
const SHORT_ROW = 32;

/** y = exp(x - max) / sum over the last axis of x[rows, columns]. Bindings: x, y. */
export function softmax(dtype: KernelDType, rows: number, columns: number): Kernel {
  return columns <= SHORT_ROW ? byThread(dtype, rows, columns) : byWorkgroup(dtype, rows, columns);
}

function buffers(dtype: KernelDType): Parameters<typeof storageBuffers>[0] {
  return [
    { name: 'x', type: dtype, access: 'read' },
    { name: 'y', type: dtype, access: 'read_write' },
  ];
}

function byThread(dtype: KernelDType, rows: number, columns: number): Kernel {
  return {
    name: 'softmax.wgsl short rows',
    ...linearKernel({
      dtype,
      items: rows,
      buffers: buffers(dtype),
      body: `  let first = i * ${columns}u;
  var values: array<f32, ${columns}>;
  var largest = f32(x[first]);
  for (var c = 0u; c < ${columns}u; c++) {
    values[c] = f32(x[first + c]);
    largest = max(largest, values[c]);
  }
  var sum = 0.0f;
  for (var c = 0u; c < ${columns}u; c++) {
    values[c] = exp(values[c] - largest);
    sum += values[c];
  }
  for (var c = 0u; c < ${columns}u; c++) { y[first + c] = ${dtype}(values[c] / sum); }`,
    }),
  };
}

function byWorkgroup(dtype: KernelDType, rows: number, columns: number): Kernel {
  const launch = foldedLaunch(rows);
  return {
    name: 'softmax.wgsl long rows',
    workgroups: launch.workgroups,
    wgsl: `${enables(dtype)}${storageBuffers(buffers(dtype))}
${workgroupReduction(LINEAR_WORKGROUP, 'sum')}
${workgroupReduction(LINEAR_WORKGROUP, 'max')}
@compute @workgroup_size(${LINEAR_WORKGROUP})
fn main(@builtin(workgroup_id) wg: vec3u, @builtin(local_invocation_index) lane: u32) {
  ${launch.guard}
  let first = ${launch.index} * ${columns}u;
  var largest = f32(x[first]);
  for (var c = lane; c < ${columns}u; c += ${LINEAR_WORKGROUP}u) { largest = max(largest, f32(x[first + c])); }
  largest = workgroupMax(largest, lane);
  var sum = 0.0f;
  for (var c = lane; c < ${columns}u; c += ${LINEAR_WORKGROUP}u) { sum += exp(f32(x[first + c]) - largest); }
  sum = workgroupSum(sum, lane);
  for (var c = lane; c < ${columns}u; c += ${LINEAR_WORKGROUP}u) {
    y[first + c] = ${dtype}(exp(f32(x[first + c]) - largest) / sum);
  }
}
`,
  };
}
