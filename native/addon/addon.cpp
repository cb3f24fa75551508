#include <napi.h>

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
constexpr int kAbi = 5;

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
  exports["devices"] = Napi::Function::New(env, openDevices, "devices");
  return exports;
}

}  // namespace

NODE_API_MODULE(mpsbench, exportAll)
