#include "addon/executable_object.h"

#include <utility>

#include "addon/device_object.h"
#include "addon/errors.h"
#include "addon/from_js.h"
#include "addon/to_js.h"

namespace mpsbench::addon {

namespace {

/** What `compile` hands to the constructor. */
struct Parts {
  std::shared_ptr<Device> device;
  std::unique_ptr<Executable> executable;
};

}  // namespace

Napi::Function ExecutableObject::define(Napi::Env env) {
  return DefineClass(
      env, "NativeExecutable",
      {InstanceAccessor<&ExecutableObject::steps>("steps", napi_enumerable),
       InstanceAccessor<&ExecutableObject::deviceBytes>("deviceBytes", napi_enumerable),
       InstanceMethod<&ExecutableObject::write>("write"),
       InstanceMethod<&ExecutableObject::run>("run"),
       InstanceMethod<&ExecutableObject::read>("read"),
       InstanceMethod<&ExecutableObject::profile>("profile"),
       InstanceMethod<&ExecutableObject::dispose>("dispose")});
}

ExecutableObject::ExecutableObject(const Napi::CallbackInfo& info) : ObjectWrap(info) {
  guarded(info.Env(), [&] {
    if (!info[0].IsExternal()) {
      throw Error(ErrorCode::internal, "A NativeExecutable cannot be made by hand.");
    }
    auto& parts = *info[0].As<Napi::External<Parts>>().Data();
    device_ = std::move(parts.device);
    executable_ = std::move(parts.executable);
  });
}

Napi::Value ExecutableObject::compile(Napi::Env env, std::shared_ptr<Device> device, Graph graph) {
  Parts parts{device, device->compile(std::move(graph))};
  return env.GetInstanceData<AddonData>()->executableClass.New(
      {Napi::External<Parts>::New(env, &parts)});
}

Executable& ExecutableObject::executable() {
  if (executable_ == nullptr) {
    throw Error(ErrorCode::internal, "The executable was used after dispose.");
  }
  return *executable_;
}

Napi::Value ExecutableObject::steps(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&] { return stepsToJs(info.Env(), executable().steps()); });
}

Napi::Value ExecutableObject::deviceBytes(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&]() -> Napi::Value {
    return Napi::Number::New(info.Env(), static_cast<double>(executable().deviceBytes()));
  });
}

void ExecutableObject::write(const Napi::CallbackInfo& info) {
  guarded(info.Env(),
          [&] { executable().write(stringFromJs(info[0], "tensor"), hostViewFromJs(info[1])); });
}

Napi::Value ExecutableObject::run(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&] {
    const Sample sample = executable().run(iterationsFromJs(info[0]), runModeFromJs(info[1]));
    return sampleToJs(info.Env(), sample);
  });
}

Napi::Value ExecutableObject::read(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&]() -> Napi::Value {
    const std::string id = stringFromJs(info[0], "tensor");
    const Tensor& tensor = executable().readable(id);
    if (tensor.dtype == DType::f64) {
      auto values = Napi::Float64Array::New(info.Env(), tensor.elements());
      executable().read(id, std::span<double>(values.Data(), values.ElementLength()));
      return values;
    }
    auto values = Napi::Float32Array::New(info.Env(), tensor.elements());
    executable().read(id, std::span<float>(values.Data(), values.ElementLength()));
    return values;
  });
}

Napi::Value ExecutableObject::profile(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&] {
    return timesToJs(info.Env(), executable().profile(iterationsFromJs(info[0])));
  });
}

void ExecutableObject::dispose(const Napi::CallbackInfo& /*info*/) {
  executable_.reset();
  device_.reset();
}

}  // namespace mpsbench::addon
