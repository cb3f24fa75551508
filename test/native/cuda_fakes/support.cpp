#include "support.h"

#include <cmath>
#include <cstdio>
#include <span>

#include "core/reference/kernels.h"

namespace mpsbench {

std::unique_ptr<Backend> make_cuda_backend();

namespace test {

void check(bool condition, const std::string& what) {
  if (condition) return;
  ++failures;
  std::fprintf(stderr, "failed: %s\n", what.c_str());
}

void follow(const std::string& script) {
  State::get().follow(script);
}

void checkClean(const std::string& what, bool leaksAllowed) {
  for (const std::string& violation : State::get().violations()) {
    check(false, what + ": " + violation);
  }
  if (leaksAllowed) {
    State::get().forgetObjects();
    return;
  }
  for (const std::string& leak : State::get().leaks()) check(false, what + " leaks " + leak);
}

std::optional<Error> errorOf(const std::function<void()>& work) {
  try {
    work();
    return std::nullopt;
  } catch (const Error& error) {
    return error;
  }
}

std::unique_ptr<Backend> freshBackend() {
  return make_cuda_backend();
}

std::vector<std::shared_ptr<Device>> openDevices(const BackendOptions& options) {
  const std::unique_ptr<Backend> backend = freshBackend();
  const Probe probe = backend->probe();
  if (const auto* missing = std::get_if<Unavailable>(&probe)) {
    throw Error(ErrorCode::unavailable, missing->reason, missing->remedy);
  }
  return backend->devices(options);
}

Graph computedStep() {
  return linearStep(DType::f32, 128, 128, 64);
}

Graph sum() {
  GraphBuilder build(DType::f32);
  const auto a = build.tensor("a", {1001}, Role::input);
  const auto b = build.tensor("b", {1001}, Role::input);
  return build.finish({build.op(spec(OpKind::add), {a, b}, {1001})});
}

Graph convolutionLayer(DType dtype, Role filters) {
  GraphBuilder build(dtype);
  const auto x = build.tensor("x", {2, 7, 8, 3}, Role::input);
  const auto k = build.tensor("filters", {4, 3, 3, 5}, filters);
  const auto bias = build.tensor("bias", {5}, Role::weight);
  OpSpec conv = spec(OpKind::conv2d);
  conv.padding = Padding::same;
  conv.strides = {2, 3};
  const Shape shape = {2, 4, 3, 5};
  const auto product = build.op(conv, {x, k}, shape);
  const auto biased = build.op(spec(OpKind::biasAdd), {product, bias}, shape);
  return build.finish({build.op(spec(OpKind::relu), {biased}, shape)});
}

namespace {

bool isWritten(const Tensor& tensor) {
  return tensor.role != Role::temp;
}

/** One iteration by the reference kernels, from the values of `fillAll`. */
std::vector<std::vector<double>> reference(const Graph& graph) {
  std::vector<std::vector<std::byte>> storage;
  for (const Tensor& tensor : graph.tensors) {
    storage.emplace_back(tensor.bytes());
    if (!isWritten(tensor)) continue;
    encode(std::span<const double>(valuesFor(tensor)), tensor.dtype, storage.back().data());
  }
  for (const Op& op : graph.ops) {
    std::vector<reference::ConstView> inputs;
    for (const TensorIndex input : op.inputs) {
      inputs.push_back({storage[input].data(), &graph.tensors[input].shape});
    }
    const Tensor& output = graph.output(op);
    reference::run(op.spec, output.dtype, inputs, {storage[op.output].data(), &output.shape});
  }
  std::vector<std::vector<double>> values;
  for (TensorIndex i = 0; i < graph.tensors.size(); ++i) {
    values.emplace_back(graph.tensors[i].elements());
    decode(storage[i].data(), graph.tensors[i].dtype, std::span<double>(values.back()));
  }
  return values;
}

}  // namespace

void write(Executable& executable, const Tensor& tensor, const std::vector<double>& values) {
  if (tensor.dtype == DType::f64) {
    executable.write(tensor.id, HostView(std::span<const double>(values)));
    return;
  }
  const std::vector<float> rounded(values.begin(), values.end());
  executable.write(tensor.id, HostView(std::span<const float>(rounded)));
}

void fillAll(Executable& executable) {
  for (const Tensor& tensor : executable.graph().tensors) {
    if (!isWritten(tensor)) continue;
    write(executable, tensor, valuesFor(tensor));
  }
}

std::vector<double> valuesOf(Executable& executable, const std::string& tensor) {
  const Tensor& read = executable.readable(tensor);
  if (read.dtype == DType::f64) {
    std::vector<double> exact(read.elements());
    executable.read(tensor, HostSpan(std::span<double>(exact)));
    return exact;
  }
  std::vector<float> values(read.elements());
  executable.read(tensor, HostSpan(std::span<float>(values)));
  return {values.begin(), values.end()};
}

bool isRight(Device& device, const Graph& graph) {
  return isRight(*device.compile(graph));
}

bool isRight(Executable& executable, RunMode mode) {
  fillAll(executable);
  executable.run(1, mode);
  const Graph& graph = executable.graph();
  const std::vector<std::vector<double>> expected = reference(graph);
  for (TensorIndex i = 0; i < graph.tensors.size(); ++i) {
    const Tensor& tensor = graph.tensors[i];
    if (tensor.role != Role::state && !graph.isOutput(i)) continue;
    const double allowed = tensor.dtype == DType::f64 ? 1e-12 : 1e-4;
    const std::vector<double> actual = valuesOf(executable, tensor.id);
    for (std::size_t k = 0; k < actual.size(); ++k) {
      const double wanted = expected[i][k];
      if (!(std::abs(actual[k] - wanted) <= allowed * (1 + std::abs(wanted)))) return false;
    }
  }
  return true;
}

}  // namespace test
}  // namespace mpsbench
