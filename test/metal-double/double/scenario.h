#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

/** What the double plays: chosen by MPSBENCH_METAL_DOUBLE, read once. See README.md for the names.
 */
namespace metal_double {

/** The properties of one MTLDevice and of its entry in the I/O registry. */
struct ChipFacts {
  std::string name;
  std::string registryClass;
  std::uint64_t registryId = 0;
  /** MTLGPUFamily numbers. */
  std::vector<int> families;
  bool lowPower = false;
  bool removable = false;
  bool unifiedMemory = true;
  bool supportsMps = true;
  std::uint64_t workingSetBytes = 0;
  std::uint64_t maxBufferBytes = 0;
  std::optional<int> cores;
  /** PCI devices give `model` as bytes that end in a zero, Apple's as a string. */
  bool modelIsData = false;
  std::optional<int> utilisationPercent;
};

/** A channel of IOReport's group "Energy Model". */
struct EnergyRail {
  std::string name;
  double watts = 0;
  std::string unit = "nJ";
  /** How often the counter is published; 0 means at each read. */
  double periodS = 0;
  /** Publishes in turn after a fifth of the period and after the rest of two. */
  bool isUneven = false;
};

/** What libIOReport says; without rails it knows no such channels. */
struct IOReportPlay {
  std::vector<EnergyRail> rails;
  /** The machine sleeps after this time and its counters start again; 0 means never. */
  double sleepsAtS = 0;
  /** The counters jump by a megajoule after this time; 0 means never. */
  double jumpsAtS = 0;
};

enum class ThrowsAt { compile, encode, buffer };

struct Scenario {
  std::string name;
  int macosMajor = 14;
  int macosMinor = 5;
  std::vector<ChipFacts> chips;
  /** Ascending; empty where there is no power-manager node, as in a virtual machine. */
  std::vector<std::uint32_t> gpuClocksHz;
  IOReportPlay ioReport;
  /** The node of the I/O registry that holds them; the M6 has another one. */
  std::string powerManager = "pmgr";
  /** Whether MTLCopyAllDevices lists the chips; if not, only the default device is given. */
  bool listsDevices = true;
  /** Whether matrix products with a long inner dimension are wrong, as on Apple7 and Apple8. */
  bool hasLongProductsWrong = false;

  /** Allocations from this one on fail; counted from 1. */
  std::optional<int> failingAllocation;
  /** This MTLCommandBufferError is the outcome of the command buffer of this number, from 1. */
  std::optional<int> errorCode;
  int failingCommandBuffer = 3;
  /** Its localizedDescription, where the number alone is not what macOS says. */
  std::string errorText;
  std::optional<ThrowsAt> throwsAt;
  /** Encoding ends the process, as a failed assertion inside MPS does. */
  bool aborts = false;
  bool returnsZeros = false;
};

/** The scenario of this process. Ends it with a list of the names where the name is unknown. */
const Scenario& scenario();

/** MPSBENCH_METAL_DOUBLE_SEED, or 1: where random decisions start. */
std::uint64_t seed();

}  // namespace metal_double
