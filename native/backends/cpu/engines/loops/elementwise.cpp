#include <algorithm>
#include <chrono>
#include <cstring>

#include "backends/cpu/engines/loops/alternative_add.h"
#include "backends/cpu/engines/loops/dispatch.h"
#include "backends/cpu/host.h"
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
void lowerBinary(Lowering& lowering, OpIndex index) {
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
  lowering.emit({index}, label, [=] { call(kernel); });
}

template <class T>
void lowerRelu(Lowering& lowering, OpIndex index) {
  const Op& op = lowering.op(index);
  const T* x = lowering.data<T>(op.inputs[0]);
  T* y = lowering.data<T>(op.output);
  lowering.emit({index}, kernelName("relu"),
                [=, count = lowering.graph().output(op).elements(), threads = lowering.threads(),
                 kernel = kernels<T>().relu] {
                  parallelFor(threads, count, kElementGrain,
                              [&](std::size_t begin, std::size_t end) {
                                kernel(x + begin, y + begin, end - begin);
                              });
                });
}

template <class T>
void lowerSgd(Lowering& lowering, OpIndex index) {
  const Op& op = lowering.op(index);
  T* p = lowering.data<T>(op.output);
  const T* g = lowering.data<T>(op.inputs[1]);
  lowering.emit({index}, kernelName("sgd_update"),
                [=, count = lowering.graph().output(op).elements(), threads = lowering.threads(),
                 rate = op.spec.learningRate, kernel = kernels<T>().sgd] {
                  parallelFor(threads, count, kElementGrain,
                              [&](std::size_t begin, std::size_t end) {
                                kernel(p + begin, g + begin, end - begin, rate);
                              });
                });
}

}  // namespace

bool lowerAlias(Lowering& lowering, OpIndex index) {
  const Op& op = lowering.op(index);
  if (op.spec.kind != OpKind::reshape) return false;
  const Tensor& source = lowering.graph().input(op, 0);
  if (source.role == Role::state) {  // a copy: the update of the state must not show in it
    const void* from = lowering.storage(op.inputs[0]);
    void* to = lowering.storage(op.output);
    lowering.emit({index}, "memcpy", [=, bytes = source.bytes()] { std::memcpy(to, from, bytes); });
    return true;
  }
  lowering.alias(op.output, op.inputs[0]);
  lowering.emit({index}, "reshape without a copy", [] {});
  return true;
}

bool lowerElementwise(Lowering& lowering, OpIndex index) {
  const Op& op = lowering.op(index);
  return dispatchLoops(lowering.graph().output(op).dtype,
                       [&]<class T>() {
                         if (op.spec.kind == OpKind::relu) lowerRelu<T>(lowering, index);
                         if (op.spec.kind == OpKind::sgdUpdate) lowerSgd<T>(lowering, index);
                         if (op.spec.kind == OpKind::add || op.spec.kind == OpKind::sub ||
                             op.spec.kind == OpKind::mul) {
                           lowerBinary<T>(lowering, index);
                         }
                       }) &&
         lowering.isLowered(index);
}

bool lowerBias(Lowering& lowering, OpIndex index) {
  const Op& op = lowering.op(index);
  if (op.spec.kind != OpKind::biasAdd) return false;
  return dispatchLoops(lowering.graph().output(op).dtype, [&]<class T>() {
    std::vector<OpIndex> ops = {index};
    const auto relu = lowering.fusable(op.output, OpKind::relu, ops);
    const T* x = lowering.data<T>(op.inputs[0]);
    const T* bias = lowering.data<T>(op.inputs[1]);
    T* y = lowering.data<T>(relu ? lowering.op(*relu).output : op.output);
    if (relu) ops.push_back(*relu);
    const Matrix matrix = asMatrix(lowering.graph().output(op));
    lowering.emit(
        ops, kernelName(relu ? "bias_add + relu" : "bias_add"),
        [=, threads = lowering.threads(), withRelu = relu.has_value(), kernel = kernels<T>().bias] {
          const std::size_t grain = kElementGrain / matrix.columns + 1;
          parallelFor(threads, matrix.rows, grain, [&](std::size_t begin, std::size_t end) {
            kernel(x + begin * matrix.columns, bias, y + begin * matrix.columns, end - begin,
                   matrix.columns, withRelu);
          });
        });
  });
}

bool loopsSupport(OpKind kind, DType dtype) {
  return kind != OpKind::matmul && kind != OpKind::conv2d && dtype != DType::f16;
}

}  // namespace mpsbench::cpu
