#include "backends/metal/hardware/sensors.h"

#include <algorithm>
#include <numeric>

#include "backends/metal/hardware/iokit.h"

namespace mpsbench::metal {

namespace {

bool isAppleSilicon(id<MTLDevice> device) {
  // A virtual machine's GPU calls itself Apple5.
  return [device supportsFamily:MTLGPUFamilyApple7];
}

/** The mean clock of the time with work; nothing where the table is not that of the states. */
std::optional<double> meanClock(const std::vector<double>& active,
                                const std::vector<double>& clocksMHz) {
  const double total = std::accumulate(active.begin(), active.end(), 0.0);
  if (active.size() != clocksMHz.size() || !(total > 0)) return std::nullopt;
  return std::inner_product(active.begin(), active.end(), clocksMHz.begin(), 0.0) / total;
}

}  // namespace

Sensors::Sensors(id<MTLDevice> device)
    : registryId_([device registryID]), hasCounters_(isAppleSilicon(device)) {}

Telemetry Sensors::read() {
  Telemetry now;
  now.utilisation = Accelerator(registryId_).utilisation();
  // Opened at the first reading: a device that is only listed costs nothing.
  if (hasCounters_ && !counters_) {
    counters_ = IOReport::open();
    hasCounters_ = counters_ != nullptr;
    clocksMHz_ = appleGpuClocksMHz();
    lastAt_ = Clock::now();
    if (counters_) counters_->take();
    return now;
  }
  if (!counters_) return now;
  const CounterChanges changes = counters_->take();
  const auto at = Clock::now();
  addCounters(changes, std::chrono::duration<double>(at - lastAt_).count());
  lastAt_ = at;
  now.energyJ = energyJ_;
  if (energyJ_) now.energyPeriodS = energyPeriodS_;
  now.cpuEnergyJ = cpu_.energyJ();
  now.memoryEnergyJ = memory_.energyJ();
  if (now.cpuEnergyJ || now.memoryEnergyJ) {
    now.railPeriodS = std::max(cpu_.periodS(), memory_.periodS());
  }
  now.powerW = latest_.powerW;
  now.clockMHz = latest_.clockMHz;
  if (latest_.utilisation) now.utilisation = latest_.utilisation;
  return now;
}

void Sensors::addCounters(const CounterChanges& changes, double seconds) {
  cpu_.add(changeOf(Rail::cpu, changes.energy), seconds);
  memory_.add(changeOf(Rail::memory, changes.energy), seconds);
  const auto gpuEnergy = changeOf(Rail::gpu, changes.energy);
  if (gpuEnergy) energyPeriodS_ = std::max(energyPeriodS_, gpuEnergy->periodS);
  // A counter in mJ may show a second's energy at once.
  if (!gpuEnergy || !isPlausible(gpuEnergy->joules, std::max(seconds, energyPeriodS_))) {
    // After sleep, for example, when counters may start again: no difference spans this.
    energyJ_.reset();
    window_ = {};
    latest_ = {};
    return;
  }
  energyJ_ = energyJ_.value_or(0) + gpuEnergy->joules;
  window_.seconds += seconds;
  window_.joules += gpuEnergy->joules;
  for (const Residency& gpu : changes.gpus) {
    window_.idle += gpu.idle;
    window_.active.resize(std::max(window_.active.size(), gpu.active.size()));
    for (std::size_t state = 0; state < gpu.active.size(); ++state) {
      window_.active[state] += gpu.active[state];
    }
  }
  // Shorter than the counter's own period, a mean is chance.
  if (window_.seconds < energyPeriodS_) return;
  const double active = std::accumulate(window_.active.begin(), window_.active.end(), 0.0);
  latest_ = {};
  latest_.powerW = window_.joules / window_.seconds;
  latest_.clockMHz = meanClock(window_.active, clocksMHz_);
  if (window_.idle + active > 0) latest_.utilisation = active / (window_.idle + active);
  window_ = {};
}

}  // namespace mpsbench::metal
