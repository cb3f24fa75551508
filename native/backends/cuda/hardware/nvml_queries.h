#pragma once

#include <optional>
#include <string>
#include <vector>

#include "backends/cuda/driver/libraries.h"

/** Questions to NVML with an answer or none. */
namespace mpsbench::cuda {

/** What a function of NVML writes, where the library has it and it succeeds. */
template <class Value, class... Parameters, class... Arguments>
std::optional<Value> ask(nvmlReturn_t (*function)(Parameters...), const Arguments&... arguments) {
  Value value{};
  if (function == nullptr || function(arguments..., &value) != NVML_SUCCESS) return std::nullopt;
  return value;
}

/** `GPU-...` of a card, `MIG-...` of an instance. */
inline std::optional<std::string> uuidOf(const Nvml& nvml, nvmlDevice_t device) {
  char text[96] = {};
  if (nvml.nvmlDeviceGetUUID == nullptr) return std::nullopt;
  if (nvml.nvmlDeviceGetUUID(device, text, sizeof text) != NVML_SUCCESS) return std::nullopt;
  return text;
}

/** Every card of the machine, in the order of its PCI ids; CUDA_VISIBLE_DEVICES hides none. */
inline std::vector<nvmlDevice_t> cardsOf(const Nvml& nvml) {
  std::vector<nvmlDevice_t> cards;
  const auto count = ask<unsigned>(nvml.nvmlDeviceGetCount).value_or(0);
  for (unsigned i = 0; i < count; ++i) {
    // One that has fallen off the bus is counted and has no handle.
    if (const auto card = ask<nvmlDevice_t>(nvml.nvmlDeviceGetHandleByIndex, i)) {
      cards.push_back(*card);
    }
  }
  return cards;
}

}  // namespace mpsbench::cuda
