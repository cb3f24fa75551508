#include "double/scenario.h"

#include <cstdio>
#include <cstdlib>
#include <functional>
#include <string_view>

namespace metal_double {

namespace {

constexpr std::uint64_t kGiB = 1ULL << 30;

constexpr int kApple5 = 1005;
constexpr int kApple7 = 1007;
constexpr int kApple9 = 1009;
constexpr int kMac2 = 2002;
constexpr int kMetal3 = 5001;

std::vector<int> appleFamilies(int newest) {
  std::vector<int> families = {kMac2};
  for (int family = 1001; family <= newest; ++family) families.push_back(family);
  if (newest >= kApple7) families.push_back(kMetal3);
  return families;
}

ChipFacts m1() {
  ChipFacts chip;
  chip.name = "Apple M1 (double)";
  chip.registryClass = "AGXAcceleratorG13G_B0";
  chip.registryId = 0x100000311;
  chip.families = appleFamilies(kApple7);
  chip.workingSetBytes = 32 * kGiB / 3;
  chip.maxBufferBytes = 8 * kGiB;
  chip.cores = 8;
  chip.utilisationPercent = 37;
  return chip;
}

ChipFacts m3Max() {
  ChipFacts chip = m1();
  chip.name = "Apple M3 Max (double)";
  chip.registryClass = "AGXAcceleratorG15X";
  chip.families = appleFamilies(kApple9);
  chip.workingSetBytes = 48 * kGiB;
  chip.maxBufferBytes = 36 * kGiB;
  chip.cores = 40;
  return chip;
}

ChipFacts intelGraphics() {
  ChipFacts chip;
  chip.name = "Intel(R) UHD Graphics 630 (double)";
  chip.registryClass = "IntelAccelerator";
  chip.registryId = 0x10000061a;
  chip.families = {kMac2, kMetal3};
  chip.lowPower = true;
  chip.workingSetBytes = 3 * kGiB / 2;
  chip.maxBufferBytes = 1 * kGiB;
  chip.modelIsData = true;
  return chip;
}

ChipFacts radeon() {
  ChipFacts chip;
  chip.name = "AMD Radeon Pro 5500M (double)";
  chip.registryClass = "AMDRadeonX6000_AMDNavi14GraphicsAccelerator";
  chip.registryId = 0x1000005c2;
  chip.families = {kMac2, kMetal3};
  chip.unifiedMemory = false;
  chip.workingSetBytes = 4 * kGiB;
  chip.maxBufferBytes = 7 * kGiB / 2;
  chip.modelIsData = true;
  chip.utilisationPercent = 2;
  return chip;
}

ChipFacts paravirtual() {
  ChipFacts chip;
  chip.name = "Apple Paravirtual device (double)";
  chip.registryClass = "AppleParavirtGPU";
  chip.registryId = 0x1000002a9;
  chip.families = appleFamilies(kApple5);
  chip.workingSetBytes = 4 * kGiB;
  chip.maxBufferBytes = 2 * kGiB;
  return chip;
}

Scenario m1Mac() {
  Scenario made;
  made.chips = {m1()};
  made.hasLongProductsWrong = true;
  made.ioReport.rails = {{"GPU Energy", 5}, {"CPU Energy", 3, "mJ", 0.4}, {"DRAM", 1, "mJ", 0.4}};
  made.gpuClocksHz = {396'000'000, 528'000'000, 720'000'000, 924'000'000, 1'278'000'000};
  return made;
}

Scenario m1OnMacos13() {
  Scenario made = m1Mac();
  made.macosMajor = 13;
  made.macosMinor = 6;
  return made;
}

Scenario m3Mac() {
  Scenario made = m1Mac();
  made.chips = {m3Max()};
  made.hasLongProductsWrong = false;
  made.gpuClocksHz = {338'000'000, 618'000'000, 1'056'000'000, 1'380'000'000};
  return made;
}

/** The clocks lie in another node, and a CPU cluster's table is where the GPU's was. */
Scenario m6Mac() {
  Scenario made = m3Mac();
  made.macosMajor = 27;
  made.macosMinor = 0;
  made.chips[0].name = "Apple M6 (double)";
  made.chips[0].cores = 12;
  made.gpuClocksHz = {338'000'000, 1'056'000'000, 1'580'000'000};
  made.powerManager = "pmgr-child";
  return made;
}

Scenario withRails(std::vector<EnergyRail> rails) {
  Scenario made = m3Mac();
  made.ioReport.rails = std::move(rails);
  return made;
}

Scenario sleeping() {
  Scenario made = m1Mac();
  made.ioReport.sleepsAtS = 0.5;
  return made;
}

Scenario jumping() {
  Scenario made = m1Mac();
  made.ioReport.jumpsAtS = 0.5;
  return made;
}

Scenario headless() {
  Scenario made = m1Mac();
  made.listsDevices = false;
  return made;
}

/** The third command buffer ends as the driver ends it in this case. */
Scenario stopped(const char* text) {
  Scenario made = m1Mac();
  made.errorCode = 1;
  made.errorText = text;
  return made;
}

Scenario intelMac() {
  Scenario made;
  made.chips = {intelGraphics(), radeon()};
  return made;
}

Scenario virtualMac() {
  Scenario made;
  made.macosMajor = 15;
  made.macosMinor = 1;
  made.chips = {paravirtual()};
  return made;
}

Scenario withoutDevice() {
  return {};
}

Scenario withoutMps() {
  Scenario made = intelMac();
  made.chips = {intelGraphics()};
  made.chips[0].supportsMps = false;
  return made;
}

Scenario outOfMemory() {
  Scenario made = m1Mac();
  made.failingAllocation = 3;
  return made;
}

Scenario zeros() {
  Scenario made = m1Mac();
  made.returnsZeros = true;
  return made;
}

Scenario throwing(ThrowsAt place) {
  Scenario made = m1Mac();
  made.throwsAt = place;
  return made;
}

Scenario aborting() {
  Scenario made = m1Mac();
  made.aborts = true;
  return made;
}

struct Entry {
  const char* name;
  std::function<Scenario()> make;
};

const std::vector<Entry>& entries() {
  static const std::vector<Entry> all = {
      {"m1", m1Mac},
      {"m1-macos13", m1OnMacos13},
      {"m3-max", m3Mac},
      {"m6", m6Mac},
      {"headless", headless},
      {"energy-ultra",
       [] {
         return withRails({{"DIE_0_GPU Energy", 10},
                           {"DIE_1_GPU Energy", 20},
                           {"GPU SRAM", 100},
                           {"DIE_0_CPU Energy", 3, "mJ", 0.4},
                           {"DIE_1_CPU Energy", 4, "mJ", 0.4},
                           {"DIE_0_ECPU0 Energy", 50, "mJ", 0.4},
                           {"DRAM0_0", 2, "mJ", 0.4},
                           {"DRAM0_1", 1, "mJ", 0.4},
                           {"DRAM0_SRAM", 50, "mJ", 0.4}});
       }},
      {"energy-package",
       [] {
         return withRails({{"GPU Energy", 5},
                           {"DIE_0_GPU Energy", 2},
                           {"CPU Energy", 3, "mJ", 0.4},
                           {"DIE_0_CPU Energy", 1, "mJ", 0.4},
                           {"DRAM", 2, "mJ", 0.4},
                           {"DRAM0", 2, "mJ", 0.4}});
       }},
      {"energy-uneven",
       [] {
         return withRails(
             {{"GPU Energy", 5}, {"CPU Energy", 3, "mJ", 0.7, true}, {"DRAM", 1, "uJ", 0.7, true}});
       }},
      {"energy-rare",
       [] {
         return withRails(
             {{"GPU Energy", 5}, {"CPU Energy", 3, "mJ", 1800}, {"DRAM", 1, "mJ", 1800}});
       }},
      {"energy-mj",
       [] {
         return withRails({{"GPU Energy", 5, "mJ    ", 0.5}, {"PCIe Port 0 Energy", 1, "uJ"}});
       }},
      {"energy-unit",
       [] {
         return withRails({{"GPU Energy", 5, "kWh"}});
       }},
      {"energy-sleep", sleeping},
      {"energy-jump", jumping},
      {"energy-absent", [] { return withRails({}); }},
      {"intel", intelMac},
      {"watchdog-display",
       [] {
         return stopped(
             "Impacting Interactivity "
             "(0000000e:kIOGPUCommandBufferCallbackErrorImpactingInteractivity)");
       }},
      {"watchdog-victim",
       [] {
         return stopped(
             "Innocent Victim (00000005:kIOGPUCommandBufferCallbackErrorInnocentVictim)");
       }},
      {"watchdog-ignored",
       [] {
         return stopped(
             "Ignored (for causing prior/excessive GPU errors) "
             "(00000004:kIOGPUCommandBufferCallbackErrorSubmissionsIgnored)");
       }},
      {"paravirtual", virtualMac},
      {"no-device", withoutDevice},
      {"no-mps", withoutMps},
      {"out-of-memory", outOfMemory},
      {"zeros", zeros},
      {"abort", aborting},
      {"exception-compile", [] { return throwing(ThrowsAt::compile); }},
      {"exception-encode", [] { return throwing(ThrowsAt::encode); }},
      {"exception-buffer", [] { return throwing(ThrowsAt::buffer); }},
  };
  return all;
}

/** `NAME@5`: the fault of the scenario NAME, at the fifth command buffer. */
std::optional<Scenario> parseLater(const std::string& name) {
  const std::size_t at = name.rfind('@');
  const int ordinal = at == std::string::npos ? 0 : std::atoi(name.c_str() + at + 1);
  if (ordinal < 1) return std::nullopt;
  for (const Entry& entry : entries()) {
    if (name.compare(0, at, entry.name) != 0) continue;
    Scenario made = entry.make();
    made.failingCommandBuffer = ordinal;
    return made.errorCode ? std::optional<Scenario>(made) : std::nullopt;
  }
  return std::nullopt;
}

/** `error-8` or `error-8@5`: MTLCommandBufferError 8 of the third, or of the fifth, buffer. */
std::optional<Scenario> parseError(const std::string& name) {
  int code = 0;
  int ordinal = 3;
  char rest = 0;
  const int read = std::sscanf(name.c_str(), "error-%d@%d%c", &code, &ordinal, &rest);
  const bool whole = read == 2 || (read == 1 && name == "error-" + std::to_string(code));
  if (!whole || ordinal < 1) return std::nullopt;
  Scenario made = m1Mac();
  made.errorCode = code;
  made.failingCommandBuffer = ordinal;
  return made;
}

Scenario chosen() {
  const char* variable = std::getenv("MPSBENCH_METAL_DOUBLE");
  const std::string name = variable == nullptr || *variable == '\0' ? "m1" : variable;
  std::optional<Scenario> made = parseError(name);
  if (!made) made = parseLater(name);
  std::string known;
  for (const Entry& entry : entries()) {
    if (entry.name == name) made = entry.make();
    known += std::string(entry.name) + ", ";
  }
  if (!made) {
    std::fprintf(stderr, "metal (double): there is no scenario %s; known: %serror-CODE[@N]\n",
                 name.c_str(), known.c_str());
    std::exit(70);
  }
  made->name = name;
  return *std::move(made);
}

}  // namespace

const Scenario& scenario() {
  static const Scenario played = chosen();
  return played;
}

std::uint64_t seed() {
  const char* variable = std::getenv("MPSBENCH_METAL_DOUBLE_SEED");
  return variable == nullptr ? 1 : std::strtoull(variable, nullptr, 10);
}

}  // namespace metal_double
