#pragma once

#include <cstddef>

#include "core/half.h"

/**
 * Our own vector kernels: each works on one range, on one thread. They are compiled once for every
 * Isa, and the best one for this CPU is chosen when the program runs, so that the binary stays
 * portable. They compute in float, for double in double, and round when they store.
 */
namespace mpsbench::cpu {

/** A window over x[n,h,w,c], without padding. */
struct PoolShape {
  std::size_t height, width, channels;
  std::size_t outHeight, outWidth;
  std::size_t windowHeight, windowWidth;
  std::size_t strideHeight, strideWidth;
};

/** conv2d (stride 1, no padding) + bias + ReLU + max_pool2d (2x2, stride 2) of one image. */
struct ConvPoolShape {
  std::size_t height, width, channels;
  std::size_t windowHeight, windowWidth;
  std::size_t filters;
  std::size_t outHeight, outWidth;  // after pooling
};

/** Elements of T that a kernel reads and writes; the type that it computes in. */
template <class T>
struct ComputeOf {
  using Type = float;
};
template <>
struct ComputeOf<double> {
  using Type = double;
};
template <class T>
using Compute = typename ComputeOf<T>::Type;

template <class T>
struct Kernels {
  void (*add)(const T* a, const T* b, T* y, std::size_t count);
  void (*sub)(const T* a, const T* b, T* y, std::size_t count);
  void (*mul)(const T* a, const T* b, T* y, std::size_t count);
  /** As add, past the cache: y is written without being read first. All aligned to 64 bytes. Null
   * if there is none. */
  void (*addStreaming)(const T* a, const T* b, T* y, std::size_t count);
  void (*relu)(const T* x, T* y, std::size_t count);
  /** y[r,c] = x[r,c] + bias[c], with ReLU where asked. */
  void (*bias)(const T* x, const T* bias, T* y, std::size_t rows, std::size_t columns, bool relu);
  /** p -= rate * g. */
  void (*sgd)(T* p, const T* g, std::size_t count, double rate);
  /** The sum of (p - t)^2. */
  double (*squaredError)(const T* p, const T* t, std::size_t count);
  /** Adds the columns of x[rows,columns] to sums. */
  void (*columnSums)(const T* x, std::size_t rows, std::size_t columns, double* sums);
  /**
   * Loss and gradient in one pass: g = scale * (p - t), the columns of g added to sums; returns the
   * sum of (p - t)^2. `sums` may be null.
   */
  double (*mse)(const T* p, const T* t, T* g, std::size_t rows, std::size_t columns, double scale,
                double* sums);
  void (*softmax)(const T* x, T* y, std::size_t rows, std::size_t columns);
  /** One image. */
  void (*maxPool)(const T* x, T* y, const PoolShape& shape);
};

/** The kernels for this CPU. T is float, double or BFloat16. */
template <class T>
const Kernels<T>& kernels();

/** The feature map before pooling never leaves the registers. x[h,w,c], y[oh,ow,f], one image. */
struct ConvPoolKernel {
  /** Filters are packed [ceil(f / block)][kh][kw][c][block], zeros after the last; the bias
   * likewise. */
  std::size_t block;
  void (*run)(const float* x, const float* filters, const float* bias, float* y,
              const ConvPoolShape& shape);
};
const ConvPoolKernel& convPoolKernel();

/**
 * y[rows,columns] = x[rows,depth] W + bias, where columns are so few that a library's blocking is
 * mostly padding. W is transposed: [columns][depth].
 */
using NarrowDense = void (*)(const float* x, const float* transposed, const float* bias, float* y,
                             std::size_t rows, std::size_t depth, std::size_t columns);
NarrowDense narrowDenseKernel();

}  // namespace mpsbench::cpu
