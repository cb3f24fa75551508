#include "backends/cuda/executable.h"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <utility>
#include <vector>

#include "backends/cuda/driver/buffer.h"
#include "backends/cuda/driver/captured_graph.h"
#include "backends/cuda/lowering.h"
#include "backends/cuda/tuning/tuner.h"
#include "core/error.h"

namespace mpsbench::cuda {

namespace {

using Clock = std::chrono::steady_clock;

/** Iterations of one launch in throughput mode, the largest first. */
constexpr std::int64_t kGroups[] = {64, 8, 1};
/** An iteration longer than this hides the cost of its own launch. */
constexpr double kShortNs = 100e3;
/** Steps that one graph may have; each is a few nodes at most. */
constexpr std::size_t kMostSteps = 2048;
/** Host memory for values that change their type on the way. */
constexpr std::size_t kStagingBytes = std::size_t{32} << 20;

double nanoseconds(Clock::duration duration) {
  return std::chrono::duration<double, std::nano>(duration).count();
}

/** Whether the host's values are the device's bytes. */
template <class Span>
bool sameBytes(const Span& values, DType dtype) {
  return (dtype == DType::f32 && values.index() == 0) ||
         (dtype == DType::f64 && values.index() == 1);
}

/** Elements [from, from + count) of the host's values. */
template <class Span>
Span part(const Span& values, std::size_t from, std::size_t count) {
  return std::visit([&](auto span) { return Span(span.subspan(from, count)); }, values);
}

/** What a kept candidate does once these tensors have been written. */
struct Preparation {
  std::vector<TensorIndex> weights;
  std::function<void(CUstream)> enqueue;
};

class CudaExecutable final : public Executable {
 public:
  CudaExecutable(Graph graph, std::shared_ptr<Context> context, KernelLevel level)
      : Executable(std::move(graph)),
        context_(std::move(context)),
        memory_(context_->driver(), context_->stream()),
        start_(context_->driver()),
        end_(context_->driver()) {
    Lowering lowering(this->graph(), *context_, memory_, level);
    std::vector<LoweredStep> lowered = lowering.lowerAll();
    buffers_ = lowering.takeBuffers();
    fillAll();
    for (LoweredStep& step : lowered) {
      Choice choice = choose(*context_, std::move(step.candidates), lowered.size() == 1);
      if (!step.missing.empty()) choice.label += " (" + step.missing + ")";
      steps_.push_back({idsOf(this->graph(), step.ops), std::move(choice.label)});
      runs_.push_back(std::move(choice.candidate.enqueue));
      if (lowered.size() == 1) enqueueTimes_ = std::move(choice.candidate.enqueueTimes);
      if (choice.candidate.prepare) {
        preparations_.push_back(
            {std::move(choice.candidate.weights), std::move(choice.candidate.prepare)});
      }
    }
    capture();
    clearAll();
    for (const Preparation& preparation : preparations_) preparation.enqueue(context_->stream());
  }

  ~CudaExecutable() override {
    // Memory must not be freed under work that still runs, nor outside its context.
    try {
      context_->use();
      context_->synchronize();
    } catch (const Error&) {
      // The context is lost, and with it everything that would be freed.
    }
  }

  [[nodiscard]] const std::vector<Step>& steps() const override { return steps_; }
  [[nodiscard]] std::uint64_t deviceBytes() const override { return memory_.used(); }

  Sample run(std::int64_t iterations, RunMode mode) override {
    context_->use();
    return mode == RunMode::latency ? runEach(iterations) : runAll(iterations);
  }

  std::vector<StepTime> profile(std::int64_t iterations) override {
    context_->use();
    const CUstream stream = context_->stream();
    std::vector<StepTime> times;
    times.reserve(runs_.size());
    for (const auto& run : runs_) {
      // A step of no work has no time.
      double totalNs = 0;
      if (run) {
        const TimedGraph step(context_->driver(), stream, run);
        for (std::int64_t i = 0; i < iterations; ++i) {
          step.launch(stream);
          context_->synchronize();
          totalNs += step.ns();
        }
      }
      times.push_back({std::nullopt, totalNs / static_cast<double>(iterations)});
    }
    return times;
  }

 protected:
  void writeTensor(TensorIndex tensor, const HostView& values) override {
    context_->use();
    const DType dtype = graph().tensors[tensor].dtype;
    const CUdeviceptr to = buffers_[tensor]->address();
    if (sameBytes(values, dtype)) {
      const void* from =
          std::visit([](auto span) { return static_cast<const void*>(span.data()); }, values);
      copyToDevice(to, from, length(values) * sizeOf(dtype));
    } else {
      forEachPart(values, dtype, [&](const HostView& some, std::size_t offset, std::size_t bytes) {
        encode(some, dtype, staging_.data());
        copyToDevice(to + offset, staging_.data(), bytes);
      });
    }
    for (const Preparation& preparation : preparations_) {
      const auto& weights = preparation.weights;
      if (std::find(weights.begin(), weights.end(), tensor) != weights.end()) {
        preparation.enqueue(context_->stream());
      }
    }
  }

  void readTensor(TensorIndex tensor, const HostSpan& values) override {
    context_->use();
    const DType dtype = graph().tensors[tensor].dtype;
    const CUdeviceptr from = buffers_[tensor]->address();
    if (sameBytes(values, dtype)) {
      void* to = std::visit([](auto span) { return static_cast<void*>(span.data()); }, values);
      copyToHost(to, from, length(values) * sizeOf(dtype));
      return;
    }
    forEachPart(values, dtype, [&](const HostSpan& some, std::size_t offset, std::size_t bytes) {
      copyToHost(staging_.data(), from + offset, bytes);
      decode(staging_.data(), dtype, some);
    });
  }

