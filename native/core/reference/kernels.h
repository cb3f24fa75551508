#pragma once

#include <algorithm>
#include <span>
#include <vector>

#include "core/graph.h"

/**
 * Reference kernels: every op in float64 with the most obvious loops, rounded to the storage dtype
 * once, when the result is stored. They serve the CPU device of last resort; clarity over speed.
 */
namespace mpsbench::reference {

/** A row-major tensor in its storage dtype. */
struct ConstView {
  const void* data = nullptr;
  const Shape* shape = nullptr;
};
struct View {
  void* data = nullptr;
  const Shape* shape = nullptr;
};

/** Runs one op of a validated graph. `reshape` copies. sgd_update's output is its first input. */
void run(const OpSpec& op, DType dtype, std::span<const ConstView> inputs, View output);

// One function a family of ops; T is the storage type.
template <class T>
void elementwise(const OpSpec& op, std::span<const ConstView> inputs, View output);
template <class T>
void matmul(const OpSpec& op, std::span<const ConstView> inputs, View output);
template <class T>
void conv2d(const OpSpec& op, std::span<const ConstView> inputs, View output);
template <class T>
void maxPool2d(const OpSpec& op, std::span<const ConstView> inputs, View output);
template <class T>
void softmax(const OpSpec& op, std::span<const ConstView> inputs, View output);
template <class T>
void reduce(const OpSpec& op, std::span<const ConstView> inputs, View output);

std::size_t elements(const Shape& shape);

/** Element `i` as float64. */
template <class T>
double load(ConstView view, std::size_t i) {
  return static_cast<double>(static_cast<const T*>(view.data)[i]);
}

/** A whole tensor as float64, for the kernels that read each element many times. */
template <class T>
std::vector<double> decoded(ConstView view) {
  const auto* values = static_cast<const T*>(view.data);
  std::vector<double> result(elements(*view.shape));
  std::transform(values, values + result.size(), result.begin(),
                 [](T value) { return static_cast<double>(value); });
  return result;
}

/** Stores `value`, rounded to T. */
template <class T>
void store(View view, std::size_t i, double value) {
  static_cast<T*>(view.data)[i] = static_cast<T>(value);
}

}  // namespace mpsbench::reference

/** Instantiates a kernel for every dtype; each kernel's file ends with it. */
#define MPSBENCH_REFERENCE_KERNEL(kernel)                                         \
  template void kernel<float>(const OpSpec&, std::span<const ConstView>, View);   \
  template void kernel<double>(const OpSpec&, std::span<const ConstView>, View);  \
  template void kernel<Float16>(const OpSpec&, std::span<const ConstView>, View); \
  template void kernel<BFloat16>(const OpSpec&, std::span<const ConstView>, View)
