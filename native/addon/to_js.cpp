#include "addon/to_js.h"

namespace mpsbench::addon {

namespace {

template <class T>
void setIf(Napi::Object& object, const char* key, const std::optional<T>& value) {
  if (!value) return;
  if constexpr (std::is_arithmetic_v<T>) {
    object.Set(key, Napi::Number::New(object.Env(), static_cast<double>(*value)));
  } else {
    object.Set(key, Napi::String::New(object.Env(), *value));
  }
}

template <class Items, class Convert>
Napi::Array arrayToJs(Napi::Env env, const Items& items, const Convert& convert) {
  Napi::Array array = Napi::Array::New(env, items.size());
  std::uint32_t index = 0;
  for (const auto& item : items) array.Set(index++, convert(item));
  return array;
}

const char* kindName(DeviceKind kind) {
  switch (kind) {
    case DeviceKind::gpu:
      return "gpu";
    case DeviceKind::integrated:
      return "integrated";
    case DeviceKind::cpu:
      break;
  }
  return "cpu";
}

Napi::Value peakToJs(Napi::Env env, const Peak& peak) {
  Napi::Object object = Napi::Object::New(env);
  setIf(object, "gbPerS", peak.gbPerS);
  if (!peak.gflops.empty() || peak.tf32Gflops) {
    Napi::Object gflops = Napi::Object::New(env);
    for (const auto& [dtype, value] : peak.gflops) gflops.Set(name(dtype), value);
    setIf(gflops, "tf32", peak.tf32Gflops);
    object.Set("gflops", gflops);
  }
  object.Set("source", peak.source);
  return object;
}

Napi::Value detailToJs(Napi::Env env, const Detail& detail) {
  return std::visit([&](const auto& value) { return Napi::Value::From(env, value); }, detail);
}

Napi::Value migToJs(Napi::Env env, const MigInstance& mig) {
  Napi::Object object = Napi::Object::New(env);
  object.Set("parent", mig.parent);
  setIf(object, "gpuInstance", mig.gpuInstance);
  setIf(object, "computeInstance", mig.computeInstance);
  return object;
}

Napi::Value linkToJs(Napi::Env env, const Link& link) {
  Napi::Object object = Napi::Object::New(env);
  object.Set("to", link.to);
  setIf(object, "pcie", link.pcie);
  object.Set("nvlinks", link.nvlinks);
  return object;
}

}  // namespace

Napi::Array stringsToJs(Napi::Env env, const std::vector<std::string>& strings) {
  return arrayToJs(env, strings,
                   [&](const std::string& text) { return Napi::String::New(env, text); });
}

Napi::Array numbersToJs(Napi::Env env, const std::vector<int>& numbers) {
  return arrayToJs(env, numbers, [&](int number) { return Napi::Number::New(env, number); });
}

Napi::Value backendIdsToJs(Napi::Env env, const std::vector<std::unique_ptr<Backend>>& backends) {
  return arrayToJs(env, backends,
                   [&](const auto& backend) { return Napi::String::New(env, backend->id()); });
}

Napi::Value probeToJs(Napi::Env env, const Probe& probe) {
  Napi::Object object = Napi::Object::New(env);
  const auto* available = std::get_if<Available>(&probe);
  object.Set("available", Napi::Boolean::New(env, available != nullptr));
  if (available != nullptr) {
    object.Set("version", available->version);
  } else {
    const auto& unavailable = std::get<Unavailable>(probe);
    object.Set("reason", unavailable.reason);
    object.Set("remedy", unavailable.remedy);
  }
  return object;
}

Napi::Value deviceInfoToJs(Napi::Env env, const DeviceInfo& info) {
  Napi::Object object = Napi::Object::New(env);
  object.Set("index", info.index);
  object.Set("name", info.name);
  object.Set("kind", kindName(info.kind));
  setIf(object, "vendor", info.vendor);
  setIf(object, "driver", info.driver);
  setIf(object, "api", info.api);
  setIf(object, "memoryBytes", info.memoryBytes);
  setIf(object, "maxBufferBytes", info.maxBufferBytes);
  setIf(object, "maxTensorBytes", info.maxTensorBytes);
  object.Set("dtypes", arrayToJs(env, info.dtypes,
                                 [&](DType dtype) { return Napi::String::New(env, name(dtype)); }));
  setIf(object, "engine", info.engine);
  if (!info.engines.empty()) object.Set("engines", stringsToJs(env, info.engines));
  setIf(object, "threads", info.threads);
  setIf(object, "gpuCores", info.gpuCores);
  setIf(object, "gpuFamily", info.gpuFamily);
  if (info.tf32) object.Set("tf32", Napi::Boolean::New(env, true));
  setIf(object, "uuid", info.uuid);
  setIf(object, "pciId", info.pciId);
  if (info.mig) object.Set("mig", migToJs(env, *info.mig));
  if (!info.links.empty()) {
    object.Set("links",
               arrayToJs(env, info.links, [&](const Link& link) { return linkToJs(env, link); }));
  }
  if (info.deviceClock) {
    Napi::Object clock = Napi::Object::New(env);
    clock.Set("source", info.deviceClock->source);
    setIf(clock, "resolutionNs", info.deviceClock->resolutionNs);
    object.Set("deviceClock", clock);
  }
  if (info.peak) object.Set("peak", peakToJs(env, *info.peak));
  Napi::Object details = Napi::Object::New(env);
  for (const auto& [key, value] : info.details) details.Set(key, detailToJs(env, value));
  object.Set("details", details);
  return object;
}

Napi::Value monitorInfoToJs(Napi::Env env, const MonitorInfo& info) {
  Napi::Object object = Napi::Object::New(env);
  object.Set("index", info.index);
  object.Set("name", info.name);
  setIf(object, "uuid", info.uuid);
  setIf(object, "memoryBytes", info.memoryBytes);
  return object;
}

Napi::Value monitorReadingToJs(Napi::Env env, const MonitorReading& reading) {
  Napi::Object object = Napi::Object::New(env);
  setIf(object, "utilisation", reading.utilisation);
  setIf(object, "clockMHz", reading.clockMHz);
  setIf(object, "powerW", reading.powerW);
  setIf(object, "memoryUsedBytes", reading.memoryUsedBytes);
  if (!reading.processes) return object;
  object.Set("processes", arrayToJs(env, *reading.processes, [&](const MonitoredProcess& process) {
               Napi::Object one = Napi::Object::New(env);
               one.Set("pid", process.pid);
               setIf(one, "memoryBytes", process.memoryBytes);
               setIf(one, "utilisation", process.utilisation);
               return one;
             }));
  return object;
}

Napi::Value telemetryToJs(Napi::Env env, const Telemetry& telemetry) {
  Napi::Object object = Napi::Object::New(env);
  setIf(object, "utilisation", telemetry.utilisation);
  setIf(object, "clockMHz", telemetry.clockMHz);
  setIf(object, "memoryClockMHz", telemetry.memoryClockMHz);
  setIf(object, "temperatureC", telemetry.temperatureC);
  setIf(object, "powerW", telemetry.powerW);
  setIf(object, "energyJ", telemetry.energyJ);
  setIf(object, "energyPeriodS", telemetry.energyPeriodS);
  setIf(object, "cpuEnergyJ", telemetry.cpuEnergyJ);
  setIf(object, "memoryEnergyJ", telemetry.memoryEnergyJ);
  setIf(object, "railPeriodS", telemetry.railPeriodS);
  setIf(object, "memoryFreeBytes", telemetry.memoryFreeBytes);
  setIf(object, "otherProcesses", telemetry.otherProcesses);
  if (!telemetry.throttling.empty()) {
    object.Set("throttling", stringsToJs(env, telemetry.throttling));
  }
  return object;
}

Napi::Value stepsToJs(Napi::Env env, const std::vector<Step>& steps) {
  return arrayToJs(env, steps, [&](const Step& step) {
    Napi::Object object = Napi::Object::New(env);
    object.Set("ops", stringsToJs(env, step.ops));
    object.Set("kernel", step.kernel);
    return object;
  });
}

Napi::Value timesToJs(Napi::Env env, const std::vector<StepTime>& times) {
  return arrayToJs(env, times, [&](const StepTime& time) {
    Napi::Object object = Napi::Object::New(env);
    setIf(object, "wallNs", time.wallNs);
    setIf(object, "deviceNs", time.deviceNs);
    return object;
  });
}

Napi::Value sampleToJs(Napi::Env env, const Sample& sample) {
  Napi::Object object = Napi::Object::New(env);
  object.Set("wallNs", sample.wallNs);
  setIf(object, "deviceNs", sample.deviceNs);
  return object;
}

}  // namespace mpsbench::addon