 private:
  /** Several iterations captured as one launch. */
  struct Group {
    std::int64_t iterations;
    std::unique_ptr<CapturedGraph> graph;
  };

  template <class Span, class Each>
  void forEachPart(const Span& values, DType dtype, const Each& each) {
    const std::size_t size = sizeOf(dtype);
    const std::size_t total = length(values);
    const std::size_t most = std::min(total, kStagingBytes / size);
    staging_.resize(most * size);
    for (std::size_t from = 0; from < total; from += most) {
      const std::size_t count = std::min(most, total - from);
      each(part(values, from, count), from * size, count * size);
    }
    staging_ = {};
  }

  void copyToDevice(CUdeviceptr to, const void* from, std::size_t bytes) const {
    const Driver& driver = context_->driver();
    driver.check(driver.cuMemcpyHtoDAsync(to, from, bytes, context_->stream()),
                 "cuMemcpyHtoDAsync");
    context_->synchronize();
  }
  void copyToHost(void* to, CUdeviceptr from, std::size_t bytes) const {
    const Driver& driver = context_->driver();
    driver.check(driver.cuMemcpyDtoHAsync(to, from, bytes, context_->stream()),
                 "cuMemcpyDtoHAsync");
    context_->synchronize();
  }

  /** Calls `each` once for each buffer, with the first tensor that it holds. */
  template <class Each>
  void forEachBuffer(const Each& each) const {
    std::vector<const DeviceBuffer*> seen;
    for (TensorIndex i = 0; i < buffers_.size(); ++i) {
      const DeviceBuffer* buffer = buffers_[i].get();
      if (buffer == nullptr || std::find(seen.begin(), seen.end(), buffer) != seen.end()) continue;
      seen.push_back(buffer);
      each(*buffer, graph().tensors[i]);
    }
  }

  void fillAll() const {
    std::uint32_t seed = 0;
    forEachBuffer([&](const DeviceBuffer& buffer, const Tensor& tensor) {
      fill(*context_, buffer.address(), tensor.dtype, tensor.elements(), ++seed);
    });
  }

  void clearAll() const {
    const Driver& driver = context_->driver();
    forEachBuffer([&](const DeviceBuffer& buffer, const Tensor&) {
      driver.check(driver.cuMemsetD8Async(buffer.address(), 0, buffer.bytes(), context_->stream()),
                   "cuMemsetD8Async");
    });
    context_->synchronize();
  }

  void enqueueIterations(CUstream stream, std::int64_t iterations) const {
    if (enqueueTimes_) return enqueueTimes_(stream, static_cast<std::int32_t>(iterations));
    for (std::int64_t i = 0; i < iterations; ++i) {
      for (const auto& run : runs_) {
        if (run) run(stream);
      }
    }
  }

  void capture() {
    const CUstream stream = context_->stream();
    const auto add = [&](std::int64_t iterations) {
      groups_.push_back({iterations, std::make_unique<CapturedGraph>(
                                         context_->driver(), stream, [&](CUstream captured) {
                                           enqueueIterations(captured, iterations);
                                         })});
    };
    add(1);
    timed_ = std::make_unique<TimedGraph>(
        context_->driver(), stream, [&](CUstream captured) { enqueueIterations(captured, 1); });
    const double ns = (runEach(1), runEach(2).deviceNs.value_or(0) / 2);
    for (const std::int64_t iterations : kGroups) {
      const bool fits = runs_.size() * static_cast<std::size_t>(iterations) <= kMostSteps;
      if (iterations > 1 && fits && ns < kShortNs) add(iterations);
    }
    std::sort(groups_.begin(), groups_.end(),
              [](const Group& a, const Group& b) { return a.iterations > b.iterations; });
  }

  /** Waits after every iteration; the device's time is that of the iterations alone. */
  Sample runEach(std::int64_t iterations) {
    const CUstream stream = context_->stream();
    Sample sample{0, 0.0};
    for (std::int64_t i = 0; i < iterations; ++i) {
      const auto start = Clock::now();
      timed_->launch(stream);
      context_->synchronize();
      sample.wallNs += nanoseconds(Clock::now() - start);
      *sample.deviceNs += timed_->ns();
    }
    return sample;
  }

  /** Waits once; short iterations go several to a launch. */
  Sample runAll(std::int64_t iterations) {
    const CUstream stream = context_->stream();
    const auto start = Clock::now();
    start_.record(stream);
    std::int64_t left = iterations;
    for (const Group& group : groups_) {
      for (; left >= group.iterations; left -= group.iterations) group.graph->launch(stream);
    }
    end_.record(stream);
    context_->synchronize();
    return {nanoseconds(Clock::now() - start), end_.nsSince(start_)};
  }

  // In this order: what holds device memory goes before the context.
  std::shared_ptr<Context> context_;
  Memory memory_;
  Event start_;
  Event end_;
  std::vector<std::shared_ptr<DeviceBuffer>> buffers_;
  std::vector<Step> steps_;
  std::vector<std::function<void(CUstream)>> runs_;
  /** Several iterations in one launch; empty if the one step, or the several, cannot. */
  std::function<void(CUstream, std::int32_t)> enqueueTimes_;
  std::vector<Preparation> preparations_;
  std::vector<Group> groups_;
  /** One iteration, for latency mode. */
  std::unique_ptr<TimedGraph> timed_;
  std::vector<std::byte> staging_;
};

}  // namespace

std::unique_ptr<Executable> compile(Graph graph, std::shared_ptr<Context> context,
                                    KernelLevel level) {
  context->use();
  return std::make_unique<CudaExecutable>(std::move(graph), std::move(context), level);
}

}  // namespace mpsbench::cuda
