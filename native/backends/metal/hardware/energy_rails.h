#pragma once

#include <optional>
#include <string>
#include <vector>

/** Which of IOReport's energy counters belong to which part of the chip, and what they add up to.
 */
namespace mpsbench::metal {

/** What one energy counter gained between two samples. */
struct EnergyChange {
  std::string channel;
  double joules = 0;
  /** How far apart the counter's updates may lie. */
  double periodS = 0;
};

/** A part of the chip with energy counters of its own. */
enum class Rail { gpu, cpu, memory };

/** What a rail gained between two samples, all dies together. */
struct RailChange {
  double joules = 0;
  double periodS = 0;
};

/**
 * Where a chip has a counter for the whole package and one for each die, the package's alone
 * counts.
 * @returns nothing where the chip has no counter of this rail
 */
std::optional<RailChange> changeOf(Rail rail, const std::vector<EnergyChange>& changes);

/** Whether a rail can have gained this much in this time: it is negative after sleep, when counters
 * may start again. */
bool isPlausible(double joules, double seconds);

/**
 * The energy of the CPU cores or of the memory. These counters are in mJ and published together:
 * every 0.4 to 2.1 s, unevenly, on most chips, but every 30 minutes on a headless M5 Ultra
 * (all-smi#415). How often is not documented, so it is observed.
 */
class RailCounter {
 public:
  /** @param change of this reading; nothing where the chip has no such counter */
  void add(const std::optional<RailChange>& change, double seconds);

  /**
   * Since the first update that was seen: what that one brought is from before the readings, in
   * part. Missing until then, and after a reading that cannot be right.
   */
  [[nodiscard]] std::optional<double> energyJ() const { return energyJ_; }
  /** How far apart updates may lie: the longest time without one so far, that until now included.
   */
  [[nodiscard]] double periodS() const { return periodS_; }

 private:
  std::optional<double> energyJ_;
  double periodS_ = 0;
  /** Since the last update, as far as readings show. */
  double quietS_ = 0;
};

}  // namespace mpsbench::metal
