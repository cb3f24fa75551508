#pragma once

#import <Foundation/Foundation.h>

#include <cstdint>
#include <memory>
#include <vector>

#include "backends/metal/driver/owner.h"
#include "backends/metal/hardware/energy_rails.h"

/**
 * IOReport: the counters behind powermetrics, readable without privileges. A private library of
 * macOS, found by name: where it or a function of it is missing, there are no counters.
 */
namespace mpsbench::metal {

/** The time that one GPU spent in each of its performance states between two samples. */
struct Residency {
  double idle = 0;
  /** By clock, the lowest first. */
  std::vector<double> active;
};

struct CounterChanges {
  std::vector<EnergyChange> energy;
  /** One for each die. */
  std::vector<Residency> gpus;
};

class IOReport {
 public:
  /** Null where this Mac has no such counters. */
  static std::unique_ptr<IOReport> open();
  virtual ~IOReport() = default;
  IOReport(const IOReport&) = delete;
  IOReport& operator=(const IOReport&) = delete;

  /** Since the call before; empty at the first. */
  virtual CounterChanges take() = 0;

 protected:
  IOReport() = default;
};

}  // namespace mpsbench::metal
