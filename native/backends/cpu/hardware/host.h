#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "core/backend.h"

/** Facts about the CPU of this machine, as far as the operating system reports them. */
namespace mpsbench::cpu {

/** The model's name, for example `AMD EPYC 9655`. */
std::string cpuModel();
/** `AuthenticAMD` and the like; nothing if unknown. */
std::optional<std::string> cpuVendor();

/** Physical cores of the CPUs that this process may run on (its CPU mask). */
int usableCores();

/** Memory that this process may use in all, limited by its cgroup. */
std::uint64_t memoryLimitBytes();
/** Memory that can be allocated now without swapping. */
std::uint64_t memoryFreeBytes();

/** The size of the largest cache that one core can use, in bytes; 32 MiB where it is not known. */
std::uint64_t lastLevelCacheBytes();

/** Vector extensions, caches and cores, in the order in which they are shown. */
std::vector<std::pair<std::string, Detail>> cpuDetails();

}  // namespace mpsbench::cpu
