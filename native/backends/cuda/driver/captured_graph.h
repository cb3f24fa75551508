#pragma once

#include <functional>

#include "backends/cuda/driver/libraries.h"

namespace mpsbench::cuda {

/** An event on the device's clock. */
class Event {
 public:
  explicit Event(const Driver& driver);
  ~Event();
  Event(const Event&) = delete;
  Event& operator=(const Event&) = delete;

  void record(CUstream stream) const;
  /** On a stream that is captured: every launch of the graph records the event again. */
  void recordInGraph(CUstream stream) const;
  /** Nanoseconds from `start` to this; both have happened. */
  [[nodiscard]] double nsSince(const Event& start) const;

 private:
  const Driver& driver_;
  CUevent event_ = nullptr;
};

/** Work captured once, launched as a whole. */
class CapturedGraph {
 public:
  /** Captures what `enqueue` puts on the stream; nothing of it runs. @throws Error */
  CapturedGraph(const Driver& driver, CUstream stream,
                const std::function<void(CUstream)>& enqueue);
  ~CapturedGraph();
  CapturedGraph(const CapturedGraph&) = delete;
  CapturedGraph& operator=(const CapturedGraph&) = delete;

  void launch(CUstream stream) const;

 private:
  const Driver& driver_;
  CUgraphExec executable_ = nullptr;
};

/**
 * Work captured once between two events: its time begins when the device begins with it, not when
 * the host submits it.
 */
class TimedGraph {
 public:
  /** As `CapturedGraph`. @throws Error */
  TimedGraph(const Driver& driver, CUstream stream, const std::function<void(CUstream)>& enqueue);

  void launch(CUstream stream) const { graph_.launch(stream); }
  /** Nanoseconds of the last launch, which has ended. */
  [[nodiscard]] double ns() const { return end_.nsSince(start_); }

 private:
  Event start_;
  Event end_;
  CapturedGraph graph_;
};

}  // namespace mpsbench::cuda
