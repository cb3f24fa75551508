#include "backends/cuda/driver/captured_graph.h"

namespace mpsbench::cuda {

Event::Event(const Driver& driver) : driver_(driver) {
  driver_.check(driver_.cuEventCreate(&event_, CU_EVENT_DEFAULT), "cuEventCreate");
}

Event::~Event() {
  driver_.cuEventDestroy(event_);
}

void Event::record(CUstream stream) const {
  driver_.check(driver_.cuEventRecord(event_, stream), "cuEventRecord");
}

void Event::recordInGraph(CUstream stream) const {
  driver_.check(driver_.cuEventRecordWithFlags(event_, stream, CU_EVENT_RECORD_EXTERNAL),
                "cuEventRecordWithFlags");
}

double Event::nsSince(const Event& start) const {
  float milliseconds = 0;
  driver_.check(driver_.cuEventElapsedTime(&milliseconds, start.event_, event_),
                "cuEventElapsedTime");
  return static_cast<double>(milliseconds) * 1e6;
}

CapturedGraph::CapturedGraph(const Driver& driver, CUstream stream,
                             const std::function<void(CUstream)>& enqueue)
    : driver_(driver) {
  driver_.check(driver_.cuStreamBeginCapture(stream, CU_STREAM_CAPTURE_MODE_THREAD_LOCAL),
                "cuStreamBeginCapture");
  CUgraph graph = nullptr;
  try {
    enqueue(stream);
  } catch (...) {
    // The stream must leave the capture, whatever has become of it.
    if (driver_.cuStreamEndCapture(stream, &graph) == CUDA_SUCCESS) driver_.cuGraphDestroy(graph);
    throw;
  }
  driver_.check(driver_.cuStreamEndCapture(stream, &graph), "cuStreamEndCapture");
  const CUresult made = driver_.cuGraphInstantiate(&executable_, graph, 0);
  driver_.cuGraphDestroy(graph);
  driver_.check(made, "cuGraphInstantiate");
  const CUresult uploaded = driver_.cuGraphUpload(executable_, stream);
  if (uploaded != CUDA_SUCCESS) {
    driver_.cuGraphExecDestroy(executable_);
    throw driver_.error(uploaded, "cuGraphUpload");
  }
}

CapturedGraph::~CapturedGraph() {
  driver_.cuGraphExecDestroy(executable_);
}

void CapturedGraph::launch(CUstream stream) const {
  driver_.check(driver_.cuGraphLaunch(executable_, stream), "cuGraphLaunch");
}

TimedGraph::TimedGraph(const Driver& driver, CUstream stream,
                       const std::function<void(CUstream)>& enqueue)
    : start_(driver), end_(driver), graph_(driver, stream, [&](CUstream captured) {
        start_.recordInGraph(captured);
        enqueue(captured);
        end_.recordInGraph(captured);
      }) {}

}  // namespace mpsbench::cuda
