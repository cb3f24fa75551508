#include <mach/mach.h>
#include <sys/sysctl.h>

#include <algorithm>
#include <thread>

#include "backends/cpu/hardware/host.h"
#include "backends/cpu/hardware/isa.h"

namespace mpsbench::cpu {

namespace {

constexpr std::uint64_t kMiB = std::uint64_t{1} << 20;

std::optional<std::string> text(const char* key) {
  std::size_t size = 0;
  if (sysctlbyname(key, nullptr, &size, nullptr, 0) != 0 || size == 0) return std::nullopt;
  std::string value(size, '\0');
  if (sysctlbyname(key, value.data(), &size, nullptr, 0) != 0) return std::nullopt;
  value.resize(value.find('\0') == std::string::npos ? size : value.find('\0'));
  return value;
}

/** An integer of 4 or 8 bytes; 0 if this Mac has no such key. */
std::uint64_t number(const char* key) {
  std::uint64_t value = 0;
  std::size_t size = sizeof value;
  return sysctlbyname(key, &value, &size, nullptr, 0) == 0 ? value : 0;
}

}  // namespace

std::string cpuModel() {
  return text("machdep.cpu.brand_string").value_or("CPU");
}

std::optional<std::string> cpuVendor() {
  if (const auto vendor = text("machdep.cpu.vendor")) return vendor;
  return "Apple";
}

int usableCores() {
  // Without the efficiency cores: a thread on a slow core would hold up the others. Chips have one
  // to three levels of cores, and names tell them apart: an M5 Pro has Super and Performance cores.
  std::uint64_t cores = 0;
  for (std::uint64_t level = 0; level < number("hw.nperflevels"); ++level) {
    const std::string key = "hw.perflevel" + std::to_string(level);
    if (text((key + ".name").c_str()) == "Efficiency") continue;
    cores += number((key + ".physicalcpu").c_str());
  }
  if (cores == 0) cores = number("hw.physicalcpu");
  return std::max(1, static_cast<int>(cores));
}

std::uint64_t memoryLimitBytes() {
  return number("hw.memsize");
}

std::uint64_t memoryFreeBytes() {
  vm_statistics64_data_t statistics{};
  mach_msg_type_number_t count = HOST_VM_INFO64_COUNT;
  if (host_statistics64(mach_host_self(), HOST_VM_INFO64,
                        reinterpret_cast<host_info64_t>(&statistics), &count) != KERN_SUCCESS) {
    return memoryLimitBytes() / 2;
  }
  // Inactive and purgeable pages are reclaimed without swapping.
  const std::uint64_t pages =
      std::uint64_t{statistics.free_count} + statistics.inactive_count + statistics.purgeable_count;
  return pages * vm_kernel_page_size;
}

std::uint64_t lastLevelCacheBytes() {
  const std::uint64_t largest = std::max(
      {number("hw.l3cachesize"), number("hw.perflevel0.l2cachesize"), number("hw.l2cachesize")});
  return largest == 0 ? 32 * kMiB : largest;
}

std::vector<std::pair<std::string, Detail>> cpuDetails() {
  std::vector<std::pair<std::string, Detail>> details;
  if (const std::string isa = isaNames(); !isa.empty()) details.emplace_back("isa", isa);
  const std::uint64_t l2 = std::max(number("hw.perflevel0.l2cachesize"), number("hw.l2cachesize"));
  if (l2 >= kMiB) details.emplace_back("cacheL2", std::to_string(l2 / kMiB) + " MiB");
  details.emplace_back("physicalCores", static_cast<double>(number("hw.physicalcpu")));
  return details;
}

}  // namespace mpsbench::cpu
