#include "backends/cpu/executable.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "backends/cpu/library_threads.h"
#include "core/error.h"

namespace mpsbench::cpu {

namespace {

using Clock = std::chrono::steady_clock;

double nanoseconds(Clock::duration duration) {
  return std::chrono::duration<double, std::nano>(duration).count();
}

class CpuExecutable final : public Executable {
 public:
  CpuExecutable(Graph graph, const EngineOf& engineOf, int threads, std::uint64_t freeBytes)
      : Executable(std::move(graph)), threads_(threads) {
    useThreads(threads_);
    Lowering lowering(this->graph(), threads, freeBytes);
    for (OpIndex op = 0; op < this->graph().ops.size(); ++op) {
      if (!lowering.isLowered(op)) lower(lowering, engineOf, op);
    }
    lowered_ = lowering.finish();
  }

  [[nodiscard]] const std::vector<Step>& steps() const override { return lowered_.steps; }
  [[nodiscard]] std::uint64_t deviceBytes() const override { return lowered_.bytes; }

  /** A CPU call has finished when it returns, so that both modes are the same loop. */
  Sample run(std::int64_t iterations, RunMode /*mode*/) override {
    useThreads(threads_);
    const auto start = Clock::now();
    for (std::int64_t i = 0; i < iterations; ++i) {
      for (const auto& step : lowered_.runs) step();
    }
    return {nanoseconds(Clock::now() - start), std::nullopt};
  }

  std::vector<StepTime> profile(std::int64_t iterations) override {
    useThreads(threads_);
    std::vector<double> totals(lowered_.runs.size(), 0.0);
    for (std::int64_t i = 0; i < iterations; ++i) {
      for (std::size_t step = 0; step < totals.size(); ++step) {
        const auto start = Clock::now();
        lowered_.runs[step]();
        totals[step] += nanoseconds(Clock::now() - start);
      }
    }
    std::vector<StepTime> times;
    times.reserve(totals.size());
    for (const double total : totals) {
      times.push_back({total / static_cast<double>(iterations), std::nullopt});
    }
    return times;
  }

 protected:
  void writeTensor(TensorIndex tensor, const HostView& values) override {
    useThreads(threads_);
    encode(values, graph().tensors[tensor].dtype, lowered_.storage[tensor]);
    for (const auto& repack : lowered_.repacks[tensor]) repack();
  }

  void readTensor(TensorIndex tensor, const HostSpan& values) override {
    decode(lowered_.storage[tensor], graph().tensors[tensor].dtype, values);
  }

 private:
  void lower(Lowering& lowering, const EngineOf& engineOf, OpIndex index) const {
    const Op& op = graph().ops[index];
    const DType dtype = graph().output(op).dtype;
    const Engine engine = engineOf(dtype);
    if (const auto reason = engine.supports(op.spec, dtype)) {
      throw Error(ErrorCode::unsupported, "The op '" + op.id + "' cannot run: " + *reason + ".",
                  "Choose another engine with --engine, or another dtype.");
    }
    const auto applies = [&](Lower attempt) { return attempt(lowering, index); };
    if (!std::any_of(engine.patterns.begin(), engine.patterns.end(), applies) &&
        !std::any_of(engine.lowers.begin(), engine.lowers.end(), applies)) {
      throw Error(ErrorCode::internal, "The engine " + engine.label + " says that it supports " +
                                           name(op.spec.kind) + ", but has no kernel for it.");
    }
  }

  int threads_;
  Lowering::Result lowered_;
};

}  // namespace

std::unique_ptr<Executable> compile(Graph graph, const EngineOf& engineOf, int threads,
                                    std::uint64_t freeBytes) {
  return std::make_unique<CpuExecutable>(std::move(graph), engineOf, threads, freeBytes);
}

}  // namespace mpsbench::cpu
