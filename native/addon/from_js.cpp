#include "addon/from_js.h"

#include <algorithm>
#include <cmath>

#include "core/error.h"
#include "core/registry.h"

namespace mpsbench::addon {

namespace {

constexpr double kMaxSafeInteger = 9007199254740991.0;

[[noreturn]] void wrongForm(const std::string& what) {
  throw Error(ErrorCode::internal, "The addon was given " + what + ".");
}

Napi::Object object(const Napi::Value& value, const char* what) {
  if (!value.IsObject()) wrongForm(std::string("no object as ") + what);
  return value.As<Napi::Object>();
}

double number(const Napi::Value& value, const char* what) {
  if (!value.IsNumber()) wrongForm(std::string("no number as ") + what);
  return value.As<Napi::Number>().DoubleValue();
}

std::int64_t integer(const Napi::Value& value, const char* what) {
  const double exact = number(value, what);
  if (!(std::abs(exact) <= kMaxSafeInteger) || exact != std::floor(exact)) {
    wrongForm("no whole number as " + std::string(what));
  }
  return static_cast<std::int64_t>(exact);
}

bool boolean(const Napi::Value& value) {
  return value.IsBoolean() && value.As<Napi::Boolean>().Value();
}

template <class Each>
void forEach(const Napi::Value& value, const char* what, const Each& each) {
  if (!value.IsArray()) wrongForm(std::string("no array as ") + what);
  const auto array = value.As<Napi::Array>();
  for (std::uint32_t i = 0; i < array.Length(); ++i) {
    const Napi::HandleScope scope(value.Env());
    each(array.Get(i));
  }
}

std::array<std::int64_t, 2> pair(const Napi::Value& value, const char* what) {
  std::vector<std::int64_t> items;
  forEach(value, what, [&](const Napi::Value& item) { items.push_back(integer(item, what)); });
  if (items.size() != 2) wrongForm(std::string("no two numbers as ") + what);
  return {items[0], items[1]};
}

Role role(const std::string& text) {
  if (text == "input") return Role::input;
  if (text == "weight") return Role::weight;
  if (text == "state") return Role::state;
  if (text == "temp") return Role::temp;
  wrongForm("the unknown role '" + text + "'");
}

KernelLevel kernelLevel(const std::string& text) {
  if (text == "best") return KernelLevel::best;
  if (text == "library") return KernelLevel::library;
  wrongForm("the unknown kernel level '" + text + "'");
}

Tensor tensor(const Napi::Value& value) {
  const Napi::Object from = object(value, "tensor");
  Tensor made;
  made.id = stringFromJs(from.Get("id"), "tensor id");
  made.dtype = dtypeFromJs(from.Get("dtype"));
  made.role = role(stringFromJs(from.Get("role"), "role"));
  forEach(from.Get("shape"), "shape",
          [&](const Napi::Value& size) { made.shape.push_back(integer(size, "dimension")); });
  return made;
}

Op op(const Napi::Value& value, const Graph& graph) {
  const Napi::Object from = object(value, "op");
  Op made;
  made.id = stringFromJs(from.Get("id"), "op id");
  made.spec = opSpecFromJs(value);
  forEach(from.Get("inputs"), "inputs", [&](const Napi::Value& input) {
    made.inputs.push_back(graph.find(stringFromJs(input, "input")));
  });
  made.output = graph.find(stringFromJs(from.Get("output"), "output"));
  return made;
}

}  // namespace

Backend& backendFromJs(const Napi::Value& id) {
  const std::string wanted = stringFromJs(id, "backend");
  const auto& all = backends();
  const auto found = std::find_if(all.begin(), all.end(),
                                  [&](const auto& backend) { return wanted == backend->id(); });
  if (found == all.end()) {
    throw Error(ErrorCode::unavailable, "This build has no backend '" + wanted + "'.",
                "Build mpsbench on a machine where that backend exists.");
  }
  return **found;
}

BackendOptions optionsFromJs(const Napi::Value& value) {
  BackendOptions options;
  if (value.IsUndefined()) return options;
  const Napi::Object from = object(value, "options");
  const Napi::Value threads = from.Get("threads");
  const Napi::Value engine = from.Get("engine");
  if (!threads.IsUndefined()) {
    options.threads =
        static_cast<int>(std::clamp<std::int64_t>(integer(threads, "threads"), 0, 1 << 30));
  }
  if (!engine.IsUndefined()) options.engine = stringFromJs(engine, "engine");
  options.tf32 = boolean(from.Get("tf32"));
  const Napi::Value quota = from.Get("cpuQuota");
  if (!quota.IsUndefined()) options.cpuQuota = number(quota, "cpuQuota");
  const Napi::Value kernels = from.Get("kernels");
  if (!kernels.IsUndefined()) options.kernels = kernelLevel(stringFromJs(kernels, "kernels"));
  return options;
}

DType dtypeFromJs(const Napi::Value& value) {
  const std::string text = stringFromJs(value, "dtype");
  const auto dtype = parseDType(text);
  if (!dtype) wrongForm("the unknown dtype '" + text + "'");
  return *dtype;
}

OpSpec opSpecFromJs(const Napi::Value& value) {
  const Napi::Object from = object(value, "op");
  const std::string text = stringFromJs(from.Get("kind"), "op kind");
  const auto kind = parseOpKind(text);
  if (!kind) {
    throw Error(ErrorCode::unsupported, "The addon does not know the op '" + text + "'.",
                "Build it again with `npx mpsbench build`.");
  }
  OpSpec spec;
  spec.kind = *kind;
  if (*kind == OpKind::matmul) {
    spec.transposeA = boolean(from.Get("transposeA"));
    spec.transposeB = boolean(from.Get("transposeB"));
  }
  if (*kind == OpKind::conv2d || *kind == OpKind::maxPool2d) {
    spec.strides = pair(from.Get("strides"), "strides");
  }
  if (*kind == OpKind::maxPool2d) spec.window = pair(from.Get("window"), "window");
  if (*kind == OpKind::conv2d) {
    const std::string padding = stringFromJs(from.Get("padding"), "padding");
    if (padding != "valid" && padding != "same") wrongForm("the unknown padding '" + padding + "'");
    spec.padding = padding == "same" ? Padding::same : Padding::valid;
  }
  if (*kind == OpKind::sgdUpdate) {
    spec.learningRate = number(from.Get("learningRate"), "learningRate");
  }
  return spec;
}

Graph graphFromJs(const Napi::Value& value) {
  const Napi::Object from = object(value, "graph");
  Graph graph;
  graph.name = stringFromJs(from.Get("name"), "graph name");
  forEach(from.Get("tensors"), "tensors",
          [&](const Napi::Value& item) { graph.tensors.push_back(tensor(item)); });
  forEach(from.Get("ops"), "ops",
          [&](const Napi::Value& item) { graph.ops.push_back(op(item, graph)); });
  forEach(from.Get("outputs"), "outputs", [&](const Napi::Value& item) {
    graph.outputs.push_back(graph.find(stringFromJs(item, "output")));
  });
  validate(graph);
  return graph;
}

std::string stringFromJs(const Napi::Value& value, const char* what) {
  if (!value.IsString()) wrongForm(std::string("no string as ") + what);
  return value.As<Napi::String>().Utf8Value();
}

HostView hostViewFromJs(const Napi::Value& value) {
  if (value.IsTypedArray()) {
    const auto array = value.As<Napi::TypedArray>();
    if (array.TypedArrayType() == napi_float32_array) {
      const auto floats = value.As<Napi::Float32Array>();
      return std::span<const float>(floats.Data(), floats.ElementLength());
    }
    if (array.TypedArrayType() == napi_float64_array) {
      const auto doubles = value.As<Napi::Float64Array>();
      return std::span<const double>(doubles.Data(), doubles.ElementLength());
    }
  }
  wrongForm("no Float32Array or Float64Array as values");
}

RunMode runModeFromJs(const Napi::Value& value) {
  const std::string text = stringFromJs(value, "mode");
  if (text == "latency") return RunMode::latency;
  if (text == "throughput") return RunMode::throughput;
  wrongForm("the unknown mode '" + text + "'");
}

std::int64_t iterationsFromJs(const Napi::Value& value) {
  const std::int64_t iterations = integer(value, "iterations");
  if (iterations < 1) wrongForm("less than one iteration");
  return iterations;
}

std::vector<int> cpusFromJs(const Napi::Value& value) {
  std::vector<int> cpus;
  forEach(value, "CPUs", [&](const Napi::Value& item) {
    cpus.push_back(static_cast<int>(std::clamp<std::int64_t>(integer(item, "a CPU"), -1, 1 << 20)));
  });
  return cpus;
}

std::vector<std::uint32_t> processIdsFromJs(const Napi::Value& value) {
  std::vector<std::uint32_t> ids;
  forEach(value, "process ids", [&](const Napi::Value& item) {
    ids.push_back(static_cast<std::uint32_t>(integer(item, "a process id")));
  });
  return ids;
}

}  // namespace mpsbench::addon
