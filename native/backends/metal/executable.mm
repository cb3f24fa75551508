#include "backends/metal/executable.h"

#include <algorithm>
#include <utility>

#include "backends/metal/driver/objc_exceptions.h"
#include "backends/metal/driver/run.h"
#include "backends/metal/driver/tensors.h"
#include "backends/metal/tuning/tuner.h"
#include "core/error.h"

namespace mpsbench::metal {

namespace {

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
  MetalExecutable(Graph graph, id<MTLDevice> device, std::shared_ptr<Programs> programs,
                  const Facts& facts, KernelLevel level)
      : Executable(std::move(graph)), programs_(std::move(programs)), queue_(newQueue(device)) {
    requireWay(this->graph(), facts, level);
    tensors_ = std::make_unique<Tensors>(this->graph(), device, queue_.get());
    Lowering lowering(*tensors_, *programs_, device, queue_.get());
    Lowerings lowered = lowering.lowerAll(facts, level);
    const bool areTuned = lowered.candidates.size() > 1;
    Choice choice = choose(lowering, std::move(lowered.candidates));
    if (!lowered.refused.empty()) choice.label += " (another refused: " + lowered.refused + ")";
    candidate_ = std::move(choice.candidate);
    iterationNs_ = candidate_.expectedNs;
    if (areTuned) tensors_->clear();
    prepare(queue_.get(), candidate_);

    Step step;
    for (const Op& op : this->graph().ops) step.ops.push_back(op.id);
    step.kernel = std::move(choice.label);
    steps_.push_back(std::move(step));
  }

  /** In a pool of its own; there is nobody left to tell of an exception. */
  ~MetalExecutable() override {
    callCatching(
        [](void* self) {
          auto& own = *static_cast<MetalExecutable*>(self);
          own.candidate_ = {};
          own.tensors_.reset();
          own.queue_ = {};
          own.programs_.reset();
        },
        this);
  }
  MetalExecutable(const MetalExecutable&) = delete;
  MetalExecutable& operator=(const MetalExecutable&) = delete;

  /** MPSGraph fuses across ops and says nothing about its kernels: all ops are one step. */
  [[nodiscard]] const std::vector<Step>& steps() const override { return steps_; }
  /** The buffers, and the temporaries of one iteration. */
  [[nodiscard]] std::uint64_t deviceBytes() const override {
    return tensors_->bytes() + candidate_.ownBytes + candidate_.temporaryBytes;
  }

  Sample run(std::int64_t iterations, RunMode mode) override {
    return guarded("running the graph", [&] {
      const Batching batching = planBatches(iterationNs_, candidate_.mostInBatch,
                                            candidate_.temporaryBytes, tensors_->freeBytes());
      const Sample sample =
          runIterations(queue_.get(), candidate_, phase_, iterations, batching, mode);
      iterationNs_ = sample.deviceNs.value_or(sample.wallNs) / static_cast<double>(iterations);
      return sample;
    });
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
    guarded("writing a tensor", [&] {
      tensors_->write(tensor, phase_, values);
      const auto& weights = candidate_.weights;
      if (std::find(weights.begin(), weights.end(), tensor) != weights.end()) {
        prepare(queue_.get(), candidate_);
      }
    });
  }

  void readTensor(TensorIndex tensor, const HostSpan& values) override {
    guarded("reading a tensor", [&] { tensors_->read(tensor, phase_, values); });
  }

 private:
  std::shared_ptr<Programs> programs_;
  Owned<id<MTLCommandQueue>> queue_;
  std::unique_ptr<Tensors> tensors_;
  Candidate candidate_;
  /** Of the next iteration. */
  std::size_t phase_ = 0;
  /** Of the last run; before the first what is expected. */
  double iterationNs_ = 0;
  std::vector<Step> steps_;
};

}  // namespace

std::unique_ptr<Executable> compile(Graph graph, id<MTLDevice> device,
                                    std::shared_ptr<Programs> programs, const Facts& facts,
                                    KernelLevel level) {
  return guarded("compiling the graph", [&] {
    std::unique_ptr<Executable> made = std::make_unique<MetalExecutable>(
        std::move(graph), device, std::move(programs), facts, level);
    return made;
  });
}

}  // namespace mpsbench::metal
