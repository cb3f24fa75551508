#include <napi.h>

#include <cstdint>
#include <memory>
#include <utility>

#include "addon/device_object.h"
#include "addon/errors.h"
#include "addon/executable_object.h"
#include "addon/from_js.h"
#include "addon/to_js.h"
#include "core/affinity.h"
#include "core/registry.h"

namespace {

/** Raised whenever src/backends/native/addon-types.ts changes. */
constexpr int kAbi = 6;

Napi::Value listBackends(const Napi::CallbackInfo& info) {
  return mpsbench::addon::guarded(info.Env(), [&] {
    return mpsbench::addon::backendIdsToJs(info.Env(), mpsbench::backends());
  });
}

Napi::Value probeBackend(const Napi::CallbackInfo& info) {
  return mpsbench::addon::guarded(info.Env(), [&] {
    const mpsbench::Probe probe = mpsbench::addon::backendFromJs(info[0]).probe();
    return mpsbench::addon::probeToJs(info.Env(), probe);
  });
}

Napi::Value openDevices(const Napi::CallbackInfo& info) {
  return mpsbench::addon::guarded(info.Env(), [&] {
    auto& backend = mpsbench::addon::backendFromJs(info[0]);
    auto devices = backend.devices(mpsbench::addon::optionsFromJs(info[1]));
    return mpsbench::addon::DeviceObject::wrapAll(info.Env(), std::move(devices));
  });
}

/** A plain object: `read` holds a share of the monitor. */
Napi::Value monitorToJs(Napi::Env env, const std::shared_ptr<mpsbench::Monitor>& monitor) {
  Napi::Object object = Napi::Object::New(env);
  object.Set("info", mpsbench::addon::monitorInfoToJs(env, monitor->info()));
  object.Set("read", Napi::Function::New(
                         env,
                         [monitor](const Napi::CallbackInfo& info) {
                           return mpsbench::addon::guarded(info.Env(), [&] {
                             return mpsbench::addon::monitorReadingToJs(info.Env(),
                                                                        monitor->read());
                           });
                         },
                         "read"));
  return object;
}

Napi::Value openMonitors(const Napi::CallbackInfo& info) {
  return mpsbench::addon::guarded(info.Env(), [&] {
    const auto monitors = mpsbench::addon::backendFromJs(info[0]).monitors();
    Napi::Array array = Napi::Array::New(info.Env(), monitors.size());
    for (std::uint32_t i = 0; i < monitors.size(); ++i) {
      array.Set(i, monitorToJs(info.Env(), monitors[i]));
    }
    return array;
  });
}

Napi::Value separateDevices(const Napi::CallbackInfo& info) {
  return mpsbench::addon::guarded(info.Env(), [&] {
    auto& backend = mpsbench::addon::backendFromJs(info[0]);
    return mpsbench::addon::stringsToJs(info.Env(), backend.separateDevices());
  });
}

Napi::Value keepOnCpus(const Napi::CallbackInfo& info) {
  return mpsbench::addon::guarded(info.Env(), [&] {
    const auto cpus = mpsbench::keepOnCpus(mpsbench::addon::cpusFromJs(info[0]));
    return mpsbench::addon::numbersToJs(info.Env(), cpus);
  });
}

Napi::Object exportAll(Napi::Env env, Napi::Object exports) {
  mpsbench::addon::AddonData::install(env);
  exports["abi"] = Napi::Number::New(env, kAbi);
  exports["backends"] = Napi::Function::New(env, listBackends, "backends");
  exports["probe"] = Napi::Function::New(env, probeBackend, "probe");
  exports["separateDevices"] = Napi::Function::New(env, separateDevices, "separateDevices");
  exports["keepOnCpus"] = Napi::Function::New(env, keepOnCpus, "keepOnCpus");
  exports["monitors"] = Napi::Function::New(env, openMonitors, "monitors");
  exports["devices"] = Napi::Function::New(env, openDevices, "devices");
  return exports;
}

}  // namespace

NODE_API_MODULE(mpsbench, exportAll)
