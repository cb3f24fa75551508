#include "addon/device_object.h"

#include "addon/errors.h"
#include "addon/executable_object.h"
#include "addon/from_js.h"
#include "addon/to_js.h"

namespace mpsbench::addon {

void AddonData::install(Napi::Env env) {
  auto data = std::make_unique<AddonData>();
  data->deviceClass = Napi::Persistent(DeviceObject::define(env));
  data->executableClass = Napi::Persistent(ExecutableObject::define(env));
  env.SetInstanceData(data.release());  // Node deletes it with the environment
}

Napi::Function DeviceObject::define(Napi::Env env) {
  return DefineClass(env, "NativeDevice",
                     {InstanceAccessor<&DeviceObject::info>("info", napi_enumerable),
                      InstanceMethod<&DeviceObject::supports>("supports"),
                      InstanceMethod<&DeviceObject::fuses>("fuses"),
                      InstanceMethod<&DeviceObject::compile>("compile"),
                      InstanceMethod<&DeviceObject::telemetry>("telemetry"),
                      InstanceMethod<&DeviceObject::dispose>("dispose")});
}

// Only wrapAll makes instances, with the address of the shared pointer that they are to share.
DeviceObject::DeviceObject(const Napi::CallbackInfo& info) : ObjectWrap(info) {
  guarded(info.Env(), [&] {
    if (!info[0].IsExternal()) {
      throw Error(ErrorCode::internal, "A NativeDevice cannot be made by hand.");
    }
    device_ = *info[0].As<Napi::External<std::shared_ptr<Device>>>().Data();
  });
}

Napi::Value DeviceObject::wrapAll(Napi::Env env, std::vector<std::shared_ptr<Device>> devices) {
  auto& constructor = env.GetInstanceData<AddonData>()->deviceClass;
  Napi::Array array = Napi::Array::New(env, devices.size());
  for (std::uint32_t i = 0; i < devices.size(); ++i) {
    array.Set(i, constructor.New({Napi::External<std::shared_ptr<Device>>::New(env, &devices[i])}));
  }
  return array;
}

std::shared_ptr<Device> DeviceObject::device() const {
  if (device_ == nullptr) throw Error(ErrorCode::internal, "The device was used after dispose.");
  return device_;
}

Napi::Value DeviceObject::info(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&] { return deviceInfoToJs(info.Env(), device()->info()); });
}

Napi::Value DeviceObject::supports(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&]() -> Napi::Value {
    const auto held = device();
    const OpSpec op = opSpecFromJs(info[0]);
    const auto reason = held->supports(op, dtypeFromJs(info[1]));
    if (!reason) return info.Env().Null();
    return Napi::String::New(info.Env(), *reason);
  });
}

Napi::Value DeviceObject::fuses(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&]() -> Napi::Value {
    const auto held = device();
    return Napi::Boolean::New(info.Env(), held->fuses(graphFromJs(info[0])));
  });
}

Napi::Value DeviceObject::compile(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&] {
    const auto held = device();
    return ExecutableObject::compile(info.Env(), held, graphFromJs(info[0]));
  });
}

Napi::Value DeviceObject::telemetry(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&] {
    const auto held = device();
    return telemetryToJs(info.Env(), held->telemetry(processIdsFromJs(info[0])));
  });
}

void DeviceObject::dispose(const Napi::CallbackInfo& /*info*/) {
  device_.reset();
}

}  // namespace mpsbench::addon
