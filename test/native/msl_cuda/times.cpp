#include "msl_cuda/times.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "backends/cuda/driver/captured_graph.h"
#include "backends/cuda/lowering.h"
#include "backends/metal/calls/fill.h"
#include "core/error.h"
#include "msl_cuda/candidates.h"
#include "support/graphs.h"

namespace mpsbench::msl_cuda {

namespace {

using namespace mpsbench::test;
using Enqueue = std::function<void(cuda::CUstream)>;

/** Steps of a dispatch of linear_tiny.metal, as the Metal backend has at most. */
constexpr int kSteps = 1024;
/** As the CUDA backend has at most. */
constexpr int kCudaSteps = 64;

/** Held while the GPU is timed, so that several processes can compile meanwhile. */
class GpuLock {
 public:
  GpuLock() : file_(open("/tmp/mpsbench-msl-cuda.lock", O_RDWR | O_CREAT | O_CLOEXEC, 0600)) {
    if (file_ >= 0) flock(file_, LOCK_EX);
  }
  ~GpuLock() {
    if (file_ >= 0) close(file_);
  }
  GpuLock(const GpuLock&) = delete;
  GpuLock& operator=(const GpuLock&) = delete;

 private:
  int file_;
};

/** Nanoseconds of one call: the least of some graphs of many calls. */
double nsOf(const cuda::Context& context, const Enqueue& enqueue) {
  constexpr double kGraphNs = 5e6;
  constexpr int kGraphs = 5;
  constexpr int kMostCalls = 1000;
  const auto measure = [&](int calls, int graphs) {
    const cuda::TimedGraph graph(context.driver(), context.stream(), [&](cuda::CUstream stream) {
      for (int i = 0; i < calls; ++i) enqueue(stream);
    });
    double least = INFINITY;
    for (int i = 0; i < graphs; ++i) {
      graph.launch(context.stream());
      context.synchronize();
      least = std::min(least, graph.ns() / calls);
    }
    return least;
  };
  const double once = measure(1, 3);
  const int calls = static_cast<int>(std::clamp(kGraphNs / once, 1.0, double{kMostCalls}));
  return measure(calls, kGraphs);
}

/** By kernel file or library, the first word of a name: its fastest candidate. */
struct Time {
  std::string name;
  double ns = INFINITY;
};
using Times = std::map<std::string, Time>;

void keep(Times& times, const std::string& name, double ns) {
  Time& best = times[name.substr(0, name.find_first_of(" ,"))];
  if (ns < best.ns) best = {name, ns};
}

Times cudaTimes(cuda::Context& context, const Graph& graph, Programs& programs) {
  cuda::Memory memory(context.driver(), context.stream());
  cuda::Lowering lowering(graph, context, memory);
  const std::vector<cuda::LoweredStep> steps = lowering.lowerAll();
  std::uint32_t seed = 0;
  for (TensorIndex i = 0; i < graph.tensors.size(); ++i) {
    if (graph.tensors[i].role == Role::temp) continue;
    programs.launch(metal::fillCall(graph.tensors[i].dtype, graph.tensors[i].elements(), ++seed),
                    {lowering.data(i)})(context.stream());
  }
  const auto buffers = lowering.takeBuffers();
  const GpuLock lock;
  Times times;
  // A graph of several steps is no single kernel's.
  if (steps.size() != 1) return times;
  for (const cuda::Candidate& candidate : steps[0].candidates) {
    try {
      if (candidate.prepare) candidate.prepare(context.stream());
      const double ns =
          candidate.enqueueTimes
              ? nsOf(context, [&](cuda::CUstream stream) {
                  candidate.enqueueTimes(stream, kCudaSteps);
                }) / kCudaSteps
              : nsOf(context, candidate.enqueue);
      keep(times, candidate.name, ns);
    } catch (const Error& error) {
      // A library may refuse an algorithm that its heuristics proposed.
      if (error.code() != ErrorCode::unsupported) throw;
    }
  }
  return times;
}

Times mslTimes(cuda::Context& context, const Graph& graph, Programs& programs) {
  Tensors tensors(graph, context);
  std::uint32_t seed = 0;
  for (TensorIndex i = 0; i < graph.tensors.size(); ++i) {
    if (graph.tensors[i].role == Role::temp) continue;
    programs.launch(metal::fillCall(graph.tensors[i].dtype, graph.tensors[i].elements(), ++seed),
                    {tensors.read(i)})(context.stream());
  }
  const std::vector<Candidate> candidates = candidatesOf(graph, programs, tensors, kSteps);
  const GpuLock lock;
  Times times;
  for (const Candidate& candidate : candidates) {
    for (const cuda::Launch& launch : candidate.prepare) launch(context.stream());
    const double ns = nsOf(context, [&](cuda::CUstream stream) {
      for (const cuda::Launch& launch : candidate.run) launch(stream);
    });
    std::printf("    %-62s %10.2f us\n", candidate.name.c_str(), ns / candidate.iterations / 1e3);
    keep(times, candidate.name, ns / candidate.iterations);
  }
  return times;
}

void print(cuda::Context& context, Programs& programs, const std::string& title,
           const Graph& graph) {
  const Times msl = mslTimes(context, graph, programs);
  const auto best = std::min_element(msl.begin(), msl.end(), [](const auto& a, const auto& b) {
    return a.second.ns < b.second.ns;
  });
  for (const auto& [file, time] : cudaTimes(context, graph, programs)) {
    std::printf("| %s | %s | %.2f | %s | %.2f | %.2f |\n", title.c_str(),
                best->second.name.c_str(), best->second.ns / 1e3, time.name.c_str(), time.ns / 1e3,
                best->second.ns / time.ns);
  }
  std::fflush(stdout);
}

struct Workload {
  std::string label;
  Graph graph;
};

std::vector<Workload> workloads(DType dtype) {
  const auto single = [&](const OpSpec& op, const Shape& shape) {
    return singleOp(dtype, op, {shape, shape}, shape);
  };
  std::vector<Workload> all;
  for (const std::int64_t batch : {1, 32, 4096, 16384}) {
    all.push_back({"cnn of " + std::to_string(batch), cnn(dtype, batch)});
  }
  all.push_back({"linear 4x1->1", linearStep(dtype, 4, 1, 1)});
  all.push_back({"linear 256x256->256", linearStep(dtype, 256, 256, 256)});
  all.push_back({"linear 4096x1024->1024", linearStep(dtype, 4096, 1024, 1024)});
  for (const std::int64_t size : {1024, 2048, 4096}) {
    all.push_back({"matmul of " + std::to_string(size), single(spec(OpKind::matmul), {size, size})});
  }
  const Shape matrix = {65536, 512};
  all.push_back({"softmax of 65536x512", singleOp(dtype, spec(OpKind::softmax), {matrix}, matrix)});
  all.push_back({"sum of 65536x512", singleOp(dtype, spec(OpKind::reduceSum), {matrix}, {512})});
  all.push_back({"add of 2^26", single(spec(OpKind::add), {std::int64_t{1} << 26})});
  return all;
}

}  // namespace

void printTimes(const std::vector<DType>& dtypes, const std::string& wanted,
                cuda::Context& context) {
  context.use();
  Programs programs(context);
  std::printf("| workload | MSL | us | CUDA | us | MSL / CUDA |\n");
  for (const DType dtype : dtypes) {
    for (const Workload& each : workloads(dtype)) {
      if (!each.label.starts_with(wanted)) continue;
      print(context, programs, std::string(name(dtype)) + " " + each.label, each.graph);
    }
  }
}

}  // namespace mpsbench::msl_cuda
