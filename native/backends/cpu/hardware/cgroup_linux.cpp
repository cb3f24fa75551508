#include "backends/cpu/hardware/cgroup_linux.h"

#include <algorithm>
#include <fstream>
#include <vector>

namespace mpsbench::cpu {

namespace {

/** Where both versions are mounted; in a container, its own group is what is mounted there. */
const std::string kUnified = "/sys/fs/cgroup";
const std::string kLegacyMemory = "/sys/fs/cgroup/memory";

/** `base` and the groups below it, down to `path`. */
void addGroups(std::vector<std::string>& groups, const std::string& base, std::string path) {
  while (!path.empty() && path != "/") {
    groups.push_back(base + path);
    path.erase(path.rfind('/'));
  }
  groups.push_back(base);
}

/** The directories of this process's memory groups, of both versions. */
std::vector<std::string> memoryGroups() {
  std::vector<std::string> groups = {kUnified, kLegacyMemory};
  std::ifstream file("/proc/self/cgroup");
  // Each line is `0::/path` (version 2) or `4:cpu,memory:/path`.
  for (std::string line; std::getline(file, line);) {
    const auto first = line.find(':');
    const auto second = line.find(':', first + 1);
    if (second == std::string::npos) continue;
    const std::string controllers = "," + line.substr(first + 1, second - first - 1) + ",";
    const std::string path = line.substr(second + 1);
    if (line.compare(0, second + 1, "0::") == 0) addGroups(groups, kUnified, path);
    if (controllers.find(",memory,") != std::string::npos) addGroups(groups, kLegacyMemory, path);
  }
  return groups;
}

/** The names of the same facts in the two versions. */
struct MemoryFiles {
  const char* limit;
  const char* used;
  /** In memory.stat, with the groups below: what is used and reclaimable. */
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
  CgroupMemory tightest;
  for (const std::string& group : memoryGroups()) {
    const CgroupMemory memory = readCgroupMemory(group);
    tightest.limitBytes = std::min(tightest.limitBytes, memory.limitBytes);
    tightest.freeBytes = std::min(tightest.freeBytes, memory.freeBytes);
  }
  return tightest;
}

}  // namespace mpsbench::cpu
