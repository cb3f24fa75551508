#pragma once

#include <napi.h>

#include <memory>
#include <vector>

#include "core/backend.h"

namespace mpsbench::addon {

/** The classes of one Node environment (the main thread, or a worker thread). */
struct AddonData {
  Napi::FunctionReference deviceClass;
  Napi::FunctionReference executableClass;

  static void install(Napi::Env env);
};

/** NativeDevice of addon-types.ts. */
class DeviceObject : public Napi::ObjectWrap<DeviceObject> {
 public:
  explicit DeviceObject(const Napi::CallbackInfo& info);

  static Napi::Function define(Napi::Env env);
  static Napi::Value wrapAll(Napi::Env env, std::vector<std::shared_ptr<Device>> devices);

 private:
  Napi::Value info(const Napi::CallbackInfo& info);
  Napi::Value supports(const Napi::CallbackInfo& info);
  Napi::Value fuses(const Napi::CallbackInfo& info);
  Napi::Value compile(const Napi::CallbackInfo& info);
  Napi::Value telemetry(const Napi::CallbackInfo& info);
  void dispose(const Napi::CallbackInfo& info);

  /**
   * A share of the device: reading an argument may run JavaScript (a getter), which may dispose
   * this object. @throws Error `internal` after `dispose`
   */
  [[nodiscard]] std::shared_ptr<Device> device() const;

  std::shared_ptr<Device> device_;
};

}  // namespace mpsbench::addon
