#pragma once

#import <Metal/Metal.h>

#include <chrono>
#include <memory>
#include <optional>
#include <vector>

#include "backends/metal/hardware/ioreport.h"
#include "core/backend.h"

namespace mpsbench::metal {

/**
 * A GPU's sensors: utilisation from the I/O registry, and on Apple silicon power, energy, clock and
 * utilisation from IOReport's counters, and the energy of the CPU cores and the memory.
 */
class Sensors {
 public:
  explicit Sensors(id<MTLDevice> device);

  /** In an autorelease pool. @throws Error */
  Telemetry read();

 private:
  using Clock = std::chrono::steady_clock;

  void addCounters(const CounterChanges& changes, double seconds);

  std::uint64_t registryId_;
  /** Apple silicon that is no virtual machine's; other GPUs have none of these counters. */
  bool hasCounters_;
  std::vector<double> clocksMHz_;
  std::unique_ptr<IOReport> counters_;
  Clock::time_point lastAt_;

  /** Since the first reading. Missing after a reading that cannot be right, until the next. */
  std::optional<double> energyJ_;
  double energyPeriodS_ = 0;
  RailCounter cpu_;
  RailCounter memory_;
  /** What has been gained since power, clock and utilisation were last computed. */
  struct Window {
    double seconds = 0;
    double joules = 0;
    double idle = 0;
    std::vector<double> active;
  };
  Window window_;
  Telemetry latest_;
};

}  // namespace mpsbench::metal
