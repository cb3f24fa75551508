#include "prelude.h"

// Whole training steps of a small linear layer in one threadgroup: predictions = x W + b, their mean squared error,
// its gradients, and the updates of W and b. A dispatch does `steps` of them, one after the other: the first reads
// the weights of the iteration before, the others what the step before them has written.
//
// Macros: TYPE, ROWS, FEATURES, UNITS, THREADS (a multiple of 32), PREDICTIONS (1: they are written).
// Threadgroup memory: ROWS * UNITS floats, and one for each simdgroup.

constant uint kOutputs = ROWS * UNITS;
constant uint kWeights = FEATURES * UNITS;
constant uint kSimdgroups = THREADS / 32;

/** @param rates of the weights and of the bias */
inline void training_step(device const TYPE* x, device const TYPE* targets,
                          device const TYPE* weights, device const TYPE* bias,
                          device TYPE* weights_after, device TYPE* bias_after,
                          device TYPE* predictions, device TYPE* loss, float2 rates,
                          threadgroup float* gradients, threadgroup float* squares, uint index,
                          uint lane, uint simdgroup) {
  float square = 0.0f;
  for (uint i = index; i < kOutputs; i += THREADS) {
    const uint row = i / UNITS;
    const uint unit = i % UNITS;
    float sum = 0.0f;
    for (uint k = 0; k < FEATURES; ++k) {
      sum = fma(load(x[row * FEATURES + k]), load(weights[k * UNITS + unit]), sum);
    }
    const TYPE prediction = store<TYPE>(sum + load(bias[unit]));
#if PREDICTIONS
    predictions[i] = prediction;
#endif
    const float residual = load(prediction) - load(targets[i]);
    square = fma(residual, residual, square);
    gradients[i] = (2.0f / float(kOutputs)) * residual;
  }
  square = simd_sum(square);
  if (lane == 0) squares[simdgroup] = square;
  // From here on everyone has read what the updates overwrite.
  threadgroup_barrier(mem_flags::mem_threadgroup | mem_flags::mem_device);

  for (uint i = index; i < kWeights + UNITS; i += THREADS) {
    const uint unit = i % UNITS;
    float sum = 0.0f;
    if (i < kWeights) {
      const uint feature = i / UNITS;
      for (uint row = 0; row < ROWS; ++row) {
        sum = fma(load(x[row * FEATURES + feature]), gradients[row * UNITS + unit], sum);
      }
      weights_after[i] = store<TYPE>(load(weights[i]) - rates.x * sum);
    } else {
      for (uint row = 0; row < ROWS; ++row) sum += gradients[row * UNITS + unit];
      bias_after[unit] = store<TYPE>(load(bias[unit]) - rates.y * sum);
    }
  }
  if (index == 0) {
    float total = 0.0f;
    for (uint i = 0; i < kSimdgroups; ++i) total += squares[i];
    loss[0] = store<TYPE>(total / float(kOutputs));
  }
  // What this step wrote is there for the next one.
  threadgroup_barrier(mem_flags::mem_threadgroup | mem_flags::mem_device);
}

[[max_total_threads_per_threadgroup(THREADS)]] kernel void linear_tiny(
    device const TYPE* x [[buffer(0)]], device const TYPE* targets [[buffer(1)]],
    device const TYPE* weights [[buffer(2)]], device const TYPE* bias [[buffer(3)]],
    device TYPE* weights_after [[buffer(4)]], device TYPE* bias_after [[buffer(5)]],
    device TYPE* predictions [[buffer(6)]], device TYPE* loss [[buffer(7)]],
    constant float2& rates [[buffer(8)]], constant uint& steps [[buffer(9)]],
    threadgroup float* gradients [[threadgroup(0)]], threadgroup float* squares [[threadgroup(1)]],
    uint index [[thread_index_in_threadgroup]], uint lane [[thread_index_in_simdgroup]],
    uint simdgroup [[simdgroup_index_in_threadgroup]]) {
  const float2 own = rates;
  training_step(x, targets, weights, bias, weights_after, bias_after, predictions, loss, own,
                gradients, squares, index, lane, simdgroup);
  for (uint i = 1; i < steps; ++i) {
    training_step(x, targets, weights_after, bias_after, weights_after, bias_after, predictions,
                  loss, own, gradients, squares, index, lane, simdgroup);
  }
}
