#include "backends/cpu/executable.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "backends/cpu/libraries/threads.h"
#include "core/error.h"

namespace mpsbench::cpu {

namespace {

using Clock = std::chrono::steady_clock;

double nanoseconds(Clock::duration duration) {
  return std::chrono::duration<double, std::nano>(duration).count();
}

class CpuExecutable final : public Executable {
 public:
  CpuExecutable(Graph graph, const EngineOf& engineOf, KernelLevel level, const Facts& facts,
                std::uint64_t freeBytes)
      : Executable(std::move(graph)), threads_(facts.threads) {
    useThreads(threads_);
    GraphView view(this->graph());
    Lowering lowering(view, facts, freeBytes);
    for (OpIndex op = 0; op < this->graph().ops.size(); ++op) {
      if (view.isTaken(op)) continue;
      const std::span<const Matcher> matchers = engineFor(engineOf, view, op).matchers;
      LoweredStep<Candidate> step = lowerOp(view, op, facts, matchers, level, lowering);
      Candidate& chosen = step.candidates.front();
      steps_.push_back({idsOf(this->graph(), step.ops), std::move(chosen.name)});
      runs_.push_back(std::move(chosen.run));
    }
    memory_ = lowering.finish();
  }

  [[nodiscard]] const std::vector<Step>& steps() const override { return steps_; }
  [[nodiscard]] std::uint64_t deviceBytes() const override { return memory_.bytes; }

  /** A CPU call has finished when it returns, so that both modes are the same loop. */
  Sample run(std::int64_t iterations, RunMode /*mode*/) override {
    useThreads(threads_);
    const auto start = Clock::now();
    for (std::int64_t i = 0; i < iterations; ++i) {
      for (const auto& step : runs_) step();
    }
    return {nanoseconds(Clock::now() - start), std::nullopt};
  }

  std::vector<StepTime> profile(std::int64_t iterations) override {
    useThreads(threads_);
    std::vector<double> totals(runs_.size(), 0.0);
    for (std::int64_t i = 0; i < iterations; ++i) {
      for (std::size_t step = 0; step < totals.size(); ++step) {
        const auto start = Clock::now();
        runs_[step]();
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
    encode(values, graph().tensors[tensor].dtype, memory_.storage[tensor]);
    for (const auto& repack : memory_.repacks[tensor]) repack();
  }

  void readTensor(TensorIndex tensor, const HostSpan& values) override {
    decode(memory_.storage[tensor], graph().tensors[tensor].dtype, values);
  }

 private:
  /** @throws Error `unsupported` */
  static const Engine& engineFor(const EngineOf& engineOf, const GraphView& view, OpIndex op) {
    const DType dtype = view.output(op).dtype;
    const Engine& engine = engineOf(dtype);
    if (const auto reason = engine.supports(view.spec(op), dtype)) {
      throw Error(ErrorCode::unsupported,
                  "The op '" + view.op(op).id + "' cannot run: " + *reason + ".",
                  "Choose another engine with --engine, or another dtype.");
    }
    return engine;
  }

  int threads_;
  std::vector<Step> steps_;
  std::vector<std::function<void()>> runs_;
  Lowering::Result memory_;
};

}  // namespace

std::unique_ptr<Executable> compile(Graph graph, const EngineOf& engineOf, KernelLevel level,
                                    const Facts& facts, std::uint64_t freeBytes) {
  return std::make_unique<CpuExecutable>(std::move(graph), engineOf, level, facts, freeBytes);
}

}  // namespace mpsbench::cpu
