#include "prelude.h"

// A training step of a linear layer in two dispatches, for sizes at which dispatches cost more than the arithmetic: the
// predictions with their residuals and loss, then the gradients with the updates.
//
// A threadgroup has a tile of 32 x 16 results. Panels of both factors, DEPTH deep, go through threadgroup memory, the
// next one being read into registers meanwhile. The simdgroups share the depth, each with all of the tile in simdgroup
// matrices, and their shares are added up in a fixed order.
//
// Macros: TYPE, ROWS, FEATURES, UNITS, DEPTH (a multiple of 16), PREDICTIONS (1: they are written).
// Threadgroup memory: both panels with their padding, or the shares of all simdgroups, whichever is more; for
// linear_forward a float for each thread, and one for each simdgroup.

#define TILE_ROWS 32
#define TILE_COLUMNS 16
#define SIMDGROUPS 8
#define THREADS (SIMDGROUPS * 32)
/** Results of a thread. */
#define OUTPUTS (TILE_ROWS * TILE_COLUMNS / THREADS)
#define ROW_GROUPS ((ROWS + TILE_ROWS - 1) / TILE_ROWS)
#define COLUMN_GROUPS ((UNITS + TILE_COLUMNS - 1) / TILE_COLUMNS)
/** Between rows of a panel, so that neighbouring rows lie in different banks. */
#define PADDING 4
#define RIGHT_STRIDE (TILE_COLUMNS + PADDING)

#define LEFT_READS (DEPTH * TILE_ROWS / THREADS)
#define RIGHT_READS (DEPTH * TILE_COLUMNS / THREADS)

// The left factor is x. AlongDepth: x as it is, in which neighbours lie along the depth; else x transposed, in which they
// lie along the rows of the tile. The right factor is [LENGTH, UNITS].

template <bool AlongDepth>
inline uint left_stride() {
  return (AlongDepth ? DEPTH : TILE_ROWS) + PADDING;
}

/** Depth and row of element `i` of the left panel, in the order in which it is read. */
template <bool AlongDepth>
inline uint2 left_at(uint i) {
  uint2 at;
  at.x = AlongDepth ? i % DEPTH : i / TILE_ROWS;
  at.y = AlongDepth ? i / DEPTH : i % TILE_ROWS;
  return at;
}

/** Reads the panels from depth `first` on, without conditions, so that many reads are under way; past the end, the last. */
template <bool AlongDepth, uint LENGTH, typename Right>
inline void read_panels(device const TYPE* x, device const Right* b, uint first, uint first_row,
                        uint first_column, thread float (&left)[LEFT_READS],
                        thread float (&right)[RIGHT_READS], uint index) {
  const uint last_row = (AlongDepth ? ROWS : FEATURES) - 1;
#pragma unroll
  for (int i = 0; i < LEFT_READS; ++i) {
    const uint2 at = left_at<AlongDepth>(index + i * THREADS);
    const uint d = min(first + at.x, LENGTH - 1);
    const uint r = min(first_row + at.y, last_row);
    left[i] = load(x[AlongDepth ? r * FEATURES + d : d * FEATURES + r]);
  }
#pragma unroll
  for (int i = 0; i < RIGHT_READS; ++i) {
    const uint at = index + i * THREADS;
    const uint d = min(first + at / TILE_COLUMNS, LENGTH - 1);
    const uint c = min(first_column + at % TILE_COLUMNS, uint(UNITS - 1));
    right[i] = load(b[d * UNITS + c]);
  }
}

/** Puts what read_panels has read into threadgroup memory, zeros past LENGTH. */
template <bool AlongDepth, uint LENGTH>
inline void store_panels(thread const float (&left)[LEFT_READS],
                         thread const float (&right)[RIGHT_READS], uint first,
                         threadgroup float* lefts, threadgroup float* rights, uint index) {
  const uint stride = left_stride<AlongDepth>();
#pragma unroll
  for (int i = 0; i < LEFT_READS; ++i) {
    const uint2 at = left_at<AlongDepth>(index + i * THREADS);
    lefts[AlongDepth ? at.y * stride + at.x : at.x * stride + at.y] =
        first + at.x < LENGTH ? left[i] : 0.0f;
  }
#pragma unroll
  for (int i = 0; i < RIGHT_READS; ++i) {
    const uint at = index + i * THREADS;
    const uint d = at / TILE_COLUMNS;
    rights[d * RIGHT_STRIDE + at % TILE_COLUMNS] = first + d < LENGTH ? right[i] : 0.0f;
  }
}

