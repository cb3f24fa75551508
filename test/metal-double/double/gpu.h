#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "double/memory.h"

/** The double's GPU: a thread that does what is committed, in order, while the CPU goes on. */
namespace metal_double {

using MemoryRef = std::shared_ptr<Memory>;
using Uses = std::vector<std::pair<MemoryRef, Access>>;

enum class Progress { recording, committed, completed, failed };

class QueueState;

/** The time that the GPU has worked since the start, of all command buffers. */
double gpuBusySeconds();

/** The work of one command buffer. The CPU's thread owns all but what the GPU's thread sets. */
class Work : public std::enable_shared_from_this<Work> {
 public:
  explicit Work(std::shared_ptr<QueueState> queue) : queue_(std::move(queue)) {}
  ~Work();
  Work(const Work&) = delete;
  Work& operator=(const Work&) = delete;

  /** Adds a command; `uses` are the buffers that it reads or writes. */
  void add(const Uses& uses, std::function<void()> command);
  void commit();
  /** Returns after the GPU has done it; the CPU may then touch what it and earlier ones used. */
  void wait();
  /** What the CPU can know without waiting; completion counts as seen from then on. */
  Progress observe();
  [[nodiscard]] bool committed() const { return committed_; }
  /** Seen to have completed or failed. */
  [[nodiscard]] bool observed() const { return observed_; }
  /** Seconds on the GPU's clock; 0 until it is done. */
  [[nodiscard]] double startTime() const { return start_; }
  [[nodiscard]] double endTime() const { return end_; }
  /** The MTLCommandBufferError that it ended with. */
  [[nodiscard]] std::optional<int> error() const { return error_; }

 private:
  friend class Gpu;
  friend class QueueState;
  void markObserved();

  std::shared_ptr<QueueState> queue_;
  std::vector<std::function<void()>> commands_;
  std::set<std::pair<MemoryRef, Access>> uses_;
  bool committed_ = false;
  bool observed_ = false;
  /** Guarded by the GPU's mutex until `done_`. */
  bool done_ = false;
  double start_ = 0;
  double end_ = 0;
  std::optional<int> error_;
};

/** What a command queue knows of its command buffers. */
class QueueState {
 public:
  /** Breaks Rule::queueDepth where 64 are outstanding and none of them will ever complete. */
  void willCreate();
  void created(const std::shared_ptr<Work>& work);
  /** The queue's object is gone: what it waits to see done is dropped when the GPU has done it. */
  void close() { unobserved_.clear(); }

 private:
  friend class Work;
  /** Work completes in the order of the queue: seeing one done is seeing the earlier ones done. */
  void observeUpTo(const Work& work);

  std::vector<std::weak_ptr<Work>> outstanding_;
  std::deque<std::shared_ptr<Work>> unobserved_;
};

}  // namespace metal_double
