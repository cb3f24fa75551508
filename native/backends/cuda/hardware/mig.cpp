#include "backends/cuda/hardware/mig.h"

#include <algorithm>
#include <charconv>
#include <sstream>

#include "backends/cuda/hardware/nvml_queries.h"

namespace mpsbench::cuda {

namespace {

/** A card with its instances, by their names in CUDA_VISIBLE_DEVICES. */
struct Card {
  std::string uuid;
  bool isSplit = false;
  std::vector<std::string> instances;

  /** What a process can open of it. */
  [[nodiscard]] std::vector<std::string> devices() const {
    return isSplit ? instances : std::vector{uuid};
  }
};

std::vector<Card> splitCards(const Nvml& nvml) {
  std::vector<Card> cards;
  for (const nvmlDevice_t handle : cardsOf(nvml)) {
    Card card{uuidOf(nvml, handle).value_or(""), migMode(nvml, handle).value_or(false), {}};
    const auto most = ask<unsigned>(nvml.nvmlDeviceGetMaxMigDeviceCount, handle).value_or(0);
    for (unsigned i = 0; card.isSplit && i < most; ++i) {
      // Places without an instance have no handle.
      const auto instance = ask<nvmlDevice_t>(nvml.nvmlDeviceGetMigDeviceHandleByIndex, handle, i);
      const auto uuid = instance ? uuidOf(nvml, *instance) : std::nullopt;
      if (uuid) card.instances.push_back(*uuid);
    }
    cards.push_back(std::move(card));
  }
  return cards;
}

/** The number that the whole text is; nothing for any other text. */
std::optional<std::size_t> numberIn(const std::string& text) {
  std::size_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

/** What one entry of CUDA_VISIBLE_DEVICES names: a card by its number or UUID, or an instance. */
std::vector<std::string> named(const std::vector<Card>& cards, const std::string& entry) {
  if (const auto number = numberIn(entry)) {
    return *number < cards.size() ? cards[*number].devices() : std::vector<std::string>{};
  }
  for (const Card& card : cards) {
    // UUIDs may be shortened.
    if (entry.size() > 4 && card.uuid.starts_with(entry)) return card.devices();
    for (const std::string& instance : card.instances) {
      if (entry.size() > 4 && instance.starts_with(entry)) return {instance};
    }
  }
  return {};
}

}  // namespace

std::optional<bool> migMode(const Nvml& nvml, nvmlDevice_t card) {
  unsigned current = 0;
  unsigned pending = 0;
  if (nvml.nvmlDeviceGetMigMode == nullptr ||
      nvml.nvmlDeviceGetMigMode(card, &current, &pending) != NVML_SUCCESS) {
    return std::nullopt;
  }
  return current == NVML_FEATURE_ENABLED;
}

std::vector<std::string> separateDevices(const Nvml& nvml, const char* visible) {
  const std::vector<Card> cards = splitCards(nvml);
  std::vector<std::string> devices;
  const auto add = [&](const std::vector<std::string>& more) {
    for (const std::string& one : more) {
      if (std::find(devices.begin(), devices.end(), one) == devices.end()) devices.push_back(one);
    }
  };
  if (visible == nullptr) {
    for (const Card& card : cards) add(card.devices());
  } else {
    std::istringstream entries(visible);
    for (std::string entry; std::getline(entries, entry, ',');) {
      const std::vector<std::string> found = named(cards, entry);
      // As the driver does: what follows a name that it does not know is hidden.
      if (found.empty()) break;
      add(found);
    }
  }
  const bool anyInstance = std::any_of(devices.begin(), devices.end(), [](const std::string& name) {
    return name.starts_with("MIG-");
  });
  return anyInstance ? devices : std::vector<std::string>{};
}

bool lacksInstances(const Nvml& nvml) {
  const std::vector<Card> cards = splitCards(nvml);
  return std::any_of(cards.begin(), cards.end(),
                     [](const Card& card) { return card.isSplit && card.instances.empty(); });
}

std::optional<MigInstance> migInstance(const Nvml& nvml, nvmlDevice_t device) {
  const auto card = ask<nvmlDevice_t>(nvml.nvmlDeviceGetDeviceHandleFromMigDeviceHandle, device);
  const auto parent = card ? uuidOf(nvml, *card) : std::nullopt;
  if (!parent) return std::nullopt;
  const auto number = [&](auto function) -> std::optional<int> {
    const auto id = ask<unsigned>(function, device);
    return id ? std::optional(static_cast<int>(*id)) : std::nullopt;
  };
  return MigInstance{*parent, number(nvml.nvmlDeviceGetGpuInstanceId),
                     number(nvml.nvmlDeviceGetComputeInstanceId)};
}

}  // namespace mpsbench::cuda
