#pragma once

#include <napi.h>

#include <memory>
#include <string>
#include <vector>

#include "core/backend.h"

/** C++ values -> JavaScript values, in the forms of src/backends/native/addon-types.ts. */
namespace mpsbench::addon {

Napi::Array stringsToJs(Napi::Env env, const std::vector<std::string>& strings);
Napi::Array numbersToJs(Napi::Env env, const std::vector<int>& numbers);
Napi::Value backendIdsToJs(Napi::Env env, const std::vector<std::unique_ptr<Backend>>& backends);
Napi::Value probeToJs(Napi::Env env, const Probe& probe);
Napi::Value deviceInfoToJs(Napi::Env env, const DeviceInfo& info);
Napi::Value monitorInfoToJs(Napi::Env env, const MonitorInfo& info);
Napi::Value monitorReadingToJs(Napi::Env env, const MonitorReading& reading);
Napi::Value telemetryToJs(Napi::Env env, const Telemetry& telemetry);
Napi::Value stepsToJs(Napi::Env env, const std::vector<Step>& steps);
Napi::Value timesToJs(Napi::Env env, const std::vector<StepTime>& times);
Napi::Value sampleToJs(Napi::Env env, const Sample& sample);

}  // namespace mpsbench::addon
