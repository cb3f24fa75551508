#pragma once

#include <optional>
#include <string>
#include <vector>

#include "backends/cuda/driver/libraries.h"
#include "core/backend.h"

/**
 * MIG (multi-instance GPU) splits a card into instances. A process sees one instance at most, and
 * no whole card beside it (NVIDIA, "MIG User Guide"): each device gets a process of its own.
 */
namespace mpsbench::cuda {

/**
 * The instances and whole cards that CUDA_VISIBLE_DEVICES leaves, by their names in it. Empty if
 * there is no instance among them: then one process opens all cards.
 * @param visible the variable; nullptr where it is not set
 */
std::vector<std::string> separateDevices(const Nvml& nvml, const char* visible);

/** Whether a card is split; nothing if NVML does not say. */
std::optional<bool> migMode(const Nvml& nvml, nvmlDevice_t card);

/** Whether some card is in MIG mode and has no instance, so that CUDA finds nothing on it. */
bool lacksInstances(const Nvml& nvml);

/** What an instance is a part of; nothing for a whole card. */
std::optional<MigInstance> migInstance(const Nvml& nvml, nvmlDevice_t device);

}  // namespace mpsbench::cuda
