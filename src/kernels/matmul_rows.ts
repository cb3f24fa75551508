import type { Kernel, KernelDType } from './kernel.js';
import { type MatmulEpilogue, type MatmulShape, matmulName } from './matmul_spec.js';
import { enables, f32Literal, foldedLaunch, storageBuffers } from './wgsl.js';

/** Up to this many columns a thread keeps the sums of a whole row in registers. */
export const MAX_ROW_COLUMNS = 32;

const THREADS = 64;

/**
 * C = A B for few columns: a workgroup computes a row, its threads share the inner axis. The whole
 * row lies in one workgroup, so softmax can follow at once.
 * Bindings: a, b, bias (where the epilogue has one), c.
 */
export function matmulRows(
  dtype: KernelDType,
  shape: MatmulShape,
  epilogue: MatmulEpilogue,
): Kernel {
  const { m, n, k, transposeA, transposeB } = shape;
  const launch = foldedLaunch(m);
  const columns = Array.from({ length: n }, (_, column) => column);
  const a = transposeA ? `a[p * ${m}u + row]` : `a[row * ${k}u + p]`;
  const b = (column: number): string =>
    transposeB ? `b[${column * k}u + p]` : `b[p * ${n}u + ${column}u]`;
  const finish = {
    none: `c[row * ${n}u + lane] = ${dtype}(sum);`,
    relu: `c[row * ${n}u + lane] = ${dtype}(max(sum, 0.0f));`,
    sgd: `c[row * ${n}u + lane] = ${dtype}(f32(c[row * ${n}u + lane]) - ${f32Literal(epilogue.learningRate ?? 0)} * sum);`,
    softmax: `var largest = results[0];
  for (var j = 1u; j < ${n}u; j++) { largest = max(largest, results[j]); }
  var total = 0.0f;
  for (var j = 0u; j < ${n}u; j++) { total += exp(results[j] - largest); }
  c[row * ${n}u + lane] = ${dtype}(exp(sum - largest) / total);`,
  }[epilogue.finish];
  return {
    name: matmulName('matmul_rows.wgsl', shape, epilogue),
    workgroups: launch.workgroups,
    wgsl: `${enables(dtype)}${storageBuffers([
      { name: 'a', type: dtype, access: 'read' },
      { name: 'b', type: dtype, access: 'read' },
      ...(epilogue.bias ? [{ name: 'bias', type: dtype, access: 'read' } as const] : []),
      { name: 'c', type: dtype, access: 'read_write' },
    ])}
var<workgroup> partials: array<f32, ${THREADS * n}>;
var<workgroup> results: array<f32, ${n}>;

@compute @workgroup_size(${THREADS})
fn main(@builtin(workgroup_id) wg: vec3u, @builtin(local_invocation_index) lane: u32) {
  ${launch.guard}
  let row = ${launch.index};
${columns.map((j) => `  var sum${j} = 0.0f;`).join('\n')}
  for (var p = lane; p < ${k}u; p += ${THREADS}u) {
    let x = f32(${a});
${columns.map((j) => `    sum${j} = fma(x, f32(${b(j)}), sum${j});`).join('\n')}
  }
${columns.map((j) => `  partials[${j * THREADS}u + lane] = sum${j};`).join('\n')}
  workgroupBarrier();
  var sum = 0.0f;
  if (lane < ${n}u) {
    for (var p = 0u; p < ${THREADS}u; p++) { sum += partials[lane * ${THREADS}u + p]; }
    ${epilogue.bias ? 'sum += f32(bias[lane]);' : ''}
    results[lane] = sum;
  }
  workgroupBarrier();
  if (lane >= ${n}u) { return; }
  ${finish}
}
`,
  };
}
