// Runs every op and every pattern on an NVIDIA GPU against the reference kernels. Exits with 77
// if there is no GPU. Under compute-sanitizer:
//   compute-sanitizer --tool memcheck mpsbench_cuda_test candidates .cu
// where `.cu` takes the kernels of our own alone; a third argument leaves out cases with tensors of
// more elements, which take long under racecheck, and a fourth takes some cases alone ("f32 cnn").
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "backends/cuda/device.h"
#include "backends/cuda/driver/buffer.h"
#include "backends/cuda/lowering.h"
#include "core/error.h"
#include "core/reference/kernels.h"
#include "support/graphs.h"

namespace {

using namespace mpsbench;
using namespace mpsbench::test;

constexpr int kSkipped = 77;

int failures = 0;

void check(bool condition, const std::string& what) {
  if (condition) return;
  ++failures;
  std::fprintf(stderr, "failed: %s\n", what.c_str());
}

struct Case {
  std::string label;
  Graph graph;
};

Case product(DType dtype, std::int64_t rows, std::int64_t columns, std::int64_t inner,
             bool transposeA, bool transposeB) {
  OpSpec op = spec(OpKind::matmul);
  op.transposeA = transposeA;
  op.transposeB = transposeB;
  const Shape a = transposeA ? Shape{inner, rows} : Shape{rows, inner};
  const Shape b = transposeB ? Shape{columns, inner} : Shape{inner, columns};
  return {
      "matmul " + toString(a) + (transposeA ? "^T " : " ") + toString(b) + (transposeB ? "^T" : ""),
      singleOp(dtype, op, {a, b}, {rows, columns})};
}

std::vector<Case> products(DType dtype) {
  std::vector<Case> cases;
  // Odd sizes, sizes that libraries vectorise, one long sum, one row, one column.
  const std::int64_t sizes[][3] = {{37, 29, 41}, {64, 96, 128}, {5, 3, 4099},
                                   {1, 300, 70}, {300, 1, 70},  {130, 10, 512}};
  for (const auto& [rows, columns, inner] : sizes) {
    for (const bool transposeA : {false, true}) {
      for (const bool transposeB : {false, true}) {
        cases.push_back(product(dtype, rows, columns, inner, transposeA, transposeB));
      }
    }
  }
  return cases;
}

/** Large enough that factors are worth copying first. */
std::vector<Case> largeProducts(DType dtype) {
  return {product(dtype, 1032, 1024, 1100, false, false),
          product(dtype, 1032, 1024, 1100, true, false),
          product(dtype, 1032, 1024, 1100, true, true)};
}

std::vector<Case> singleOps(DType dtype) {
  std::vector<Case> cases;
  for (const std::int64_t size : {1, 3, 1000, 100003, 1 << 20}) {
    const Shape shape = {size};
    for (const OpKind kind : {OpKind::add, OpKind::sub, OpKind::mul, OpKind::mseGrad,
                              OpKind::mseLoss, OpKind::sgdUpdate}) {
      OpSpec op = spec(kind);
      op.learningRate = 0.375;
      const Shape output = kind == OpKind::mseLoss ? Shape{1} : shape;
      cases.push_back({std::string(name(kind)) + " " + toString(shape),
                       singleOp(dtype, op, {shape, shape}, output)});
    }
    cases.push_back(
        {"relu " + toString(shape), singleOp(dtype, spec(OpKind::relu), {shape}, shape)});
  }
  for (const Shape& shape : {Shape{1, 1}, Shape{7, 10}, Shape{1000, 10}, Shape{33, 1025},
                             Shape{3, 70001}, Shape{2048, 512}}) {
    cases.push_back(
        {"softmax " + toString(shape), singleOp(dtype, spec(OpKind::softmax), {shape}, shape)});
    cases.push_back({"reduce_sum " + toString(shape),
                     singleOp(dtype, spec(OpKind::reduceSum), {shape}, {shape[1]})});
    cases.push_back({"bias_add " + toString(shape),
                     singleOp(dtype, spec(OpKind::biasAdd), {shape, {shape[1]}}, shape)});
  }
  OpSpec pool = spec(OpKind::maxPool2d);
  pool.window = {3, 2};
  pool.strides = {1, 2};
  cases.push_back({"max_pool2d", singleOp(dtype, pool, {{5, 9, 11, 13}}, {5, 7, 5, 13})});
  return cases;
}

std::vector<Case> graphs(DType dtype) {
  std::vector<Case> cases = {
      {"elementwise", elementwise(dtype)},
      {"training", training(dtype)},
      {"convolution", convolution(dtype, 7, 1, 32)},
      {"convolution, odd", convolution(dtype, 2, 3, 37)},
      {"convolution, deep", convolution(dtype, 1, 20, 8)},
      {"padded convolution", paddedConvolution(dtype)},
      {"linear 4x1->1", linearStep(dtype, 4, 1, 1)},
      {"linear 61x17->3", linearStep(dtype, 61, 17, 3)},
      {"linear 256x256->256", linearStep(dtype, 256, 256, 256)},
      {"linear 300x130->77", linearStep(dtype, 300, 130, 77)},
      // Between what a kernel may have unasked and 48 KiB of dynamic shared memory.
      {"linear 120x64->64", linearStep(dtype, 120, 64, 64)},
      {"cnn of 3000 at 14x14", cnn(dtype, 3000, 14)},
  };
  for (const std::int64_t batch : {1, 2, 5, 64, 131, 1300}) {
    cases.push_back({"cnn of " + std::to_string(batch), cnn(dtype, batch)});
  }
  return cases;
}

std::vector<Case> allCases(DType dtype) {
  std::vector<Case> cases = singleOps(dtype);
  for (auto make : {products, graphs}) {
    for (Case& one : make(dtype)) cases.push_back(std::move(one));
  }
  return cases;
}

/** Every tensor of the graph in its storage dtype, on the host. */
using Storage = std::vector<std::vector<std::byte>>;

Storage initial(const Graph& graph) {
  Storage storage;
  for (const Tensor& tensor : graph.tensors) {
    storage.emplace_back(tensor.bytes());
    if (tensor.role == Role::temp) continue;
    const std::vector<double> values = valuesFor(tensor);
    encode(std::span<const double>(values), tensor.dtype, storage.back().data());
  }
  return storage;
}

void runReference(const Graph& graph, std::size_t index, Storage& storage) {
  const Op& op = graph.ops[index];
  std::vector<reference::ConstView> inputs;
  for (const TensorIndex input : op.inputs) {
    inputs.push_back({storage[input].data(), &graph.tensors[input].shape});
  }
  const Tensor& output = graph.output(op);
  reference::run(op.spec, output.dtype, inputs, {storage[op.output].data(), &output.shape});
}

/** Half a step of the mantissa for each of a few roundings, relative to the largest value. */
double tolerance(DType dtype) {
  switch (dtype) {
    case DType::f64:
      return 1e-12;
    case DType::f16:
      return 5e-3;
    case DType::bf16:
      return 4e-2;
    case DType::f32:
      break;
  }
  return 2e-5;
}

/** TF32 rounds both factors to 10 bits; over a sum the errors grow as the root of its length. */
double tolerance(const Graph& graph, bool tf32) {
  const DType dtype = graph.tensors.front().dtype;
  if (dtype != DType::f32 || !tf32) return tolerance(dtype);
  std::int64_t longest = 16;
  for (const Op& op : graph.ops) {
    if (op.spec.kind != OpKind::matmul) continue;
    longest = std::max(longest, graph.input(op, 0).shape[op.spec.transposeA ? 0 : 1]);
  }
  return 1e-3 * std::sqrt(static_cast<double>(longest));
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

std::vector<double> decoded(const std::vector<std::byte>& storage, const Tensor& tensor) {
  std::vector<double> values(tensor.elements());
  decode(storage.data(), tensor.dtype, std::span<double>(values));
  return values;
}

/** The memory of one graph on the device. */
class Buffers {
 public:
  Buffers(const Graph& graph, cuda::Context& context,
          std::vector<std::shared_ptr<cuda::DeviceBuffer>> buffers)
      : graph_(graph), context_(context), buffers_(std::move(buffers)) {}

  [[nodiscard]] bool has(TensorIndex tensor) const { return buffers_[tensor] != nullptr; }

  void write(TensorIndex tensor, const std::vector<std::byte>& bytes) const {
    const cuda::Driver& driver = context_.driver();
    driver.check(driver.cuMemcpyHtoDAsync(buffers_[tensor]->address(), bytes.data(), bytes.size(),
                                          context_.stream()),
                 "cuMemcpyHtoDAsync");
    context_.synchronize();
  }

  /** Not a number in every dtype, so that a value that is not written fails. */
  void poison(TensorIndex tensor) const {
    write(tensor, std::vector<std::byte>(graph_.tensors[tensor].bytes(), std::byte{0xff}));
  }

  [[nodiscard]] std::vector<double> read(TensorIndex tensor) const {
    std::vector<std::byte> bytes(graph_.tensors[tensor].bytes());
    const cuda::Driver& driver = context_.driver();
    driver.check(driver.cuMemcpyDtoHAsync(bytes.data(), buffers_[tensor]->address(), bytes.size(),
                                          context_.stream()),
                 "cuMemcpyDtoHAsync");
    context_.synchronize();
    return decoded(bytes, graph_.tensors[tensor]);
  }

 private:
  const Graph& graph_;
  cuda::Context& context_;
  std::vector<std::shared_ptr<cuda::DeviceBuffer>> buffers_;
};

/** Runs ops `times` times, one round after the other. */
Storage referenceAfter(const Graph& graph, const std::vector<OpIndex>& ops, int times,
                       Storage storage) {
  for (int i = 0; i < times; ++i) {
    for (const OpIndex op : ops) runReference(graph, op, storage);
  }
  return storage;
}

/**
 * Every candidate of every step by itself, from the reference's values, so that those that would
 * not be chosen on this GPU are tested too; several times in one launch where it can do that.
 * Returns how many ran.
 * @param only takes the candidates whose name contains it
 */
int testCandidates(cuda::Context& context, const Case& one, const std::string& only) {
  constexpr int kTimes = 3;
  const Graph& graph = one.graph;
  cuda::Memory memory(context.driver(), context.stream());
  cuda::Lowering lowering(graph, context, memory);
  const std::vector<cuda::LoweredStep> steps = lowering.lowerAll();
  const Buffers device(graph, context, lowering.takeBuffers());
  const DType dtype = graph.tensors.front().dtype;
  Storage before = initial(graph);
  std::vector<bool> known;
  for (const Tensor& tensor : graph.tensors) known.push_back(tensor.role != Role::temp);
  const auto writeAll = [&] {
    // In this order: an unknown tensor may share the memory of a known one.
    for (const bool written : {false, true}) {
      for (TensorIndex i = 0; i < graph.tensors.size(); ++i) {
        if (!device.has(i) || known[i] != written) continue;
        if (written) {
          device.write(i, before[i]);
        } else {
          device.poison(i);
        }
      }
    }
  };
  int tried = 0;
  for (const cuda::LoweredStep& step : steps) {
    Storage once = referenceAfter(graph, step.ops, 1, before);
    const auto test = [&](const cuda::Candidate& candidate, const Storage& expected,
                          const std::string& where, const auto& enqueue) {
      writeAll();
      try {
        if (candidate.prepare) candidate.prepare(context.stream());
        enqueue();
        context.synchronize();
      } catch (const Error& error) {
        if (error.code() == ErrorCode::deviceLost) throw;
        // A library may refuse an algorithm that its heuristics proposed.
        if (error.code() != ErrorCode::unsupported) check(false, where + ": " + error.what());
        return;
      }
      ++tried;
      for (const OpIndex op : step.ops) {
        const TensorIndex tensor = graph.ops[op].output;
        if (!device.has(tensor)) continue;
        compareValues(device.read(tensor), decoded(expected[tensor], graph.tensors[tensor]),
                      tolerance(graph, context.facts().tf32),
                      where + ", " + graph.tensors[tensor].id);
      }
    };
    for (const cuda::Candidate& candidate : step.candidates) {
      if (!candidate.enqueue || candidate.name.find(only) == std::string::npos) continue;
      const std::string where = std::string(name(dtype)) +
                                (context.facts().tf32 ? " (tf32) " : " ") + one.label + ", " +
                                candidate.name;
      test(candidate, once, where, [&] { candidate.enqueue(context.stream()); });
      if (!candidate.enqueueTimes) continue;
      test(candidate, referenceAfter(graph, step.ops, kTimes, before),
           where + ", " + std::to_string(kTimes) + " times",
           [&] { candidate.enqueueTimes(context.stream(), kTimes); });
    }
    before = std::move(once);
    for (const OpIndex op : step.ops) known[graph.ops[op].output] = true;
  }
  return tried;
}

/** As a workload runs it: compiled, captured, several iterations in both modes, profiled. */
void testRuns(Device& device, const Case& one) {
  const Graph& graph = one.graph;
  const DType dtype = graph.tensors.front().dtype;
  const auto executable = device.compile(graph);
  for (const Tensor& tensor : graph.tensors) {
    if (tensor.role == Role::temp) continue;
    executable->write(tensor.id, std::span<const double>(valuesFor(tensor)));
  }
  // Only states tell iterations apart: enough of them for every group that throughput mode
  // launches.
  const bool trains = std::any_of(graph.tensors.begin(), graph.tensors.end(),
                                  [](const Tensor& tensor) { return tensor.role == Role::state; });
  const int throughput = trains && dtype == DType::f64 ? 64 + 8 + 3 : 3;
  const Sample all = executable->run(throughput, RunMode::throughput);
  const Sample each = executable->run(2, RunMode::latency);
  const std::vector<StepTime> profile = executable->profile(1);
  const std::string where = std::string(name(dtype)) + " " + one.label;
  check(all.deviceNs > 0 && all.wallNs >= 0.5 * *all.deviceNs, where + ": throughput times");
  check(each.deviceNs > 0 && each.wallNs >= 0.5 * *each.deviceNs, where + ": latency times");
  check(profile.size() == executable->steps().size(), where + ": a time for each step");
  std::size_t ops = 0;
  for (const Step& step : executable->steps()) ops += step.ops.size();
  check(ops == graph.ops.size(), where + ": every op stands in one step");

  Storage storage = initial(graph);
  for (int i = 0; i < (trains ? throughput + 3 : 1); ++i) {
    for (std::size_t op = 0; op < graph.ops.size(); ++op) runReference(graph, op, storage);
  }
  for (TensorIndex i = 0; i < graph.tensors.size(); ++i) {
    const Tensor& tensor = graph.tensors[i];
    if (tensor.role != Role::state && !graph.isOutput(i)) continue;
    std::vector<double> values(tensor.elements());
    executable->read(tensor.id, std::span<double>(values));
    // Roundings of the states add up over the iterations.
    compareValues(values, decoded(storage[i], tensor), 4 * tolerance(dtype),
                  where + " after " + std::to_string(throughput + 3) + ", " + tensor.id);
  }
}

/**
 * A case that cannot be compiled fails, and the others continue; a lost device ends the test. Says
 * which case it is at, so that one that hangs is known.
 */
template <class Work>
void guarded(const std::string& where, const Work& work) {
  std::printf("%s\n", where.c_str());
  std::fflush(stdout);
  try {
    work();
  } catch (const Error& error) {
    if (error.code() == ErrorCode::deviceLost) throw;
    check(false, where + ": " + error.what());
  }
}

template <class Work>
void expectError(ErrorCode code, const std::string& what, const Work& work) {
  try {
    work();
    check(false, what + ": no error");
  } catch (const Error& error) {
    check(error.code() == code, what + ": " + error.what());
    std::printf("%s: %s %s\n", what.c_str(), error.what(), error.advice().c_str());
  }
}

void testErrors(Device& device) {
  const std::int64_t half =
      static_cast<std::int64_t>(device.info().memoryBytes.value_or(0) / 2 / sizeof(float));
  expectError(ErrorCode::outOfMemory, "three halves of the memory", [&] {
    device.compile(singleOp(DType::f32, spec(OpKind::add), {{half}, {half}}, {half}));
  });
  // The device is as good as before.
  testRuns(device, {"after running out of memory", elementwise(DType::f32)});
}

std::size_t freeBytes(const cuda::Context& context) {
  std::size_t free = 0;
  std::size_t total = 0;
  context.use();
  context.synchronize();
  context.driver().check(context.driver().cuMemGetInfo(&free, &total), "cuMemGetInfo");
  return free;
}

/** Compiles, runs and disposes a thousand times. */
void testLeaks(Device& device, const cuda::Context& context) {
  constexpr int kCycles = 1000;
  const Graph kept[] = {cnn(DType::f32, 16), linearStep(DType::f32, 4, 1, 1),
                        linearStep(DType::f32, 256, 256, 256),
                        singleOp(DType::bf16, spec(OpKind::add), {{4096}, {4096}}, {4096})};
  const auto cycle = [&](int i) {
    const auto executable = device.compile(kept[static_cast<std::size_t>(i) % std::size(kept)]);
    executable->run(3, RunMode::throughput);
  };
  // What the driver and the libraries keep from their first use stays.
  for (int i = 0; i < 40; ++i) cycle(i);
  const std::size_t before = freeBytes(context);
  for (int i = 0; i < kCycles; ++i) cycle(i);
  const std::size_t after = freeBytes(context);
  std::printf("free device memory before and after %d cycles: %zu and %zu bytes\n", kCycles, before,
              after);
  check(after >= before, "device memory leaks");
}

/** Whether no tensor of the graph has more elements. */
bool isWithin(const Graph& graph, std::size_t most) {
  return std::all_of(graph.tensors.begin(), graph.tensors.end(),
                     [&](const Tensor& tensor) { return tensor.elements() <= most; });
}

/**
 * @param only candidates whose name contains it
 * @param most elements of a tensor; larger cases are left out
 * @param cases only those whose dtype and label contain it
 */
int run(const std::string& part, const std::string& only, std::size_t most,
        const std::string& cases) {
  std::shared_ptr<const cuda::Libraries> libraries;
  try {
    libraries = std::make_shared<const cuda::Libraries>();
  } catch (const Error& error) {
    std::printf("skipped: %s\n", error.what());
    return kSkipped;
  }
  const auto device = cuda::openDevice(libraries, 0, {});
  const auto context = cuda::openContext(libraries, 0, false);
  context->use();
  const auto supported = [&](DType dtype) { return !device->supports(OpSpec{}, dtype); };
  if (part == "candidates") {
    int tried = 0;
    const auto tryAll = [&](cuda::Context& on, const std::vector<Case>& all) {
      for (const Case& one : all) {
        const DType dtype = one.graph.tensors.front().dtype;
        const std::string label = std::string(name(dtype)) + " " + one.label;
        if (!isWithin(one.graph, most) || label.find(cases) == std::string::npos) continue;
        guarded(label, [&] { tried += testCandidates(on, one, only); });
      }
    };
    for (const DType dtype : kDTypes) {
      if (supported(dtype)) tryAll(*context, allCases(dtype));
    }
    const auto tf32 = cuda::openContext(libraries, 0, true);
    tryAll(*tf32, products(DType::f32));
    tryAll(*tf32, largeProducts(DType::f32));
    tryAll(*tf32, graphs(DType::f32));
    std::printf("%d candidates ran\n", tried);
    check(tried > 0, "nothing ran");
  } else if (part == "runs") {
    for (const DType dtype : kDTypes) {
      if (!supported(dtype)) continue;
      for (const Case& one : graphs(dtype)) {
        guarded(std::string(name(dtype)) + " " + one.label, [&] { testRuns(*device, one); });
      }
    }
  } else if (part == "errors") {
    testErrors(*device);
  } else if (part == "leaks") {
    testLeaks(*device, *context);
  } else {
    std::fprintf(
        stderr,
        "usage: mpsbench_cuda_test candidates [NAME [ELEMENTS [CASE]]]|runs|errors|leaks\n");
    return EXIT_FAILURE;
  }
  std::printf(failures == 0 ? "all passed\n" : "%d failed\n", failures);
  return failures == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

}  // namespace

int main(int count, char** arguments) {
  try {
    const std::vector<std::string> given(arguments + 1, arguments + count);
    const auto argument = [&](std::size_t index, const char* otherwise) {
      return index < given.size() ? given[index] : otherwise;
    };
    return run(argument(0, ""), argument(1, ""), std::stoull(argument(2, "1000000000")),
               argument(3, ""));
  } catch (const Error& error) {
    std::fprintf(stderr, "failed: %s %s\n", error.what(), error.advice().c_str());
    return EXIT_FAILURE;
  }
}
