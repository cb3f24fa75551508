// Runs every op at every dtype on every engine, at sizes that are no multiple of anything, so that
// the sanitizers see all memory accesses; results are compared with the reference engine.
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string>
#include <vector>

#include "core/backend.h"
#include "core/error.h"
#include "core/registry.h"

namespace {

using namespace mpsbench;

int failures = 0;

void check(bool condition, const std::string& what) {
  if (condition) return;
  ++failures;
  std::fprintf(stderr, "failed: %s\n", what.c_str());
}

/** Builds graphs by the names of their tensors. */
class GraphBuilder {
 public:
  explicit GraphBuilder(DType dtype) : dtype_(dtype) {}

  TensorIndex tensor(const std::string& id, Shape shape, Role role) {
    graph_.tensors.push_back({id, std::move(shape), dtype_, role});
    return graph_.tensors.size() - 1;
  }
  TensorIndex op(const OpSpec& spec, std::vector<TensorIndex> inputs, Shape shape) {
    const std::string id = std::string(name(spec.kind)) + std::to_string(graph_.ops.size());
    const TensorIndex output =
        spec.kind == OpKind::sgdUpdate ? inputs[0] : tensor(id, std::move(shape), Role::temp);
    graph_.ops.push_back({id, spec, std::move(inputs), output});
    return output;
  }
  Graph finish(std::vector<TensorIndex> outputs) {
    graph_.name = "test";
    graph_.outputs = std::move(outputs);
    validate(graph_);
    return graph_;
  }

