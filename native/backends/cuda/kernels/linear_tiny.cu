#include "prelude.cuh"

// Whole training steps of a small linear layer in one block: predictions = x W + b, their mean
// squared error, its gradients, and the updates of W and b. Each step computes and writes all of
// it; a launch does as many, one after the other, as `steps` says.
//
// Macros: TYPE, ROWS, FEATURES, UNITS, THREADS.

using Sum = Acc<TYPE>;
constexpr int kWarps = THREADS / 32;
constexpr int kOutputs = ROWS * UNITS;
constexpr int kWeights = FEATURES * UNITS;

__device__ __forceinline__ void trainingStep(const TYPE* x, const TYPE* targets, TYPE* weights,
                                             TYPE* bias, TYPE* predictions, TYPE* loss,
                                             Sum weightRate, Sum biasRate) {
  __shared__ Sum gradients[kOutputs];
  __shared__ Sum squares[kWarps];
  const int thread = static_cast<int>(threadIdx.x);

  Sum square = 0;
  for (int i = thread; i < kOutputs; i += THREADS) {
    const int row = i / UNITS;
    const int unit = i % UNITS;
    const Sum target = load(targets[i]);
    Sum sum = 0;
#pragma unroll 8
    for (int k = 0; k < FEATURES; ++k) {
      sum = fma(load(x[row * FEATURES + k]), load(weights[k * UNITS + unit]), sum);
    }
    const TYPE prediction = store<TYPE>(sum + load(bias[unit]));
    if (predictions != nullptr) predictions[i] = prediction;
    const Sum residual = load(prediction) - target;
    square = fma(residual, residual, square);
    gradients[i] = Sum(2.0 / kOutputs) * residual;
  }
#pragma unroll
  for (int step = 16; step > 0; step /= 2) square += __shfl_xor_sync(0xffffffffu, square, step);
  if (thread % 32 == 0) squares[thread / 32] = square;
  // What the updates overwrite has been read by everyone from here on.
  __syncthreads();

  for (int i = thread; i < kWeights + UNITS; i += THREADS) {
    const int unit = i % UNITS;
    Sum sum = 0;
    if (i < kWeights) {
#pragma unroll 8
      for (int row = 0; row < ROWS; ++row) {
        sum = fma(load(x[row * FEATURES + i / UNITS]), gradients[row * UNITS + unit], sum);
      }
      weights[i] = store<TYPE>(load(weights[i]) - weightRate * sum);
    } else {
#pragma unroll 8
      for (int row = 0; row < ROWS; ++row) sum += gradients[row * UNITS + unit];
      bias[unit] = store<TYPE>(load(bias[unit]) - biasRate * sum);
    }
  }
  if (thread == 0) {
    Sum total = 0;
    for (int i = 0; i < kWarps; ++i) total += squares[i];
    loss[0] = store<TYPE>(total / kOutputs);
  }
}

extern "C" __global__ __launch_bounds__(THREADS) void linear_tiny(
    const TYPE* x, const TYPE* targets, TYPE* weights, TYPE* bias, TYPE* predictions, TYPE* loss,
    Sum weightRate, Sum biasRate, int steps) {
  overlapPrevious();
  for (int i = 0; i < steps; ++i) {
    // What the step before wrote is there for all of the block.
    if (i > 0) __syncthreads();
    trainingStep(x, targets, weights, bias, predictions, loss, weightRate, biasRate);
  }
}
