// The Metal backend's own kernels on an NVIDIA GPU, every candidate against the reference kernels
// in float64:
//   mpsbench_msl_cuda_test results [DTYPE [REGEX]]   at odd and preset sizes
//   mpsbench_msl_cuda_test small [DTYPE [REGEX]]     at odd sizes: for compute-sanitizer, which
//   slows everything down mpsbench_msl_cuda_test times [DTYPE [REGEX]]     their times beside those
//   of our CUDA kernels, as a table
// REGEX takes the cases in whose name it is found.
//   mpsbench_msl_cuda_test sources FOLDER    writes the CUDA C++; needs no GPU
// Exits with 77 if there is no GPU.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <memory>
#include <regex>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "backends/cuda/device.h"
#include "core/error.h"
#include "core/reference/kernels.h"
#include "msl_cuda/candidates.h"
#include "msl_cuda/times.h"
#include "support/checks.h"
#include "support/graphs.h"

namespace {

using namespace mpsbench;
using namespace mpsbench::test;

constexpr int kSkipped = 77;
constexpr DType kStored[] = {DType::f32, DType::f16, DType::bf16};

struct Case {
  std::string label;
  /** Builds it at a dtype. */
  std::function<Graph(DType)> graph;
};

Case product(std::int64_t rows, std::int64_t columns, std::int64_t inner, bool a, bool b) {
  return {"matmul " + std::to_string(rows) + "x" + std::to_string(inner) + " " + (a ? "T" : "N") +
              (b ? "T" : "N"),
          [=](DType dtype) {
            OpSpec op = spec(OpKind::matmul);
            op.transposeA = a;
            op.transposeB = b;
            return singleOp(dtype, op,
                            {a ? Shape{inner, rows} : Shape{rows, inner},
                             b ? Shape{columns, inner} : Shape{inner, columns}},
                            {rows, columns});
          }};
}

std::vector<Case> oddCases() {
  std::vector<Case> cases;
  for (const std::int64_t count : {1, 3, 1031, 9'001}) {
    for (const OpKind kind : {OpKind::add, OpKind::sub, OpKind::mul, OpKind::relu, OpKind::mseGrad,
                              OpKind::sgdUpdate}) {
      cases.push_back({std::string(name(kind)) + " of " + std::to_string(count), [=](DType dtype) {
                         OpSpec op = spec(kind);
                         op.learningRate = 0.125;
                         std::vector<Shape> inputs(arity(kind), Shape{count});
                         return singleOp(dtype, op, inputs, {count});
                       }});
    }
  }
  for (const auto& [rows, features, units] :
       {std::tuple(4, 1, 1), std::tuple(1, 1, 1), std::tuple(37, 19, 11), std::tuple(3, 70, 40),
        std::tuple(131, 33, 70)}) {
    cases.push_back({"linear " + std::to_string(rows) + "x" + std::to_string(features) + "->" +
                         std::to_string(units),
                     [=](DType dtype) { return linearStep(dtype, rows, features, units); }});
  }
  for (const Shape& shape :
       {Shape{1, 1}, Shape{7, 10}, Shape{700, 3}, Shape{5, 1025}, Shape{3, 5000}}) {
    for (const OpKind kind : {OpKind::softmax, OpKind::reduceSum, OpKind::biasAdd}) {
      cases.push_back({std::string(name(kind)) + " " + toString(shape), [=](DType dtype) {
                         const Shape row = {shape[1]};
                         std::vector<Shape> inputs = {shape};
                         if (kind == OpKind::biasAdd) inputs.push_back(row);
                         return singleOp(dtype, spec(kind), inputs,
                                         kind == OpKind::reduceSum ? row : shape);
                       }});
    }
  }
  for (const std::int64_t count : {1, 1031, 9'001}) {
    cases.push_back({"mse_loss of " + std::to_string(count), [=](DType dtype) {
                       return singleOp(dtype, spec(OpKind::mseLoss), {{count}, {count}}, {1});
                     }});
  }
  for (const bool a : {false, true}) {
    for (const bool b : {false, true}) cases.push_back(product(70, 67, 37, a, b));
  }
  for (const std::int64_t batch : {1, 3, 5}) {
    cases.push_back(
        {"cnn of " + std::to_string(batch), [=](DType dtype) { return cnn(dtype, batch); }});
  }
  cases.push_back({"convolution, odd", [](DType dtype) { return convolution(dtype, 2, 3, 37); }});
  cases.push_back({"convolution, deep", [](DType dtype) { return convolution(dtype, 7, 1, 8); }});
  cases.push_back(
      {"convolution, many", [](DType dtype) { return convolution(dtype, 149, 1, 9, 7, true); }});
  return cases;
}

std::vector<Case> allCases() {
  std::vector<Case> cases = oddCases();
  for (const std::int64_t batch : {32, 131, 500}) {
    cases.push_back(
        {"cnn of " + std::to_string(batch), [=](DType dtype) { return cnn(dtype, batch); }});
  }
  cases.push_back(
      {"linear 256x256->256", [](DType dtype) { return linearStep(dtype, 256, 256, 256); }});
  cases.push_back(
      {"linear 1000x300->77", [](DType dtype) { return linearStep(dtype, 1000, 300, 77); }});
  cases.push_back(product(512, 512, 512, false, false));
  cases.push_back(product(300, 130, 1111, true, true));
  cases.push_back({"add of 2^20", [](DType dtype) {
                     return singleOp(dtype, spec(OpKind::add), {{1 << 20}, {1 << 20}}, {1 << 20});
                   }});
  return cases;
}

/** What the host writes, rounded to the dtype. */
std::vector<double> roundedValues(const Tensor& tensor, DType dtype) {
  std::vector<double> values = valuesFor(tensor);
  std::vector<std::byte> stored(values.size() * sizeOf(dtype));
  encode(std::span<const double>(values), dtype, stored.data());
  decode(stored.data(), dtype, std::span<double>(values));
  return values;
}

/** All tensors after so many iterations in float64. */
std::vector<std::vector<double>> referenceOf(const Graph& wide, DType dtype, int iterations) {
  std::vector<std::vector<double>> storage;
  for (const Tensor& tensor : wide.tensors) {
    storage.push_back(tensor.role == Role::temp ? std::vector<double>(tensor.elements())
                                                : roundedValues(tensor, dtype));
  }
  for (int i = 0; i < iterations; ++i) {
    for (const Op& op : wide.ops) {
      std::vector<reference::ConstView> inputs;
      for (const TensorIndex input : op.inputs) {
        inputs.push_back({storage[input].data(), &wide.tensors[input].shape});
      }
      reference::run(op.spec, DType::f64, inputs,
                     {storage[op.output].data(), &wide.output(op).shape});
    }
  }
  return storage;
}

/** A few roundings, relative to the largest value. */
double tolerance(DType dtype) {
  if (dtype == DType::f16) return 5e-3;
  return dtype == DType::bf16 ? 4e-2 : 2e-5;
}

void compareValues(const std::vector<double>& actual, const std::vector<double>& expected,
                   double allowed, const std::string& where) {
  double largest = 1;
  for (const double value : expected) largest = std::max(largest, std::abs(value));
  for (std::size_t i = 0; i < expected.size(); ++i) {
    // A value that is not a number fails the comparison as well.
    if (std::abs(actual[i] - expected[i]) <= allowed * largest) continue;
    check(false, where + ": value " + std::to_string(i) + " is " + std::to_string(actual[i]) +
                     ", expected " + std::to_string(expected[i]));
    return;
  }
}

int tried = 0;

void test(const Case& one, DType dtype, cuda::Context& context, msl_cuda::Programs& programs) {
  // Two steps in one dispatch, where a candidate can do that.
  constexpr int kSteps = 2;
  const Graph graph = one.graph(dtype);
  const Graph wide = one.graph(DType::f64);
  msl_cuda::Tensors tensors(graph, context);
  for (const msl_cuda::Candidate& candidate :
       msl_cuda::candidatesOf(graph, programs, tensors, kSteps)) {
    const auto expected = referenceOf(wide, dtype, candidate.iterations);
    tensors.poison();
    for (TensorIndex i = 0; i < graph.tensors.size(); ++i) {
      if (graph.tensors[i].role != Role::temp) {
        tensors.write(i, roundedValues(graph.tensors[i], dtype));
      }
    }
    for (const cuda::Launch& launch : candidate.prepare) launch(context.stream());
    for (const cuda::Launch& launch : candidate.run) launch(context.stream());
    context.synchronize();
    ++tried;
    for (TensorIndex i = 0; i < graph.tensors.size(); ++i) {
      if (graph.tensors[i].role != Role::state && !graph.isOutput(i)) continue;
      compareValues(tensors.values(i), expected[i], tolerance(dtype),
                    std::string(name(dtype)) + " " + one.label + ", " + candidate.name + ", " +
                        graph.tensors[i].id);
    }
  }
}

int testAll(const std::vector<Case>& cases, const std::vector<DType>& dtypes,
            const std::string& wanted, cuda::Context& context) {
  context.use();
  msl_cuda::Programs programs(context);
  for (const DType dtype : dtypes) {
    for (const Case& one : cases) {
      if (std::regex_search(one.label, std::regex(wanted))) test(one, dtype, context, programs);
    }
  }
  std::printf("%d candidates: ", tried);
  return finish();
}

int writeSources(const std::string& folder) {
  std::set<std::string> sources;
  for (const DType dtype : kStored) {
    for (const Case& one : allCases()) {
      for (const metal::KernelCall& call : msl_cuda::callsOf(one.graph(dtype))) {
        sources.insert(msl_cuda::cudaSource(call));
      }
    }
  }
  int count = 0;
  for (const std::string& source : sources) {
    std::ofstream(folder + "/" + std::to_string(++count) + ".cu") << source;
  }
  std::printf("%d sources\n", count);
  return EXIT_SUCCESS;
}

}  // namespace

int main(int argc, char** argv) {
  const std::string_view part = argc > 1 ? argv[1] : "results";
  try {
    if (part == "sources" && argc > 2) return writeSources(argv[2]);
    std::shared_ptr<const cuda::Libraries> libraries;
    try {
      libraries = std::make_shared<cuda::Libraries>();
    } catch (const Error& error) {
      std::printf("skipped: %s\n", error.what());
      return kSkipped;
    }
    std::vector<DType> dtypes(std::begin(kStored), std::end(kStored));
    if (argc > 2) dtypes = {parseDType(argv[2]).value()};
    const auto context = cuda::openContext(libraries, 0, false);
    const std::string wanted = argc > 3 ? argv[3] : "";
    if (part == "times") {
      msl_cuda::printTimes(dtypes, wanted, *context);
      return EXIT_SUCCESS;
    }
    return testAll(part == "small" ? oddCases() : allCases(), dtypes, wanted, *context);
  } catch (const Error& error) {
    std::fprintf(stderr, "failed: %s\n", error.what());
    return EXIT_FAILURE;
  }
}
