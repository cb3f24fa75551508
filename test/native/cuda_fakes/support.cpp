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

std::vector<std::shared_ptr<Device>> openDevices(const BackendOptions& options) {
  const std::unique_ptr<Backend> backend = make_cuda_backend();
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

namespace {

bool isWritten(const Tensor& tensor) {
  return tensor.role != Role::temp;
}

std::vector<float> initialValues(const Tensor& tensor) {
  const std::vector<double> values = valuesFor(tensor);
  return {values.begin(), values.end()};
}

/** One iteration by the reference kernels, in float64 from f32 values. */
std::vector<std::vector<float>> reference(const Graph& graph) {
  std::vector<std::vector<float>> values;
  for (const Tensor& tensor : graph.tensors) {
    values.push_back(isWritten(tensor) ? initialValues(tensor)
                                       : std::vector<float>(tensor.elements()));
  }
  for (const Op& op : graph.ops) {
    std::vector<reference::ConstView> inputs;
    for (const TensorIndex input : op.inputs) {
      inputs.push_back({values[input].data(), &graph.tensors[input].shape});
    }
    const Tensor& output = graph.output(op);
    reference::run(op.spec, output.dtype, inputs, {values[op.output].data(), &output.shape});
  }
  return values;
}

}  // namespace

void fillAll(Executable& executable) {
  for (const Tensor& tensor : executable.graph().tensors) {
    if (!isWritten(tensor)) continue;
    const std::vector<float> values = initialValues(tensor);
    executable.write(tensor.id, HostView(std::span<const float>(values)));
  }
}

std::vector<double> valuesOf(Executable& executable, const std::string& tensor) {
  std::vector<float> values(executable.readable(tensor).elements());
  executable.read(tensor, HostSpan(std::span<float>(values)));
  return {values.begin(), values.end()};
}

bool isRight(Device& device, const Graph& graph) {
  const auto executable = device.compile(graph);
  fillAll(*executable);
  executable->run(1, RunMode::throughput);
  const std::vector<std::vector<float>> expected = reference(graph);
  for (TensorIndex i = 0; i < graph.tensors.size(); ++i) {
    const Tensor& tensor = graph.tensors[i];
    if (tensor.role != Role::state && !graph.isOutput(i)) continue;
    const std::vector<double> actual = valuesOf(*executable, tensor.id);
    for (std::size_t k = 0; k < actual.size(); ++k) {
      const double wanted = static_cast<double>(expected[i][k]);
      if (!(std::abs(actual[k] - wanted) <= 1e-4 * (1 + std::abs(wanted)))) return false;
    }
  }
  return true;
}

}  // namespace test
}  // namespace mpsbench
