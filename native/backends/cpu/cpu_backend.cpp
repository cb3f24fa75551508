#include <algorithm>
#include <utility>

#include "backends/cpu/engine.h"
#include "backends/cpu/executable.h"
#include "backends/cpu/host.h"
#include "core/backend.h"
#include "core/error.h"

namespace mpsbench {
namespace cpu {
namespace {

constexpr int kMaxThreads = 1024;

/** Whether the engine runs every op at this dtype. */
bool runsAll(const Engine& engine, DType dtype) {
  for (std::size_t kind = 0; kind < kOpKinds; ++kind) {
    OpSpec spec;
    spec.kind = static_cast<OpKind>(kind);
    if (engine.supports(spec, dtype)) return false;
  }
  return true;
}

/** The chosen engine, or the preferred one for the dtype; the last engine runs everything. */
const Engine& engineFor(const std::optional<std::string>& chosen, DType dtype) {
  const auto all = engines();
  const auto fits = [&](const Engine& engine) {
    return chosen ? engine.id == *chosen : runsAll(engine, dtype);
  };
  const auto found = std::find_if(all.begin(), all.end(), fits);
  return found == all.end() ? all.back() : *found;
}

DeviceInfo describe(const std::optional<std::string>& chosen, int threads) {
  DeviceInfo info;
  info.name = cpuModel();
  info.vendor = cpuVendor();
  info.memoryBytes = memoryLimitBytes();
  info.engine = engineFor(chosen, DType::f32).label;
  for (const Engine& engine : engines()) info.engines.push_back(engine.id);
  info.threads = engineFor(chosen, DType::f32).parallel ? threads : 1;
  std::string others;
  for (const DType dtype : kDTypes) {
    const Engine& engine = engineFor(chosen, dtype);
    if (runsAll(engine, dtype)) info.dtypes.push_back(dtype);
    others += std::string(others.empty() ? "" : ", ") + name(dtype) + " " + engine.id;
  }
  info.details = cpuDetails();
  if (!chosen) info.details.emplace_back("engineByDtype", others);
  return info;
}

class CpuDevice final : public Device {
 public:
  CpuDevice(std::optional<std::string> engine, int threads)
      : engine_(std::move(engine)), threads_(threads), info_(describe(engine_, threads)) {}

  [[nodiscard]] const DeviceInfo& info() const override { return info_; }

  [[nodiscard]] std::optional<std::string> supports(const OpSpec& op, DType dtype) const override {
    return engineFor(engine_, dtype).supports(op, dtype);
  }

  std::unique_ptr<Executable> compile(Graph graph) override {
    // Each op has the engine of its own dtype, as `supports` says.
    const auto engineOf = [&](DType dtype) {
      Engine engine = engineFor(engine_, dtype);
      if (engine_) engine.patterns.clear();
      return engine;
    };
    return cpu::compile(std::move(graph), engineOf, threads_, memoryFreeBytes());
  }

 private:
  std::optional<std::string> engine_;
  int threads_;
  DeviceInfo info_;
};

void checkEngine(const std::string& chosen) {
  std::string known;
  for (const Engine& engine : engines()) {
    if (engine.id == chosen) return;
    known += (known.empty() ? "" : ", ") + engine.id;
  }
  throw Error(ErrorCode::usage, "This build has no CPU engine '" + chosen + "'.",
              "Choose one of: " + known + ".");
}

class CpuBackend final : public Backend {
 public:
  [[nodiscard]] const char* id() const noexcept override { return "cpu"; }

  [[nodiscard]] Probe probe() noexcept override {
    try {
      return Available{engines().front().label};
    } catch (const std::exception& error) {
      return Unavailable{error.what(), "Build with -DMPSBENCH_ONEDNN=OFF or update oneDNN."};
    }
  }

  std::vector<std::shared_ptr<Device>> devices(const BackendOptions& options) override {
    if (options.engine) checkEngine(*options.engine);
    const int threads = options.threads.value_or(usableCores());
    if (threads < 1 || threads > kMaxThreads) {
      throw Error(ErrorCode::usage, "The CPU cannot use " + std::to_string(threads) + " threads.",
                  "Choose a number from 1 to " + std::to_string(kMaxThreads) + ".");
    }
    return {std::make_shared<CpuDevice>(options.engine, threads)};
  }
};

}  // namespace
}  // namespace cpu

std::unique_ptr<Backend> make_cpu_backend() {
  return std::make_unique<cpu::CpuBackend>();
}

}  // namespace mpsbench