 private:
  DType dtype_;
  Graph graph_;
};

OpSpec spec(OpKind kind) {
  OpSpec made;
  made.kind = kind;
  return made;
}

Graph elementwise(DType dtype) {
  GraphBuilder build(dtype);
  const auto a = build.tensor("a", {131, 1001}, Role::input);
  const auto b = build.tensor("b", {131, 1001}, Role::input);
  const auto bias = build.tensor("bias", {1001}, Role::weight);
  const auto sum = build.op(spec(OpKind::add), {a, b}, {131, 1001});
  const auto difference = build.op(spec(OpKind::sub), {sum, b}, {131, 1001});
  const auto product = build.op(spec(OpKind::mul), {difference, a}, {131, 1001});
  const auto biased = build.op(spec(OpKind::biasAdd), {product, bias}, {131, 1001});
  const auto relu = build.op(spec(OpKind::relu), {biased}, {131, 1001});
  const auto soft = build.op(spec(OpKind::softmax), {relu}, {131, 1001});
  const auto flat = build.op(spec(OpKind::reshape), {soft}, {131 * 1001});
  return build.finish({sum, product, flat});
}

Graph training(DType dtype) {
  GraphBuilder build(dtype);
  const auto x = build.tensor("x", {67, 19}, Role::input);
  const auto target = build.tensor("target", {67, 33}, Role::input);
  const auto w = build.tensor("w", {33, 19}, Role::state);
  const auto b = build.tensor("b", {33}, Role::state);
  OpSpec forward = spec(OpKind::matmul);
  forward.transposeB = true;
  OpSpec backward = spec(OpKind::matmul);
  backward.transposeA = true;
  OpSpec update = spec(OpKind::sgdUpdate);
  update.learningRate = 0.125;
  const auto xw = build.op(forward, {x, w}, {67, 33});
  const auto y = build.op(spec(OpKind::biasAdd), {xw, b}, {67, 33});
  const auto loss = build.op(spec(OpKind::mseLoss), {y, target}, {1});
  const auto grad = build.op(spec(OpKind::mseGrad), {y, target}, {67, 33});
  const auto dw = build.op(backward, {grad, x}, {33, 19});
  const auto db = build.op(spec(OpKind::reduceSum), {grad}, {33});
  build.op(update, {w, dw}, {});
  build.op(update, {b, db}, {});
  return build.finish({loss});
}

Graph convolution(DType dtype, std::int64_t batch, std::int64_t channels, std::int64_t filters) {
  GraphBuilder build(dtype);
  const auto x = build.tensor("x", {batch, 11, 9, channels}, Role::input);
  const auto k = build.tensor("k", {3, 3, channels, filters}, Role::weight);
  const auto bias = build.tensor("bias", {filters}, Role::weight);
  const auto w = build.tensor("w", {4 * 3 * filters, 10}, Role::weight);
  const auto wb = build.tensor("wb", {10}, Role::weight);
  OpSpec pool = spec(OpKind::maxPool2d);
  pool.window = {2, 2};
  pool.strides = {2, 2};
  const auto conv = build.op(spec(OpKind::conv2d), {x, k}, {batch, 9, 7, filters});
  const auto biased = build.op(spec(OpKind::biasAdd), {conv, bias}, {batch, 9, 7, filters});
  const auto relu = build.op(spec(OpKind::relu), {biased}, {batch, 9, 7, filters});
  const auto pooled = build.op(pool, {relu}, {batch, 4, 3, filters});
  const auto flat = build.op(spec(OpKind::reshape), {pooled}, {batch, 4 * 3 * filters});
  const auto dense = build.op(spec(OpKind::matmul), {flat, w}, {batch, 10});
  const auto logits = build.op(spec(OpKind::biasAdd), {dense, wb}, {batch, 10});
  const auto soft = build.op(spec(OpKind::softmax), {logits}, {batch, 10});
  return build.finish({soft});
}

Graph paddedConvolution(DType dtype) {
  GraphBuilder build(dtype);
  const auto x = build.tensor("x", {3, 7, 8, 5}, Role::input);
  const auto k = build.tensor("k", {4, 3, 5, 21}, Role::input);
  OpSpec conv = spec(OpKind::conv2d);
  conv.padding = Padding::same;
  conv.strides = {2, 3};
  return build.finish({build.op(conv, {x, k}, {3, 4, 3, 21})});
}

/**
 * Values between -1 and 1 that differ from tensor to tensor. Those of a dense layer are so small
 * that its logits stay near 1, where softmax does not magnify their rounding.
 */
std::vector<double> valuesFor(const Tensor& tensor) {
  const bool dense = tensor.role == Role::weight && tensor.shape.size() == 2;
  const double scale = dense ? 1 / std::sqrt(static_cast<double>(tensor.shape[0])) : 1;
  std::vector<double> values(tensor.elements());
  for (std::size_t i = 0; i < values.size(); ++i) {
    values[i] =
        scale * std::sin(static_cast<double>(i) * 0.7 + static_cast<double>(tensor.id.size()));
  }
  return values;
}

/** All outputs and states after three iterations, one after the other. */
std::vector<double> run(Device& device, const Graph& graph) {
  const auto executable = device.compile(graph);
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

bool supportsAll(const Device& device, const Graph& graph, DType dtype) {
  for (const Op& op : graph.ops) {
    if (device.supports(op.spec, dtype)) return false;
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
  if (!supportsAll(*device, graph, dtype)) return;
  const auto reference = backend.devices({.threads = 1, .engine = "reference"}).front();
  const std::vector<double> expected = run(*reference, graph);
  const std::vector<double> actual = run(*device, graph);
  const std::string where = engine.value_or("best engine") + " " + name(dtype) + " " + label;
  check(actual.size() == expected.size(), where + ": sizes");
  for (std::size_t i = 0; i < actual.size(); ++i) {
    if (std::abs(actual[i] - expected[i]) <= tolerance(dtype)) continue;
    check(false, where + ": value " + std::to_string(i) + " is " + std::to_string(actual[i]) +
                     ", expected " + std::to_string(expected[i]));
    return;
  }
}

template <class Work>
void expectError(ErrorCode code, const std::string& what, const Work& work) {
  try {
    work();
    check(false, what + ": no error");
  } catch (const Error& error) {
    check(error.code() == code, what + ": " + error.what());
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
    for (const DType dtype : kDTypes) {
      for (const int threads : {1, 2, 5}) {
        compare(backend, engine, threads, elementwise(dtype), "elementwise");
        compare(backend, engine, threads, training(dtype), "training");
        compare(backend, engine, threads, convolution(dtype, 7, 1, 32), "convolution");
        compare(backend, engine, threads, convolution(dtype, 2, 3, 37), "convolution, odd");
        compare(backend, engine, threads, convolution(dtype, 1, 20, 8), "convolution, deep");
        compare(backend, engine, threads, paddedConvolution(dtype), "padded convolution");
      }
    }
  }
  std::printf(failures == 0 ? "all passed\n" : "%d failed\n", failures);
  return failures == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