/** Adds the simdgroup's share of the product of the panels. */
template <bool AlongDepth>
inline void multiply_panels(threadgroup const float* lefts, threadgroup const float* rights,
                            thread simdgroup_float8x8 (&sums)[TILE_ROWS / 8][TILE_COLUMNS / 8],
                            uint simdgroup) {
  const uint stride = left_stride<AlongDepth>();
  for (uint d = simdgroup * 8; d < DEPTH; d += SIMDGROUPS * 8) {
    simdgroup_float8x8 left[TILE_ROWS / 8], right[TILE_COLUMNS / 8];
#pragma unroll
    for (int i = 0; i < TILE_ROWS / 8; ++i) {
      simdgroup_load(left[i], lefts + (AlongDepth ? i * 8 * stride + d : d * stride + i * 8),
                     stride, 0, !AlongDepth);
    }
#pragma unroll
    for (int j = 0; j < TILE_COLUMNS / 8; ++j) {
      simdgroup_load(right[j], rights + d * RIGHT_STRIDE + j * 8, RIGHT_STRIDE);
    }
#pragma unroll
    for (int i = 0; i < TILE_ROWS / 8; ++i) {
#pragma unroll
      for (int j = 0; j < TILE_COLUMNS / 8; ++j) {
        simdgroup_multiply_accumulate(sums[i][j], left[i], right[j], sums[i][j]);
      }
    }
  }
}

/** Elements index, index + THREADS, ... of the tile; past its last row and column they may be anything. */
template <bool AlongDepth, uint LENGTH, typename Right>
inline void multiply_tile(device const TYPE* x, device const Right* b, uint first_row,
                          uint first_column, threadgroup float* panels,
                          thread float (&results)[OUTPUTS], uint index, uint simdgroup) {
  threadgroup float* rights = panels + (AlongDepth ? TILE_ROWS : DEPTH) * left_stride<AlongDepth>();
  simdgroup_float8x8 sums[TILE_ROWS / 8][TILE_COLUMNS / 8];
#pragma unroll
  for (int i = 0; i < TILE_ROWS / 8; ++i) {
#pragma unroll
    for (int j = 0; j < TILE_COLUMNS / 8; ++j) {
      sums[i][j] = make_filled_simdgroup_matrix<float, 8, 8>(0.0f);
    }
  }
  float left[LEFT_READS];
  float right[RIGHT_READS];
  read_panels<AlongDepth, LENGTH>(x, b, 0, first_row, first_column, left, right, index);
  for (uint first = 0; first < LENGTH; first += DEPTH) {
    if (first > 0) {
      threadgroup_barrier(mem_flags::mem_threadgroup);
    }
    store_panels<AlongDepth, LENGTH>(left, right, first, panels, rights, index);
    threadgroup_barrier(mem_flags::mem_threadgroup);
    if (first + DEPTH < LENGTH) {
      read_panels<AlongDepth, LENGTH>(x, b, first + DEPTH, first_row, first_column, left, right,
                                      index);
    }
    multiply_panels<AlongDepth>(panels, rights, sums, simdgroup);
  }

  // The simdgroups' shares take the place of the panels.
  threadgroup_barrier(mem_flags::mem_threadgroup);
#pragma unroll
  for (int i = 0; i < TILE_ROWS / 8; ++i) {
#pragma unroll
    for (int j = 0; j < TILE_COLUMNS / 8; ++j) {
      simdgroup_store(sums[i][j],
                      panels + (simdgroup * TILE_ROWS + i * 8) * TILE_COLUMNS + j * 8,
                      TILE_COLUMNS);
    }
  }
  threadgroup_barrier(mem_flags::mem_threadgroup);
#pragma unroll
  for (int i = 0; i < OUTPUTS; ++i) {
    results[i] = 0.0f;
#pragma unroll
    for (int s = 0; s < SIMDGROUPS; ++s) {
      results[i] += panels[s * (TILE_ROWS * TILE_COLUMNS) + index + i * THREADS];
    }
  }
}

/**
 * Predictions and their residuals; of each threadgroup the sum of its squared residuals, and of each of its columns the
 * sum of the residuals: column_sums[row of threadgroups, unit].
 */
