#include <algorithm>
#include <chrono>

#include "backends/cpu/hardware/host.h"
#include "backends/cpu/ops/alternative_add.h"
#include "backends/cpu/ops/ops.h"
#include "backends/cpu/ops/own_kernel.h"
#include "backends/cpu/parallel.h"

namespace mpsbench::cpu {

namespace {

/** Where the operands and the result do not fit the last cache, going past it may be faster. */
bool exceedsCache(std::size_t bytes) {
  return 3 * bytes > lastLevelCacheBytes();
}

constexpr int kTrials = 5;

template <class T>
struct BinaryCall {
  const T* a;
  const T* b;
  T* y;
  std::size_t count;
  int threads;

  void operator()(Binary<T> kernel) const {
    parallelFor(threads, count, kElementGrain, [&](std::size_t begin, std::size_t end) {
      kernel(a + begin, b + begin, y + begin, end - begin);
    });
  }
};

/** By trying both: which of the two is faster depends on the machine and the number of threads. */
template <class T>
bool isFaster(const BinaryCall<T>& call, Binary<T> alternative, Binary<T> plain) {
  using Clock = std::chrono::steady_clock;
  auto best = [](Clock::duration& least, const auto& run) {
    const auto start = Clock::now();
    run();
    least = std::min(least, Clock::now() - start);
  };
  auto plainTime = Clock::duration::max();
  auto alternativeTime = Clock::duration::max();
  for (int trial = 0; trial < kTrials; ++trial) {
    best(plainTime, [&] { call(plain); });
    best(alternativeTime, [&] { call(alternative); });
  }
  return alternativeTime < plainTime;
}

template <class T>
Candidate binary(Lowering& lowering, OpIndex index) {
  const Op& op = lowering.op(index);
  const Tensor& output = lowering.graph().output(op);
  const auto& table = kernels<T>();
  auto kernel = table.add;
  std::string label = kernelName(name(op.spec.kind));
  if (op.spec.kind == OpKind::sub) kernel = table.sub;
  if (op.spec.kind == OpKind::mul) kernel = table.mul;
  const BinaryCall<T> call{lowering.data<T>(op.inputs[0]), lowering.data<T>(op.inputs[1]),
                           lowering.data<T>(op.output), output.elements(), lowering.threads()};
  const AlternativeAdd<T> alternative = alternativeAdd<T>();
  if (op.spec.kind == OpKind::add && alternative.kernel && exceedsCache(output.bytes())) {
    if (isFaster<T>(call, alternative.kernel, kernel)) {
      kernel = alternative.kernel;
      label = alternative.label;
    }
  }
  return {label, [=] { call(kernel); }};
}

template <class T>
Candidate relu(Lowering& lowering, OpIndex index) {
  const Op& op = lowering.op(index);
  const T* x = lowering.data<T>(op.inputs[0]);
  T* y = lowering.data<T>(op.output);
  return {kernelName("relu"), [=, count = lowering.graph().output(op).elements(),
                               threads = lowering.threads(), kernel = kernels<T>().relu] {
            parallelFor(threads, count, kElementGrain, [&](std::size_t begin, std::size_t end) {
              kernel(x + begin, y + begin, end - begin);
            });
          }};
}

template <class T>
Candidate sgdUpdate(Lowering& lowering, OpIndex index) {
  const Op& op = lowering.op(index);
  T* p = lowering.data<T>(op.output);
  const T* g = lowering.data<T>(op.inputs[1]);
  return {kernelName("sgd_update"),
          [=, count = lowering.graph().output(op).elements(), threads = lowering.threads(),
           rate = op.spec.learningRate, kernel = kernels<T>().sgd] {
            parallelFor(threads, count, kElementGrain, [&](std::size_t begin, std::size_t end) {
              kernel(p + begin, g + begin, end - begin, rate);
            });
          }};
}

}  // namespace

std::optional<Match> matchElementwise(const GraphView& view, OpIndex index,
                                      const Facts& /*facts*/) {
  switch (view.spec(index).kind) {
    case OpKind::relu:
      return ownKernelMatch(
          view, {index}, [index]<class T>(Lowering& lowering) { return relu<T>(lowering, index); });
    case OpKind::sgdUpdate:
      return ownKernelMatch(view, {index}, [index]<class T>(Lowering& lowering) {
        return sgdUpdate<T>(lowering, index);
      });
    case OpKind::add:
    case OpKind::sub:
    case OpKind::mul:
      return ownKernelMatch(view, {index}, [index]<class T>(Lowering& lowering) {
        return binary<T>(lowering, index);
      });
    default:
      return std::nullopt;
  }
}

bool hasOwnKernel(OpKind kind, DType dtype) {
  return kind != OpKind::matmul && kind != OpKind::conv2d && dtype != DType::f16;
}

}  // namespace mpsbench::cpu
