#include "msl_cuda/times.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <functional>
#include <map>
#include <regex>
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

/** Nanoseconds of one call: the median of some graphs of many calls, after enough work to raise the
 * clocks. */
double nsOf(const cuda::Context& context, const Enqueue& enqueue) {
  constexpr double kGraphNs = 5e6;
  constexpr double kWarmUpNs = 30e6;
  constexpr int kGraphs = 9;
  constexpr int kMostCalls = 1000;
  const auto graphOf = [&](int calls) {
    return cuda::TimedGraph(context.driver(), context.stream(), [&, calls](cuda::CUstream stream) {
      for (int i = 0; i < calls; ++i) enqueue(stream);
    });
  };
  const auto nsOfLaunch = [&](const cuda::TimedGraph& graph) {
    graph.launch(context.stream());
    context.synchronize();
    return graph.ns();
  };
  const cuda::TimedGraph single = graphOf(1);
  nsOfLaunch(single);
  const int calls =
      static_cast<int>(std::clamp(kGraphNs / nsOfLaunch(single), 1.0, double{kMostCalls}));
  const cuda::TimedGraph many = graphOf(calls);
  for (double spent = 0; spent < kWarmUpNs;) spent += nsOfLaunch(many);
  std::vector<double> all;
  for (int i = 0; i < kGraphs; ++i) all.push_back(nsOfLaunch(many) / calls);
  std::nth_element(all.begin(), all.begin() + kGraphs / 2, all.end());
  return all[kGraphs / 2];
}

/**
 * The fastest candidate by kernel file or library, the first word of a name, and by what MSL lacks
 * or does not use: thread block clusters, Winograd.
 */
struct Time {
  std::string name;
  double ns = INFINITY;
};
using Times = std::map<std::string, Time>;

void keep(Times& times, const std::string& name, double ns) {
  std::string kind = name.substr(0, name.find_first_of(" ,"));
  for (const char* way : {" clusters", " Winograd"}) {
    if (name.find(way) != std::string::npos) kind += way;
  }
  Time& best = times[kind];
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
              ? nsOf(context,
                     [&](cuda::CUstream stream) { candidate.enqueueTimes(stream, kCudaSteps); }) /
                    kCudaSteps
              : nsOf(context, candidate.enqueue);
      std::printf("    %-62s %10.2f us\n", candidate.name.c_str(), ns / 1e3);
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
  Programs overlapping = programs.overlapping();
  const std::vector<Candidate> overlapped = candidatesOf(graph, overlapping, tensors, kSteps);
  const GpuLock lock;
  const auto timeOf = [&](const Candidate& candidate) {
    return nsOf(context,
                [&](cuda::CUstream stream) {
                  for (const cuda::Launch& launch : candidate.run) launch(stream);
                }) /
           candidate.iterations;
  };
  Times times;
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    for (const cuda::Launch& launch : candidates[i].prepare) launch(context.stream());
    // The launches of our CUDA kernels may overlap as well where that pays.
    for (const cuda::Launch& launch : overlapped[i].prepare) launch(context.stream());
    const double ns = timeOf(candidates[i]);
    const double overlappedNs = timeOf(overlapped[i]);
    std::printf("    %-62s %10.2f us, overlapping %10.2f us\n", candidates[i].name.c_str(),
                ns / 1e3, overlappedNs / 1e3);
    keep(times, "MSL " + candidates[i].name, ns);
    keep(times, "overlapping " + candidates[i].name, overlappedNs);
  }
  return times;
}

void print(cuda::Context& context, Programs& programs, const std::string& title,
           const Graph& graph) {
  const Times msl = mslTimes(context, graph, programs);
  for (const auto& [kind, time] : cudaTimes(context, graph, programs)) {
    for (const auto& [mode, best] : msl) {
      std::printf("| %s | %s | %.2f | %s | %.2f | %.2f |\n", title.c_str(), best.name.c_str(),
                  best.ns / 1e3, time.name.c_str(), time.ns / 1e3, best.ns / time.ns);
    }
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
  for (const std::int64_t batch : {1, 32, 256, 4096, 16384}) {
    all.push_back({"cnn of " + std::to_string(batch), cnn(dtype, batch)});
  }
  all.push_back({"linear 4x1->1", linearStep(dtype, 4, 1, 1)});
  all.push_back({"linear 256x256->256", linearStep(dtype, 256, 256, 256)});
  all.push_back({"linear 4096x1024->1024", linearStep(dtype, 4096, 1024, 1024)});
  for (const std::int64_t size : {1024, 2048, 4096}) {
    all.push_back(
        {"matmul of " + std::to_string(size), single(spec(OpKind::matmul), {size, size})});
  }
  const Shape matrix = {65536, 512};
  all.push_back({"softmax of 65536x512", singleOp(dtype, spec(OpKind::softmax), {matrix}, matrix)});
  all.push_back({"sum of 65536x512", singleOp(dtype, spec(OpKind::reduceSum), {matrix}, {512})});
  all.push_back(
      {"bias_add of 65536x512", singleOp(dtype, spec(OpKind::biasAdd), {matrix, {512}}, matrix)});
  all.push_back(
      {"mse_loss of 2^25", singleOp(dtype, spec(OpKind::mseLoss), {matrix, matrix}, {1})});
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
      if (!std::regex_search(each.label, std::regex(wanted))) continue;
      print(context, programs, std::string(name(dtype)) + " " + each.label, each.graph);
    }
  }
}

}  // namespace mpsbench::msl_cuda
