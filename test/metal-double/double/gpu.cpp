#include "double/gpu.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <thread>

#include "double/rules.h"
#include "double/scenario.h"

namespace metal_double {

namespace {

constexpr std::size_t kQueueDepth = 64;

double now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

}  // namespace

class Gpu {
 public:
  /** Never destroyed: its thread sleeps when the process ends. */
  static Gpu& instance() {
    static Gpu& gpu = *new Gpu;
    return gpu;
  }

  void submit(std::shared_ptr<Work> work) {
    {
      const std::lock_guard lock(mutex_);
      queue_.push_back(std::move(work));
    }
    wake_.notify_one();
  }

  void wait(const Work& work) {
    std::unique_lock lock(mutex_);
    finished_.wait(lock, [&] { return work.done_; });
  }

  bool isDone(const Work& work) {
    const std::lock_guard lock(mutex_);
    return work.done_;
  }

  double busySeconds() {
    const std::lock_guard lock(mutex_);
    return busySeconds_;
  }

 private:
  Gpu() {
    std::thread([this] { loop(); }).detach();
  }

  void loop() {
    for (;;) {
      std::shared_ptr<Work> work;
      {
        std::unique_lock lock(mutex_);
        wake_.wait(lock, [&] { return !queue_.empty(); });
        work = std::move(queue_.front());
        queue_.pop_front();
      }
      execute(*work);
      {
        const std::lock_guard lock(mutex_);
        busySeconds_ += work->end_ - work->start_;
        work->done_ = true;
      }
      finished_.notify_all();
    }
  }

  void execute(Work& work) {
    ++executed_;
    work.start_ = now();
    const Scenario& played = scenario();
    if (played.errorCode && executed_ == played.failingCommandBuffer) {
      work.error_ = played.errorCode;
    } else {
      for (const auto& command : work.commands_) command();
    }
    work.commands_.clear();
    work.end_ = now();
  }

  std::mutex mutex_;
  std::condition_variable wake_;
  std::condition_variable finished_;
  std::deque<std::shared_ptr<Work>> queue_;
  int executed_ = 0;
  double busySeconds_ = 0;
};

double gpuBusySeconds() {
  return Gpu::instance().busySeconds();
}

Work::~Work() {
  if (committed_) markObserved();
}

void Work::add(const Uses& uses, std::function<void()> command) {
  uses_.insert(uses.begin(), uses.end());
  commands_.push_back(std::move(command));
}

void Work::commit() {
  committed_ = true;
  for (const auto& [memory, access] : uses_) {
    memory->checkPadding();
    memory->beginUse(access);
  }
  queue_->unobserved_.push_back(shared_from_this());
  Gpu::instance().submit(shared_from_this());
}

void Work::wait() {
  Gpu::instance().wait(*this);
  queue_->observeUpTo(*this);
}

Progress Work::observe() {
  if (!committed_) return Progress::recording;
  if (!observed_ && !Gpu::instance().isDone(*this)) return Progress::committed;
  queue_->observeUpTo(*this);
  return error_ ? Progress::failed : Progress::completed;
}

void Work::markObserved() {
  if (observed_) return;
  observed_ = true;
  for (const auto& [memory, access] : uses_) memory->endUse(access);
  uses_.clear();
}

void QueueState::willCreate() {
  std::erase_if(outstanding_, [](const std::weak_ptr<Work>& entry) {
    const auto work = entry.lock();
    return !work || (work->committed() && Gpu::instance().isDone(*work));
  });
  if (outstanding_.size() < kQueueDepth) return;
  const auto committed = std::find_if(outstanding_.begin(), outstanding_.end(), [](const auto& e) {
    const auto work = e.lock();
    return work && work->committed();
  });
  require(committed != outstanding_.end(), Rule::queueDepth,
          "64 command buffers of the queue are not committed.");
  // As Metal does: the call blocks until one has completed.
  if (const auto work = committed->lock()) Gpu::instance().wait(*work);
  willCreate();
}

void QueueState::created(const std::shared_ptr<Work>& work) {
  outstanding_.push_back(work);
}

void QueueState::observeUpTo(const Work& work) {
  if (work.observed_) return;
  while (!unobserved_.empty()) {
    const auto earliest = std::move(unobserved_.front());
    unobserved_.pop_front();
    earliest->markObserved();
    if (earliest.get() == &work) return;
  }
}

}  // namespace metal_double
