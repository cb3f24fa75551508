#include "backends/cpu/hardware/cgroup_linux.h"

#include <algorithm>
#include <fstream>
#include <vector>

namespace mpsbench::cpu {

namespace {

/** Where a container or a host without nested groups has version 1's. */
const std::string kLegacyMemory = "/sys/fs/cgroup/memory";

/** The directories of this process's groups of version 2, the innermost first. */
std::vector<std::string> cgroups() {
  std::vector<std::string> found;
  std::ifstream file("/proc/self/cgroup");
  for (std::string line; std::getline(file, line);) {
    if (line.compare(0, 3, "0::") != 0) continue;
    for (std::string path = line.substr(3); !path.empty() && path != "/";) {
      found.push_back("/sys/fs/cgroup" + path);
      path.erase(path.rfind('/'));
    }
  }
  found.emplace_back("/sys/fs/cgroup");
  return found;
}

/** The names of the same facts in the two versions. */
struct MemoryFiles {
  const char* limit;
  const char* used;
  /** In memory.stat, with the groups below: what is used and can be taken back. */
  std::vector<std::string> reclaimable;
};

const std::vector<MemoryFiles>& memoryFiles() {
  static const std::vector<MemoryFiles> versions = {
      {"/memory.max", "/memory.current", {"inactive_file", "active_file", "slab_reclaimable"}},
      {"/memory.limit_in_bytes",
       "/memory.usage_in_bytes",
       {"total_inactive_file", "total_active_file"}}};
  return versions;
}

std::uint64_t reclaimableBytes(const std::string& directory,
                               const std::vector<std::string>& names) {
  std::uint64_t sum = 0;
  std::ifstream file(directory + "/memory.stat");
  std::string name;
  for (std::uint64_t bytes = 0; file >> name >> bytes;) {
    if (std::find(names.begin(), names.end(), name) != names.end()) sum += bytes;
  }
  return sum;
}

}  // namespace

std::uint64_t readNumber(const std::string& path) {
  std::ifstream file(path);
  std::uint64_t value = 0;
  return file >> value ? value : kUnlimited;  // "max" does not parse: no limit
}

CgroupMemory readCgroupMemory(const std::string& directory) {
  CgroupMemory memory;
  for (const MemoryFiles& files : memoryFiles()) {
    const std::uint64_t limit = readNumber(directory + files.limit);
    const std::uint64_t used = readNumber(directory + files.used);
    memory.limitBytes = std::min(memory.limitBytes, limit);
    if (limit == kUnlimited || used == kUnlimited) continue;
    const std::uint64_t reclaimable = reclaimableBytes(directory, files.reclaimable);
    const std::uint64_t held = used - std::min(used, reclaimable);
    memory.freeBytes = std::min(memory.freeBytes, limit - std::min(limit, held));
  }
  return memory;
}

CgroupMemory cgroupMemory() {
  CgroupMemory tightest = readCgroupMemory(kLegacyMemory);
  for (const std::string& group : cgroups()) {
    const CgroupMemory memory = readCgroupMemory(group);
    tightest.limitBytes = std::min(tightest.limitBytes, memory.limitBytes);
    tightest.freeBytes = std::min(tightest.freeBytes, memory.freeBytes);
  }
  return tightest;
}

}  // namespace mpsbench::cpu
