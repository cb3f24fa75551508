import type { Kernel, KernelDType } from './kernel.js';
import { enables, f32Literal, foldedLaunch, storageBuffers } from './wgsl.js';

const COLUMNS = 32;
const LANES = 8;
const ROWS_PER_CHUNK = 128;

/** Pieces into which the rows are cut; each gives one row of partial sums. */
export function reductionChunks(rows: number): number {
  return Math.min(1024, Math.ceil(rows / ROWS_PER_CHUNK));
}

/**
 * First stage of the sum over axis 0 of x[rows, columns]: one row of f32 partial sums a chunk, always
 * added up in the same order. Bindings: x, partials[chunks, columns].
 */
export function partialColumnSums(dtype: KernelDType, rows: number, columns: number): Kernel {
  const chunks = reductionChunks(rows);
  const chunkRows = Math.ceil(rows / chunks);
  const groups = Math.ceil(columns / COLUMNS);
  const launch = foldedLaunch(groups * chunks);
  return {
    name: 'reduce_sum.wgsl',
    workgroups: launch.workgroups,
    wgsl: `${enables(dtype)}${storageBuffers([
      { name: 'x', type: dtype, access: 'read' },
      { name: 'partials', type: 'f32', access: 'read_write' },
    ])}
var<workgroup> sums: array<f32, ${COLUMNS * LANES}>;

@compute @workgroup_size(${COLUMNS}, ${LANES})
fn main(@builtin(workgroup_id) wg: vec3u, @builtin(local_invocation_id) thread: vec3u) {
  ${launch.guard}
  let group = ${launch.index};
  let chunk = group / ${groups}u;
  let column = (group % ${groups}u) * ${COLUMNS}u + thread.x;
  var sum = 0.0f;
  if (column < ${columns}u) {
    let last = min((chunk + 1u) * ${chunkRows}u, ${rows}u);
    for (var row = chunk * ${chunkRows}u + thread.y; row < last; row += ${LANES}u) {
      sum += f32(x[row * ${columns}u + column]);
    }
  }
  sums[thread.y * ${COLUMNS}u + thread.x] = sum;
  workgroupBarrier();
  if (thread.y == 0u && column < ${columns}u) {
    for (var lane = 1u; lane < ${LANES}u; lane++) { sum += sums[lane * ${COLUMNS}u + thread.x]; }
    partials[chunk * ${columns}u + column] = sum;
  }
}
`,
  };
}

/**
 * Second stage: adds the chunks. Bindings: partials[chunks, columns], y[columns].
 * With `sgdLearningRate`, y is a parameter and the sum its gradient: y <- y - learningRate * sum.
 */
export function finishColumnSums(
  dtype: KernelDType,
  chunks: number,
  columns: number,
  sgdLearningRate?: number,
): Kernel {
  const launch = foldedLaunch(Math.ceil(columns / 64));
  const result =
    sgdLearningRate === undefined
      ? `${dtype}(sum)`
      : `${dtype}(f32(y[column]) - ${f32Literal(sgdLearningRate)} * sum)`;
  return {
    name: `reduce_sum.wgsl finish${sgdLearningRate === undefined ? '' : ' + sgd_update'}`,
    workgroups: launch.workgroups,
    wgsl: `${enables(dtype)}${storageBuffers([
      { name: 'partials', type: 'f32', access: 'read' },
      { name: 'y', type: dtype, access: 'read_write' },
    ])}
@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) wg: vec3u, @builtin(local_invocation_index) lane: u32) {
  let column = ${launch.index} * 64u + lane;
  if (column >= ${columns}u) { return; }
  var sum = 0.0f;
  for (var chunk = 0u; chunk < ${chunks}u; chunk++) { sum += partials[chunk * ${columns}u + column]; }
  y[column] = ${result};
}
`,
  };
}
