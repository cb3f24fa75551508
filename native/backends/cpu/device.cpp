#include "backends/cpu/device.h"

#include <algorithm>
#include <utility>

#include "backends/cpu/engines/engines.h"
#include "backends/cpu/executable.h"
#include "backends/cpu/hardware/host.h"
#include "backends/cpu/libraries/threads.h"
#include "core/error.h"

namespace mpsbench::cpu {

namespace {

constexpr int kMostThreads = 1024;

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
  CpuDevice(std::optional<std::string> engine, KernelLevel kernels, int threads)
      : engine_(std::move(engine)),
        kernels_(kernels),
        facts_({threads}),
        info_(describe(engine_, threads)) {}

  [[nodiscard]] const DeviceInfo& info() const override { return info_; }

  [[nodiscard]] std::optional<std::string> supports(const OpSpec& op, DType dtype) const override {
    return engineFor(engine_, dtype).supports(op, dtype);
  }

  [[nodiscard]] bool fuses(const Graph& graph) const override {
    const GraphView view(graph);
    for (OpIndex op = 0; op < graph.ops.size(); ++op) {
      const std::span<const Matcher> matchers = engineFor(engine_, view.output(op).dtype).matchers;
      if (matchesPattern(view, op, facts_, matchers)) return true;
    }
    return false;
  }

  std::unique_ptr<Executable> compile(Graph graph) override {
    // Each op has the engine of its own dtype, as `supports` says.
    const auto engineOf = [&](DType dtype) -> const Engine& { return engineFor(engine_, dtype); };
    return cpu::compile(std::move(graph), engineOf, kernels_, facts_, memoryFreeBytes());
  }

 private:
  std::optional<std::string> engine_;
  KernelLevel kernels_;
  Facts facts_;
  DeviceInfo info_;
};

/** One thread per physical core, as far as the quota and the environment allow. */
int defaultThreads(const std::optional<double>& cpuQuota) {
  int threads = std::min(usableCores(), threadLimit());
  // A thread above the quota's whole CPUs is paused for part of every period.
  if (cpuQuota) threads = std::min(threads, static_cast<int>(std::min(*cpuQuota, 1e6)));
  return std::clamp(threads, 1, kMostThreads);
}

void checkEngine(const std::string& chosen) {
  std::string known;
  for (const Engine& engine : engines()) {
    if (engine.id == chosen) return;
    known += (known.empty() ? "" : ", ") + engine.id;
  }
  throw Error(ErrorCode::usage, "This build has no CPU engine '" + chosen + "'.",
              "Choose one of: " + known + ".");
}

}  // namespace

std::shared_ptr<Device> openDevice(const BackendOptions& options) {
  if (options.engine) checkEngine(*options.engine);
  const int threads = options.threads.value_or(defaultThreads(options.cpuQuota));
  if (threads < 1 || threads > kMostThreads) {
    throw Error(ErrorCode::usage, "The CPU cannot use " + std::to_string(threads) + " threads.",
                "Choose a number from 1 to " + std::to_string(kMostThreads) + ".");
  }
  if (threads > threadLimit()) {
    throw Error(ErrorCode::usage,
                "OMP_THREAD_LIMIT=" + std::to_string(threadLimit()) + " does not allow " +
                    std::to_string(threads) + " CPU threads.",
                "Unset OMP_THREAD_LIMIT, or use --threads " + std::to_string(threadLimit()) + ".");
  }
  // An explicitly chosen engine is timed alone.
  const auto level = options.engine ? KernelLevel::library : KernelLevel::best;
  return std::make_shared<CpuDevice>(options.engine, options.kernels.value_or(level), threads);
}

}  // namespace mpsbench::cpu
