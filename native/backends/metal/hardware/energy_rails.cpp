#include "backends/metal/hardware/energy_rails.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <string_view>

namespace mpsbench::metal {

namespace {

/** Above this the counter is wrong: a Mac Studio's power supply has less than 500 W. */
constexpr double kLargestPowerW = 2000;

/** From the whole package to the parts of a die. */
constexpr std::size_t kLevels = 3;

bool isNumber(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(),
                                      [](char digit) { return digit >= '0' && digit <= '9'; });
}

/** `CPU Energy` is 0; `DIE_0_CPU Energy`, on an Ultra, is 1. */
std::optional<std::size_t> levelOfTotal(std::string_view channel, std::string_view total) {
  constexpr std::string_view kDie = "DIE_";
  if (!channel.ends_with(total)) return std::nullopt;
  channel.remove_suffix(total.size());
  if (channel.empty()) return 0;
  if (!channel.starts_with(kDie) || !channel.ends_with('_')) return std::nullopt;
  channel.remove_prefix(kDie.size());
  channel.remove_suffix(1);
  return isNumber(channel) ? std::optional<std::size_t>(1) : std::nullopt;
}

/** `DRAM` is 0, `DRAM0` 1, and `DRAM0_1`, on an Ultra, 2; `DRAM0_SRAM` is a part of another one. */
std::optional<std::size_t> levelOfBlock(std::string_view channel, std::string_view block) {
  if (!channel.starts_with(block)) return std::nullopt;
  channel.remove_prefix(block.size());
  if (channel.empty()) return 0;
  const std::size_t dash = channel.find('_');
  if (!isNumber(channel.substr(0, dash))) return std::nullopt;
  if (dash == std::string_view::npos) return 1;
  return isNumber(channel.substr(dash + 1)) ? std::optional<std::size_t>(2) : std::nullopt;
}

std::optional<std::size_t> levelOf(Rail rail, std::string_view channel) {
  switch (rail) {
    case Rail::gpu:
      return levelOfTotal(channel, "GPU Energy");
    case Rail::cpu:
      return levelOfTotal(channel, "CPU Energy");
    case Rail::memory:
      return levelOfBlock(channel, "DRAM");
  }
  return std::nullopt;
}

}  // namespace

std::optional<RailChange> changeOf(Rail rail, const std::vector<EnergyChange>& changes) {
  std::array<std::optional<RailChange>, kLevels> sums;
  for (const EnergyChange& change : changes) {
    const auto level = levelOf(rail, change.channel);
    if (!level) continue;
    RailChange& sum = sums[*level] ? *sums[*level] : sums[*level].emplace();
    sum.joules += change.joules;
    sum.periodS = std::max(sum.periodS, change.periodS);
  }
  const auto found =
      std::find_if(sums.begin(), sums.end(), [](const auto& sum) { return sum.has_value(); });
  return found == sums.end() ? std::nullopt : *found;
}

bool isPlausible(double joules, double seconds) {
  return joules >= 0 && joules <= kLargestPowerW * seconds;
}

void RailCounter::add(const std::optional<RailChange>& change, double seconds) {
  if (!change || !isPlausible(change->joules, std::max(quietS_ + seconds, change->periodS))) {
    // No difference spans this.
    energyJ_.reset();
    quietS_ = 0;
    return;
  }
  periodS_ = std::max(periodS_, change->periodS);
  if (change->joules == 0) {
    quietS_ += seconds;
    periodS_ = std::max(periodS_, quietS_);
    return;
  }
  energyJ_ = energyJ_ ? *energyJ_ + change->joules : 0;
  quietS_ = 0;
}

}  // namespace mpsbench::metal
