#include "backends/metal/executable.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "backends/metal/driver/batching.h"
#include "backends/metal/driver/command_stream.h"
#include "backends/metal/driver/objc_exceptions.h"
#include "backends/metal/program.h"
#include "core/error.h"

namespace mpsbench::metal {

namespace {

using Clock = std::chrono::steady_clock;

Owned<id<MTLCommandQueue>> newQueue(id<MTLDevice> device) {
  auto queue = Owned<id<MTLCommandQueue>>::adopt([device newCommandQueue]);
  if (!queue) {
    throw Error(ErrorCode::deviceLost, "Metal gave no command queue.",
                "Run it again; if it comes back, restart the Mac.");
  }
  return queue;
}

class MetalExecutable final : public Executable {
 public:
  MetalExecutable(Graph graph, id<MTLDevice> device)
      : Executable(std::move(graph)),
        queue_(newQueue(device)),
        program_(std::make_unique<Program>(this->graph(), device, queue_.get())) {
    Step step;
    for (const Op& op : this->graph().ops) step.ops.push_back(op.id);
    step.kernel = "MPSGraph";
    steps_.push_back(std::move(step));
  }

  /** In a pool of its own; there is nobody left to tell of an exception. */
  ~MetalExecutable() override {
    callCatching(
        [](void* self) {
          static_cast<MetalExecutable*>(self)->program_.reset();
          static_cast<MetalExecutable*>(self)->queue_ = {};
        },
        this);
  }
  MetalExecutable(const MetalExecutable&) = delete;
  MetalExecutable& operator=(const MetalExecutable&) = delete;

  /** MPSGraph fuses across ops and says nothing about its kernels: all ops are one step. */
  [[nodiscard]] const std::vector<Step>& steps() const override { return steps_; }
  /** The buffers, and the temporaries of one iteration. */
  [[nodiscard]] std::uint64_t deviceBytes() const override {
    return program_->bytes() + program_->temporaryBytes();
  }

  Sample run(std::int64_t iterations, RunMode mode) override {
    return guarded("running the graph", [&] { return runOnGpu(iterations, mode); });
  }

  std::vector<StepTime> profile(std::int64_t iterations) override {
    const Sample sample = run(iterations, RunMode::throughput);
    const auto count = static_cast<double>(iterations);
    StepTime time;
    time.wallNs = sample.wallNs / count;
    if (sample.deviceNs) time.deviceNs = *sample.deviceNs / count;
    return {time};
  }

 protected:
  void writeTensor(TensorIndex tensor, const HostView& values) override {
    guarded("writing a tensor", [&] { program_->write(tensor, values); });
  }

  void readTensor(TensorIndex tensor, const HostSpan& values) override {
    guarded("reading a tensor", [&] { program_->read(tensor, values); });
  }

 private:
  Sample runOnGpu(std::int64_t iterations, RunMode mode) {
    const Batching batching =
        planBatches(iterationNs_, program_->temporaryBytes(), program_->freeBytes());
    CommandStream stream(queue_.get(), batching.inFlight);
    const std::int64_t batch = mode == RunMode::latency ? 1 : batching.iterations;
    const auto start = Clock::now();
    for (std::int64_t done = 0; done < iterations; done += batch) {
      stream.submit(std::min(batch, iterations - done),
                    [&](MPSCommandBuffer* buffer) { program_->encode(buffer); });
      if (mode == RunMode::latency) stream.finish();
    }
    stream.finish();
    Sample sample;
    sample.wallNs = std::chrono::duration<double, std::nano>(Clock::now() - start).count();
    sample.deviceNs = stream.busyNs();
    iterationNs_ = sample.deviceNs.value_or(sample.wallNs) / static_cast<double>(iterations);
    return sample;
  }

  Owned<id<MTLCommandQueue>> queue_;
  std::unique_ptr<Program> program_;
  /** Of the last run; 0 before the first. */
  double iterationNs_ = 0;
  std::vector<Step> steps_;
};

}  // namespace

std::unique_ptr<Executable> compile(Graph graph, id<MTLDevice> device) {
  return guarded("compiling the graph", [&] {
    std::unique_ptr<Executable> made = std::make_unique<MetalExecutable>(std::move(graph), device);
    return made;
  });
}

}  // namespace mpsbench::metal
