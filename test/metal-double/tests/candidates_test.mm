// Every candidate of our own kernels against the reference engine, whichever the tuner would
// choose:
//   mpsbench_metal_candidates_test [TEXT]   TEXT takes the cases whose label begins with it
#import <Metal/Metal.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <limits>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "backends/metal/device.h"
#include "backends/metal/driver/run.h"
#include "backends/metal/lowering.h"
#include "core/error.h"
#include "core/registry.h"
#include "support/graphs.h"

namespace {

using namespace mpsbench;
using namespace mpsbench::test;

/** Both phases, and two steps in one dispatch. */
constexpr std::int64_t kIterations = 3;

struct Case {
  std::string label;
  Graph graph;
  /** Kernel files that must be among the candidates. */
  std::set<std::string> files;
  /** Whether the first input has a NaN of either sign: in its first values, and half-way. */
  bool hasNan = false;
};

/** What the host writes. */
std::vector<double> inputOf(const Case& tested, TensorIndex index) {
  std::vector<double> values = valuesFor(tested.graph.tensors[index]);
  if (tested.hasNan && index == 0) {
    values[7] = std::numeric_limits<double>::quiet_NaN();
    values[values.size() / 2 + 7] = -std::numeric_limits<double>::quiet_NaN();
  }
  return values;
}

Case single(const std::string& label, OpKind kind, DType dtype, const std::vector<Shape>& inputs,
            const Shape& output, const std::string& file) {
  OpSpec op = spec(kind);
  op.learningRate = 0.125;
  return {label, singleOp(dtype, op, inputs, output), {file}};
}

std::vector<Case> casesOf(DType dtype) {
  std::vector<Case> cases;
  constexpr OpKind kTwo[] = {OpKind::add, OpKind::sub, OpKind::mul, OpKind::mseGrad,
                             OpKind::sgdUpdate};
  for (const std::int64_t count : {1, 3, 1031, 9'001}) {
    for (const OpKind kind : kTwo) {
      cases.push_back(single(std::string(name(kind)) + " of " + std::to_string(count), kind, dtype,
                             {{count}, {count}}, {count}, "elementwise.metal"));
    }
    cases.push_back(single("relu of " + std::to_string(count), OpKind::relu, dtype, {{count}},
                           {count}, "elementwise.metal"));
  }
  for (const auto& [rows, features, units] :
       {std::tuple(4, 1, 1), std::tuple(1, 1, 1), std::tuple(37, 19, 11), std::tuple(3, 70, 40)}) {
    cases.push_back({"linear " + std::to_string(rows) + "x" + std::to_string(features) + "->" +
                         std::to_string(units),
                     linearStep(dtype, rows, features, units),
                     {"linear_tiny.metal", "linear_small.metal", "matmul.metal"}});
  }
  // Too large for one threadgroup, and not a multiple of any tile.
  cases.push_back({"linear 131x33->70",
                   linearStep(dtype, 131, 33, 70),
                   {"linear_small.metal", "matmul.metal"}});
  cases.push_back({"linear 35x150->18", linearStep(dtype, 35, 150, 18), {"linear_small.metal"}});
  for (const auto& [a, b] : {std::pair(false, false), std::pair(true, false),
                             std::pair(false, true), std::pair(true, true)}) {
    OpSpec product = spec(OpKind::matmul);
    product.transposeA = a;
    product.transposeB = b;
    const Shape left = a ? Shape{37, 70} : Shape{70, 37};
    const Shape right = b ? Shape{67, 37} : Shape{37, 67};
    cases.push_back({std::string("matmul ") + (a ? "T" : "N") + (b ? "T" : "N"),
                     singleOp(dtype, product, {left, right}, {70, 67}),
                     {"matmul.metal"}});
  }
  for (const Shape& shape :
       {Shape{1, 1}, Shape{7, 10}, Shape{700, 3}, Shape{5, 1025}, Shape{3, 5000}}) {
    const std::string size = toString(shape);
    cases.push_back(
        single("softmax " + size, OpKind::softmax, dtype, {shape}, shape, "softmax.metal"));
    cases.push_back(single("reduce_sum " + size, OpKind::reduceSum, dtype, {shape}, {shape[1]},
                           "reduce.metal"));
    cases.push_back(single("bias_add " + size, OpKind::biasAdd, dtype, {shape, {shape[1]}}, shape,
                           "bias_add.metal"));
  }
  for (const std::int64_t count : {1, 1031, 9'001}) {
    cases.push_back(single("mse_loss of " + std::to_string(count), OpKind::mseLoss, dtype,
                           {{count}, {count}}, {1}, "reduce.metal"));
  }
  // No pattern, and every op has a kernel.
  cases.push_back({"training", training(dtype), {"a"}});
  for (const std::int64_t batch : {1, 3, 5}) {
    cases.push_back(
        {"cnn of " + std::to_string(batch), cnn(dtype, batch), {"conv_pool_dense.metal"}});
  }
  cases.push_back({"convolution, odd", convolution(dtype, 2, 3, 37), {"conv_pool_dense.metal"}});
  cases.push_back({"convolution, deep",
                   convolution(dtype, 7, 1, 8),
                   {"conv_pool_dense.metal", "conv_pool_slices.metal"}});
  // So many images that a threadgroup has several sets of them, the last one not all.
  cases.push_back(
      {"convolution, many", convolution(dtype, 149, 1, 9, 7, true), {"conv_pool_dense.metal"}});
  cases.push_back({.label = "convolution, NaN",
                   .graph = convolution(dtype, 4, 1, 8),
                   .files = {"conv_pool_dense.metal", "conv_pool_slices.metal"},
                   .hasNan = true});
  return cases;
}

int failures = 0;

void check(bool condition, const std::string& what) {
  if (condition) return;
  ++failures;
  std::fprintf(stderr, "failed: %s\n", what.c_str());
}

std::vector<double> referenceOf(const Case& tested) {
  const Graph& graph = tested.graph;
  const auto device = backends().front()->devices({.threads = 1, .engine = "reference"}).front();
  const auto executable = device->compile(graph);
  for (TensorIndex i = 0; i < graph.tensors.size(); ++i) {
    if (graph.tensors[i].role != Role::temp) {
      executable->write(graph.tensors[i].id, std::span<const double>(inputOf(tested, i)));
    }
  }
  executable->run(kIterations, RunMode::throughput);
  std::vector<double> all;
  for (TensorIndex i = 0; i < graph.tensors.size(); ++i) {
    if (graph.tensors[i].role != Role::state && !graph.isOutput(i)) continue;
    std::vector<double> values(graph.tensors[i].elements());
    executable->read(graph.tensors[i].id, std::span<double>(values));
    all.insert(all.end(), values.begin(), values.end());
  }
  return all;
}

double tolerance(DType dtype) {
  if (dtype == DType::f16) return 2e-2;
  return dtype == DType::bf16 ? 1e-1 : 2e-5;
}

std::vector<double> run(metal::Lowering& lowering, const Case& tested,
                        const metal::Candidate& candidate, const metal::Batching& batching) {
  metal::Tensors& tensors = lowering.tensors();
  const Graph& graph = lowering.graph();
  tensors.clear();
  std::size_t phase = 0;
  for (TensorIndex i = 0; i < graph.tensors.size(); ++i) {
    if (graph.tensors[i].role == Role::temp) continue;
    tensors.write(i, phase, std::span<const double>(inputOf(tested, i)));
  }
  metal::prepare(lowering.queue(), candidate);
  runIterations(lowering.queue(), candidate, phase, kIterations, batching, RunMode::throughput);
  std::vector<double> all;
  for (TensorIndex i = 0; i < graph.tensors.size(); ++i) {
    if (graph.tensors[i].role != Role::state && !graph.isOutput(i)) continue;
    std::vector<double> values(graph.tensors[i].elements());
    tensors.read(i, phase, std::span<double>(values));
    all.insert(all.end(), values.begin(), values.end());
  }
  return all;
}

int tried = 0;

bool isCut(const metal::Candidate& candidate) {
  return std::any_of(candidate.launches.begin(), candidate.launches.end(),
                     [](const metal::Launch& launch) { return launch.bands(2).size() > 1; });
}

void compareValues(const std::vector<double>& actual, const std::vector<double>& expected,
                   double relative, const std::string& where) {
  for (std::size_t i = 0; i < actual.size(); ++i) {
    const double allowed = relative * std::max(1.0, std::abs(expected[i]));
    if (std::abs(actual[i] - expected[i]) <= allowed) continue;
    if (std::isnan(actual[i]) && std::isnan(expected[i])) continue;
    check(false, where + ": value " + std::to_string(i) + " is " + std::to_string(actual[i]) +
                     ", expected " + std::to_string(expected[i]));
    return;
  }
}

/** MPSGraph where every op is so long that it gets a command buffer of its own. */
void compareParts(metal::Lowering& lowering, const Case& tested, metal::Facts facts,
                  const std::vector<double>& expected, const std::string& label) {
  const Graph& graph = lowering.graph();
  facts.longNs = 0;
  const metal::Lowerings lowered = lowering.lowerAll(facts, KernelLevel::library);
  // A graph of one op cannot be cut.
  const std::size_t parts = graph.ops.size() > 1 ? graph.ops.size() : 0;
  for (const metal::Candidate& candidate : lowered.candidates) {
    ++tried;
    const std::string where = label + ", " + candidate.name;
    check(candidate.parts.size() == parts, where + ": parts");
    compareValues(run(lowering, tested, candidate, {.iterations = 2, .inFlight = 2}), expected,
                  tolerance(graph.tensors[0].dtype), where);
  }
}

void compare(id<MTLDevice> device, metal::Programs& programs, const Case& tested,
             const std::string& label) {
  const Graph& graph = tested.graph;
  const std::vector<double> expected = referenceOf(tested);
  const auto queue = metal::Owned<id<MTLCommandQueue>>::adopt([device newCommandQueue]);
  metal::Tensors tensors(graph, device, queue.get());
  metal::Lowering lowering(tensors, programs, device, queue.get());
  const metal::Facts facts = metal::factsOf(device);
  metal::Lowerings lowered = lowering.lowerAll(facts, KernelLevel::best);
  check(lowered.refused.empty(), label + ": " + lowered.refused);
  std::set<std::string> missing = tested.files;
  for (const metal::Candidate& candidate : lowered.candidates) {
    missing.erase(candidate.name.substr(0, candidate.name.find_first_of(" ,")));
    // Batches of two and one; and, where it can be cut, every iteration in parts.
    std::vector<metal::Batching> batchings = {{.iterations = 2, .inFlight = 2}};
    if (isCut(candidate)) batchings.push_back({.inFlight = 2, .parts = 2});
    for (const metal::Batching& batching : batchings) {
      ++tried;
      const std::string where = label + ", " + candidate.name + ", " +
                                std::to_string(batching.parts) +
                                (batching.parts == 1 ? " part" : " parts");
      compareValues(run(lowering, tested, candidate, batching), expected,
                    tolerance(graph.tensors[0].dtype), where);
    }
  }
  compareParts(lowering, tested, facts, expected, label);
  for (const std::string& file : missing) check(false, label + ": no candidate of " + file);
}

}  // namespace

int main(int argc, char** argv) {
  const std::string wanted = argc > 1 ? argv[1] : "";
  @autoreleasepool {
    auto device = metal::allDevices().front();
    metal::Programs programs(device.get());
    for (const DType dtype : {DType::f32, DType::f16, DType::bf16}) {
      for (const Case& tested : casesOf(dtype)) {
        const std::string label = std::string(name(dtype)) + " " + tested.label;
        if (!label.starts_with(wanted)) continue;
        @autoreleasepool {
          compare(device.get(), programs, tested, label);
        }
      }
    }
  }
  std::printf("%d candidates, %d failed\n", tried, failures);
  return failures == 0 && tried > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
