#pragma once

#include <cstdint>
#include <limits>
#include <string>

/** The memory that the control groups of this process allow, of either version. */
namespace mpsbench::cpu {

inline constexpr std::uint64_t kUnlimited = std::numeric_limits<std::uint64_t>::max();

/** The number that a file of the system begins with; `kUnlimited` if there is none. */
std::uint64_t readNumber(const std::string& path);

/** `kUnlimited` where nothing limits it. */
struct CgroupMemory {
  std::uint64_t limitBytes = kUnlimited;
  /** Below the limit, or held by what the kernel gives up before it refuses: the file cache. */
  std::uint64_t freeBytes = kUnlimited;
};

/** Of the one group whose files are in `directory`. */
CgroupMemory readCgroupMemory(const std::string& directory);
/** Of the tightest of all groups that this process is in. */
CgroupMemory cgroupMemory();

}  // namespace mpsbench::cpu
