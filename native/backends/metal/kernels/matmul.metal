#include "prelude.h"

// y = a b on simdgroup matrices. A threadgroup computes a square of TILE results with GRID * GRID simdgroups, each of
// which keeps (TILE / GRID)^2 of them in 8x8 accumulators; strips of DEPTH along the inner dimension go through
// threadgroup memory, zero where they leave the operands. Sums are f32, and each result is rounded once.
//
// Macros: TYPE, FACTOR (float, or half where TYPE is: what the strips keep), TRANSPOSE_A (1: a is [inner, rows]),
// TRANSPOSE_B (1: b is [columns, inner]), TILE, GRID, DEPTH (a multiple of 8), EPILOGUE:
//   0  y = a b
//   1  y = a b + bias, one value for each column
//   2  y = bias - rate * a b, where `bias` is a matrix like y
// Threadgroup memory: two strips of TILE * DEPTH factors, and 64 floats for each simdgroup.

#define THREADS (GRID * GRID * 32)
#define SIDE (TILE / GRID / 8)

/** a[row, k], zero outside. */
inline float left_at(device const TYPE* a, uint row, uint k, uint rows, uint inner) {
  if (row >= rows || k >= inner) return 0.0f;
#if TRANSPOSE_A
  return load(a[ulong(k) * rows + row]);
#else
  return load(a[ulong(row) * inner + k]);
#endif
}

/** b[k, column], zero outside. */
inline float right_at(device const TYPE* b, uint k, uint column, uint inner, uint columns) {
  if (column >= columns || k >= inner) return 0.0f;
#if TRANSPOSE_B
  return load(b[ulong(column) * inner + k]);
#else
  return load(b[ulong(k) * columns + column]);
#endif
}

/** @param sizes rows, columns, inner dimension, and the row of threadgroups that the dispatch begins with */
[[max_total_threads_per_threadgroup(THREADS)]] kernel void matmul(
    device const TYPE* a [[buffer(0)]], device const TYPE* b [[buffer(1)]],
    device const TYPE* bias [[buffer(2)]], device TYPE* y [[buffer(3)]],
    constant uint4& sizes [[buffer(4)]], constant float& rate [[buffer(5)]],
    threadgroup FACTOR* lefts [[threadgroup(0)]], threadgroup FACTOR* rights [[threadgroup(1)]],
    threadgroup float* results [[threadgroup(2)]], uint3 group [[threadgroup_position_in_grid]],
    uint index [[thread_index_in_threadgroup]], uint lane [[thread_index_in_simdgroup]],
    uint simdgroup [[simdgroup_index_in_threadgroup]]) {
  const uint rows = sizes.x;
  const uint columns = sizes.y;
  const uint inner = sizes.z;
  const uint first_row = (group.y + sizes.w) * TILE;
  const uint first_column = group.x * TILE;
  const uint own_row = simdgroup / GRID * (SIDE * 8);
  const uint own_column = simdgroup % GRID * (SIDE * 8);

  simdgroup_float8x8 sums[SIDE][SIDE];
#pragma unroll
  for (int i = 0; i < SIDE; ++i) {
#pragma unroll
    for (int j = 0; j < SIDE; ++j) sums[i][j] = make_filled_simdgroup_matrix<float, 8, 8>(0.0f);
  }
  for (uint k = 0; k < inner; k += DEPTH) {
    for (uint i = index; i < TILE * DEPTH; i += THREADS) {
      // Neighbouring threads read neighbouring values, however the operand is stored.
#if TRANSPOSE_A
      const uint row = i % TILE;
      const uint a_depth = i / TILE;
#else
      const uint row = i / DEPTH;
      const uint a_depth = i % DEPTH;
#endif
      lefts[row * DEPTH + a_depth] =
          FACTOR(left_at(a, first_row + row, k + a_depth, rows, inner));
#if TRANSPOSE_B
      const uint column = i / DEPTH;
      const uint b_depth = i % DEPTH;
#else
      const uint column = i % TILE;
      const uint b_depth = i / TILE;
#endif
      rights[b_depth * TILE + column] =
          FACTOR(right_at(b, k + b_depth, first_column + column, inner, columns));
    }
    threadgroup_barrier(mem_flags::mem_threadgroup);
#pragma unroll
    for (int depth = 0; depth < DEPTH; depth += 8) {
      simdgroup_matrix<FACTOR, 8, 8> left[SIDE], right[SIDE];
#pragma unroll
      for (int i = 0; i < SIDE; ++i) {
        simdgroup_load(left[i], lefts + (own_row + i * 8) * DEPTH + depth, DEPTH);
        simdgroup_load(right[i], rights + depth * TILE + own_column + i * 8, TILE);
      }
#pragma unroll
      for (int i = 0; i < SIDE; ++i) {
#pragma unroll
        for (int j = 0; j < SIDE; ++j) {
          simdgroup_multiply_accumulate(sums[i][j], left[i], right[j], sums[i][j]);
        }
      }
    }
    threadgroup_barrier(mem_flags::mem_threadgroup);
  }

  threadgroup float* own = results + simdgroup * 64;
#pragma unroll
  for (int i = 0; i < SIDE; ++i) {
#pragma unroll
    for (int j = 0; j < SIDE; ++j) {
      simdgroup_store(sums[i][j], own, 8);
      simdgroup_barrier(mem_flags::mem_threadgroup);
      for (uint e = lane; e < 64; e += 32) {
        const uint row = first_row + own_row + uint(i) * 8 + e / 8;
        const uint column = first_column + own_column + uint(j) * 8 + e % 8;
        if (row < rows && column < columns) {
          const ulong at = ulong(row) * columns + column;
#if EPILOGUE == 1
          y[at] = store<TYPE>(own[e] + load(bias[column]));
#elif EPILOGUE == 2
          y[at] = store<TYPE>(load(bias[at]) - rate * own[e]);
#else
          y[at] = store<TYPE>(own[e]);
#endif
        }
      }
      simdgroup_barrier(mem_flags::mem_threadgroup);
    }
  }
}
