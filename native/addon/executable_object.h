#pragma once

#include <napi.h>

#include <memory>

#include "core/backend.h"

namespace mpsbench::addon {

/** NativeExecutable of addon-types.ts. */
class ExecutableObject : public Napi::ObjectWrap<ExecutableObject> {
 public:
  explicit ExecutableObject(const Napi::CallbackInfo& info);

  static Napi::Function define(Napi::Env env);
  static Napi::Value compile(Napi::Env env, std::shared_ptr<Device> device, Graph graph);

 private:
  Napi::Value steps(const Napi::CallbackInfo& info);
  Napi::Value deviceBytes(const Napi::CallbackInfo& info);
  void write(const Napi::CallbackInfo& info);
  Napi::Value run(const Napi::CallbackInfo& info);
  Napi::Value read(const Napi::CallbackInfo& info);
  Napi::Value profile(const Napi::CallbackInfo& info);
  void dispose(const Napi::CallbackInfo& info);

  /** @throws Error `internal` after `dispose`. */
  Executable& executable();

  // Declared before the executable, so that it outlives it.
  std::shared_ptr<Device> device_;
  std::unique_ptr<Executable> executable_;
};

}  // namespace mpsbench::addon
