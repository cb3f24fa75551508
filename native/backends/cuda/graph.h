#pragma once

#include <functional>

#include "backends/cuda/libraries.h"

namespace mpsbench::cuda {

/** An event on the device's clock. */
class Event {
 public:
  explicit Event(const Driver& driver);
  ~Event();
  Event(const Event&) = delete;
  Event& operator=(const Event&) = delete;

  void record(CUstream stream) const;
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

}  // namespace mpsbench::cuda
