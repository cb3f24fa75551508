// Runs every op at every dtype on every engine, at sizes that are no multiple of anything, so that
// the sanitizers see all memory accesses; results are compared with the reference engine.
#include <cmath>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/backend.h"
#include "core/registry.h"
#include "support/checks.h"
#include "support/graphs.h"

namespace {

using namespace mpsbench;
using namespace mpsbench::test;

/** Each op is done, and timed, in one step. */
void checkSteps(const Executable& executable, const std::string& what) {
  std::multiset<std::string> covered;
  for (const Step& step : executable.steps()) covered.insert(step.ops.begin(), step.ops.end());
  for (const Op& op : executable.graph().ops) {
    check(covered.count(op.id) == 1,
          what + ": " + op.id + " stands in " + std::to_string(covered.count(op.id)) + " steps");
  }
}

/** All outputs and states after three iterations, one after the other. */
std::vector<double> run(Device& device, const Graph& graph, const std::string& what) {
  const auto executable = device.compile(graph);
  checkSteps(*executable, what);
  for (const Tensor& tensor : graph.tensors) {
    if (tensor.role != Role::temp)
      executable->write(tensor.id, std::span<const double>(valuesFor(tensor)));
  }
  executable->run(3, RunMode::throughput);
  executable->profile(1);
  std::vector<double> all;
  for (TensorIndex i = 0; i < graph.tensors.size(); ++i) {
    const Tensor& tensor = graph.tensors[i];
    if (tensor.role != Role::state && !graph.isOutput(i)) continue;
    std::vector<double> values(tensor.elements());
    executable->read(tensor.id, std::span<double>(values));
    all.insert(all.end(), values.begin(), values.end());
  }
  return all;
}

bool supportsAll(const Device& device, const Graph& graph) {
  for (const Op& op : graph.ops) {
    if (device.supports(op.spec, graph.output(op).dtype)) return false;
  }
  return true;
}

double tolerance(DType dtype) {
  switch (dtype) {
    case DType::f64:
      return 1e-12;
    case DType::f16:
      return 2e-2;
    case DType::bf16:
      return 1e-1;
    case DType::f32:
      break;
  }
  return 1e-5;
}

/** Without an engine: the best one, with our own patterns. */
void compare(Backend& backend, const std::optional<std::string>& engine, int threads,
             const Graph& graph, const std::string& label) {
  const DType dtype = graph.tensors[0].dtype;
  const auto device = backend.devices({.threads = threads, .engine = engine}).front();
  if (!supportsAll(*device, graph)) return;
  const auto reference = backend.devices({.threads = 1, .engine = "reference"}).front();
  const std::vector<double> expected = run(*reference, graph, "reference");
  const std::string where = engine.value_or("best engine") + " " + name(dtype) + " " + label;
  const std::vector<double> actual = run(*device, graph, where);
  check(actual.size() == expected.size(), where + ": sizes");
  for (std::size_t i = 0; i < actual.size(); ++i) {
    if (std::abs(actual[i] - expected[i]) <= tolerance(dtype)) continue;
    check(false, where + ": value " + std::to_string(i) + " is " + std::to_string(actual[i]) +
                     ", expected " + std::to_string(expected[i]));
    return;
  }
}

void errors(Backend& backend) {
  expectError(ErrorCode::usage, "unknown engine",
              [&] { backend.devices({.threads = {}, .engine = "x"}); });
  expectError(ErrorCode::outOfMemory, "overflow", [] {
    GraphBuilder build(DType::f64);
    build.tensor("a", {std::int64_t{1} << 40, std::int64_t{1} << 40}, Role::input);
    build.finish({});
  });
  const auto device = backend.devices({}).front();
  expectError(ErrorCode::outOfMemory, "too large", [&] {
    GraphBuilder build(DType::f32);
    build.tensor("a", {std::int64_t{1} << 50}, Role::input);
    device->compile(build.finish({}));
  });
}

}  // namespace

int main() {
  Backend& backend = *backends().front();
  errors(backend);
  std::vector<std::optional<std::string>> engines{std::nullopt};
  const auto device = backend.devices({}).front();
  for (const std::string& engine : device->info().engines) engines.emplace_back(engine);
  for (const auto& engine : engines) {
    compare(backend, engine, 2, twoDTypes(), "with an op in f64");
    for (const DType dtype : kDTypes) {
      for (const int threads : {1, 2, 5}) {
        compare(backend, engine, threads, elementwise(dtype), "elementwise");
        compare(backend, engine, threads, training(dtype), "training");
        compare(backend, engine, threads, twoGradients(dtype), "two gradients, one loss");
        compare(backend, engine, threads, twoLosses(dtype), "two losses, one gradient");
        compare(backend, engine, threads, convolution(dtype, 7, 1, 32), "convolution");
        compare(backend, engine, threads, convolution(dtype, 2, 3, 37), "convolution, odd");
        compare(backend, engine, threads, convolution(dtype, 1, 20, 8), "convolution, deep");
        compare(backend, engine, threads, paddedConvolution(dtype), "padded convolution");
      }
    }
  }
  return finish();
}
