#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <set>
#include <sstream>
#include <thread>
#include <utility>

#include "backends/cpu/hardware/cgroup_linux.h"
#include "backends/cpu/hardware/host.h"
#include "backends/cpu/hardware/isa.h"
#include "core/affinity.h"

namespace mpsbench::cpu {

namespace {

std::optional<std::string> firstLine(const std::string& path) {
  std::ifstream file(path);
  std::string line;
  if (!std::getline(file, line)) return std::nullopt;
  return line;
}

/** The value of the first `key : value` line of /proc/cpuinfo. */
std::optional<std::string> cpuinfo(const std::string& key) {
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line);) {
    if (line.compare(0, key.size(), key) != 0) continue;
    const auto colon = line.find(':');
    if (colon != std::string::npos && colon + 2 <= line.size()) return line.substr(colon + 2);
  }
  return std::nullopt;
}

/** A field of /proc/meminfo, in bytes. */
std::uint64_t meminfo(const std::string& key) {
  std::ifstream file("/proc/meminfo");
  for (std::string line; std::getline(file, line);) {
    std::istringstream words(line);
    std::string name;
    std::uint64_t kibibytes = 0;
    if (words >> name >> kibibytes && name == key + ":") return kibibytes << 10;
  }
  return kUnlimited;
}

std::string cpuPath(int cpu, const std::string& leaf) {
  return "/sys/devices/system/cpu/cpu" + std::to_string(cpu) + "/" + leaf;
}

/** Each core as the list of its hardware threads, for the CPUs of the affinity mask. */
std::set<std::string> affineCores() {
  std::set<std::string> cores;
  for (const int cpu : allowedCpus()) {
    const auto siblings = firstLine(cpuPath(cpu, "topology/thread_siblings_list"));
    cores.insert(siblings.value_or(std::to_string(cpu)));
  }
  return cores;
}

/** In taskset's form: `0-3,8`. */
std::string listText(const std::vector<int>& cpus) {
  std::string text;
  for (std::size_t first = 0; first < cpus.size();) {
    std::size_t last = first;
    while (last + 1 < cpus.size() && cpus[last + 1] == cpus[last] + 1) ++last;
    text += (text.empty() ? "" : ",") + std::to_string(cpus[first]);
    if (last > first) text += "-" + std::to_string(cpus[last]);
    first = last + 1;
  }
  return text;
}

/** Which CPUs the mask leaves of those that are online; nothing if it leaves all. */
std::optional<std::string> maskText() {
  const std::vector<int> cpus = allowedCpus();
  const long online = sysconf(_SC_NPROCESSORS_ONLN);
  if (cpus.empty() || static_cast<long>(cpus.size()) >= online) return std::nullopt;
  return listText(cpus) + " (" + std::to_string(online) + " CPUs online)";
}

struct Cache {
  int level = 0;
  std::string type;
  std::uint64_t bytes = 0;
};

std::vector<Cache> caches() {
  std::vector<Cache> found;
  for (int index = 0;; ++index) {
    const std::string base = cpuPath(0, "cache/index" + std::to_string(index));
    const auto type = firstLine(base + "/type");
    if (!type) return found;
    const auto level = readNumber(base + "/level");
    std::ifstream file(base + "/size");
    std::uint64_t size = 0;
    char unit = 'K';
    file >> size >> unit;
    if (level > 4 || size == 0) continue;
    found.push_back({static_cast<int>(level), *type, size << (unit == 'M' ? 20 : 10)});
  }
}

std::string cacheText(std::uint64_t bytes) {
  return bytes >= (1U << 20) ? std::to_string(bytes >> 20) + " MiB"
                             : std::to_string(bytes >> 10) + " KiB";
}

}  // namespace

std::string cpuModel() {
  if (const auto name = cpuinfo("model name")) return *name;
  if (const auto name = firstLine("/sys/firmware/devicetree/base/model")) {
    return name->substr(0, name->find('\0'));
  }
  return "CPU";
}

std::optional<std::string> cpuVendor() {
  return cpuinfo("vendor_id");
}

int usableCores() {
  const auto cores = static_cast<int>(affineCores().size());
  if (cores == 0) return std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
  return cores;
}

std::uint64_t memoryLimitBytes() {
  return std::min(meminfo("MemTotal"), cgroupMemory().limitBytes);
}

std::uint64_t memoryFreeBytes() {
  return std::min(meminfo("MemAvailable"), cgroupMemory().freeBytes);
}

std::uint64_t lastLevelCacheBytes() {
  std::uint64_t largest = 0;
  for (const Cache& cache : caches()) largest = std::max(largest, cache.bytes);
  return largest == 0 ? std::uint64_t{32} << 20 : largest;
}

std::vector<std::pair<std::string, Detail>> cpuDetails() {
  std::vector<std::pair<std::string, Detail>> details;
  if (const std::string isa = isaNames(); !isa.empty()) details.emplace_back("isa", isa);
  for (const Cache& cache : caches()) {
    if (cache.type == "Instruction") continue;
    const std::string suffix = cache.level == 1 ? "L1d" : "L" + std::to_string(cache.level);
    details.emplace_back("cache" + suffix, cacheText(cache.bytes));
  }
  details.emplace_back("physicalCores", static_cast<double>(affineCores().size()));
  if (auto mask = maskText()) details.emplace_back("CPU mask", std::move(*mask));
  return details;
}

}  // namespace mpsbench::cpu