[[max_total_threads_per_threadgroup(THREADS)]] kernel void linear_forward(
    device const TYPE* x [[buffer(0)]], device const TYPE* targets [[buffer(1)]],
    device const TYPE* weights [[buffer(2)]], device const TYPE* bias [[buffer(3)]],
    device TYPE* predictions [[buffer(4)]], device float* residuals [[buffer(5)]],
    device float* squares [[buffer(6)]], device float* column_sums [[buffer(7)]],
    threadgroup float* panels [[threadgroup(0)]], threadgroup float* columns [[threadgroup(1)]],
    threadgroup float* totals [[threadgroup(2)]], uint3 group [[threadgroup_position_in_grid]],
    uint index [[thread_index_in_threadgroup]], uint lane [[thread_index_in_simdgroup]],
    uint simdgroup [[simdgroup_index_in_threadgroup]]) {
  const uint first_row = group.y * TILE_ROWS;
  const uint first_unit = group.x * TILE_COLUMNS;
  float results[OUTPUTS];
  multiply_tile<true, FEATURES>(x, weights, first_row, first_unit, panels, results, index,
                                simdgroup);
  const uint unit = first_unit + index % TILE_COLUMNS;
  float square = 0.0f;
  float column_sum = 0.0f;
#pragma unroll
  for (int i = 0; i < OUTPUTS; ++i) {
    const uint row = first_row + (index + i * THREADS) / TILE_COLUMNS;
    if (row >= ROWS || unit >= UNITS) continue;
    const TYPE prediction = store<TYPE>(results[i] + load(bias[unit]));
#if PREDICTIONS
    predictions[row * UNITS + unit] = prediction;
#endif
    const float residual = load(prediction) - load(targets[row * UNITS + unit]);
    residuals[row * UNITS + unit] = residual;
    square = fma(residual, residual, square);
    column_sum += residual;
  }
  square = simd_sum(square);
  if (lane == 0) totals[simdgroup] = square;
  columns[index] = column_sum;
  threadgroup_barrier(mem_flags::mem_threadgroup);
  if (index < TILE_COLUMNS && unit < UNITS) {
    float sum = 0.0f;
    for (uint i = index; i < THREADS; i += TILE_COLUMNS) sum += columns[i];
    column_sums[group.y * UNITS + unit] = sum;
  }
  if (index == THREADS - 1) {
    float sum = 0.0f;
    for (uint s = 0; s < SIMDGROUPS; ++s) sum += totals[s];
    squares[group.y * COLUMN_GROUPS + group.x] = sum;
  }
}

/**
 * W -= rates.x x^T residuals, bias -= rates.y times the residuals' sums, and the loss.
 * @param rates with 2 / (ROWS UNITS), the factor of the gradient
 */
[[max_total_threads_per_threadgroup(THREADS)]] kernel void linear_backward(
    device const TYPE* x [[buffer(0)]], device const float* residuals [[buffer(1)]],
    device const float* squares [[buffer(2)]], device const float* column_sums [[buffer(3)]],
    device const TYPE* weights [[buffer(4)]], device const TYPE* bias [[buffer(5)]],
    device TYPE* weights_after [[buffer(6)]], device TYPE* bias_after [[buffer(7)]],
    device TYPE* loss [[buffer(8)]], constant float2& rates [[buffer(9)]],
    threadgroup float* panels [[threadgroup(0)]], uint3 group [[threadgroup_position_in_grid]],
    uint index [[thread_index_in_threadgroup]], uint lane [[thread_index_in_simdgroup]],
    uint simdgroup [[simdgroup_index_in_threadgroup]]) {
  const uint first_feature = group.y * TILE_ROWS;
  const uint first_unit = group.x * TILE_COLUMNS;
  float results[OUTPUTS];
  multiply_tile<false, ROWS>(x, residuals, first_feature, first_unit, panels, results, index,
                             simdgroup);
  const uint unit = first_unit + index % TILE_COLUMNS;
#pragma unroll
  for (int i = 0; i < OUTPUTS; ++i) {
    const uint feature = first_feature + (index + i * THREADS) / TILE_COLUMNS;
    if (feature >= FEATURES || unit >= UNITS) continue;
    const uint at = feature * UNITS + unit;
    weights_after[at] = store<TYPE>(load(weights[at]) - rates.x * results[i]);
  }
  if (group.y > 0) return;
  if (index < TILE_COLUMNS && unit < UNITS) {
    float sum = 0.0f;
    for (uint i = 0; i < ROW_GROUPS; ++i) sum += column_sums[i * UNITS + unit];
    bias_after[unit] = store<TYPE>(load(bias[unit]) - rates.y * sum);
  }
  if (group.x == 0 && simdgroup == SIMDGROUPS - 1) {
    float sum = 0.0f;
    for (uint i = lane; i < ROW_GROUPS * COLUMN_GROUPS; i += 32) sum += squares[i];
    sum = simd_sum(sum);
    if (lane == 0) loss[0] = store<TYPE>(sum / (float(ROWS) * float(UNITS)));
  }
}
