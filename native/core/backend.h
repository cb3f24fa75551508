#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "core/dtype.h"
#include "core/graph.h"
#include "core/monitor.h"

/** What a backend implements; the native mirror of src/backends/types.ts. */
namespace mpsbench {

struct Available {
  std::string version;
};
struct Unavailable {
  std::string reason;
  std::string remedy;
};
using Probe = std::variant<Available, Unavailable>;

/** Which kernels a device may use. */
enum class KernelLevel {
  /** The fastest ones, our own fused patterns included. */
  best,
  /** Vendor libraries with their own epilogues, and unfused general kernels. */
  library,
};

struct BackendOptions {
  std::optional<int> threads = {};
  std::optional<std::string> engine = {};
  /** Allows TF32 in f32 products on devices that have it. */
  bool tf32 = false;
  /** `best` if empty; with `engine`, `library`. */
  std::optional<KernelLevel> kernels = {};
  /** CPUs that the control groups allow, for the default number of threads. */
  std::optional<double> cpuQuota = {};
};

enum class DeviceKind { gpu, integrated, cpu };

struct DeviceClock {
  std::string source;
  std::optional<double> resolutionNs;
};

/** Physical limits of the hardware, with the source of the numbers. */
struct Peak {
  std::optional<double> gbPerS;
  std::map<DType, double> gflops;
  /** Of f32 products with TF32 factors. */
  std::optional<double> tf32Gflops;
  std::string source;
};

using Detail = std::variant<std::string, double, bool>;

/** What connects a card with another one of the machine. */
struct Link {
  /** UUID of the other card. */
  std::string to;
  /** What data pass over PCIe, in the terms of `nvidia-smi topo`: PIX, PXB, PHB, NODE, SYS. */
  std::optional<std::string> pcie;
  /** NVLinks to it, direct or through switches. */
  int nvlinks = 0;
};

/** A MIG instance: the part of a card that a program gets. */
struct MigInstance {
  /** UUID of the card. */
  std::string parent;
  std::optional<int> gpuInstance;
  std::optional<int> computeInstance;
};

struct DeviceInfo {
  int index = 0;
  std::string name;
  DeviceKind kind = DeviceKind::cpu;
  std::optional<std::string> vendor;
  std::optional<std::string> driver;
  std::optional<std::string> api;
  std::optional<std::uint64_t> memoryBytes;
  std::optional<std::uint64_t> maxBufferBytes;
  /** The largest tensor that the backend computes with, where it is not the largest buffer. */
  std::optional<std::uint64_t> maxTensorBytes;
  std::vector<DType> dtypes;
  std::optional<std::string> engine;
  std::vector<std::string> engines;
  std::optional<int> threads;
  /** Apple GPUs: cores of the GPU. */
  std::optional<int> gpuCores;
  /** Metal: the GPU families that the device belongs to. */
  std::optional<std::string> gpuFamily;
  /** The device was opened with TF32 products; f32 results have its precision. */
  bool tf32 = false;
  /** Names the device whatever order it is counted in; `GPU-...`, or `MIG-...`. */
  std::optional<std::string> uuid;
  /** Domain, bus, device and function: `0000:3B:00.0`. */
  std::optional<std::string> pciId;
  std::optional<MigInstance> mig;
  /** To every other card of the machine, also those that this process does not see. */
  std::vector<Link> links;
  std::optional<DeviceClock> deviceClock;
  std::optional<Peak> peak;
  /** In the order in which they are shown. */
  std::vector<std::pair<std::string, Detail>> details;
};

enum class RunMode { latency, throughput };

struct Sample {
  double wallNs = 0;
  std::optional<double> deviceNs;
};

/** One launch: the ops it covers and the kernel or library call that does them. */
struct Step {
  std::vector<std::string> ops;
  std::string kernel;
};

struct StepTime {
  std::optional<double> wallNs;
  std::optional<double> deviceNs;
};

/** What a device's sensors say at one moment; each only if they say it. */
struct Telemetry {
  /** The share of the last sampling period with work on the device, 0 to 1. */
  std::optional<double> utilisation;
  std::optional<double> clockMHz;
  std::optional<double> memoryClockMHz;
  std::optional<double> temperatureC;
  std::optional<double> powerW;
  /** A counter from an arbitrary start; only differences mean something. */
  std::optional<double> energyJ;
  /** How far apart the updates of `energyJ` may lie, where that is longer than 0.1 s. */
  std::optional<double> energyPeriodS;
  /** The same of all CPU cores, and of the memory, of the whole machine. */
  std::optional<double> cpuEnergyJ;
  std::optional<double> memoryEnergyJ;
  /** How far apart the updates of these two may lie. */
  std::optional<double> railPeriodS;
  std::optional<std::uint64_t> memoryFreeBytes;
  /**
   * Processes that hold the device besides this one and its siblings. Only what is certain: where
   * strangers cannot be told from our own, those that must be strangers, and nothing if there
   * may be none.
   */
  std::optional<int> otherProcesses;
  /** Why the clocks are held down at this moment, in words; empty if they are not. */
  std::vector<std::string> throttling;
};

/** A graph compiled for one device; holds all memory that a run needs. */
class Executable {
 public:
  explicit Executable(Graph graph) : graph_(std::move(graph)) {}
  virtual ~Executable() = default;
  Executable(const Executable&) = delete;
  Executable& operator=(const Executable&) = delete;

  [[nodiscard]] const Graph& graph() const { return graph_; }
  [[nodiscard]] virtual const std::vector<Step>& steps() const = 0;
  [[nodiscard]] virtual std::uint64_t deviceBytes() const = 0;

  /** Fills an input, weight or state tensor. @throws Error `internal` for any other, or a wrong
   * length. */
  void write(std::string_view tensor, const HostView& values);
  /** Reads an output or state tensor. @throws Error `internal` for any other, or a wrong length. */
  void read(std::string_view tensor, const HostSpan& values);
  /** The tensor, if `read` accepts it. @throws Error `internal`. */
  [[nodiscard]] const Tensor& readable(std::string_view tensor) const;

  /** Runs `iterations` (at least 1) and returns after the device has finished. */
  virtual Sample run(std::int64_t iterations, RunMode mode) = 0;
  /** The time of each step separately, the mean over `iterations` runs of the graph. */
  virtual std::vector<StepTime> profile(std::int64_t iterations) = 0;

 protected:
  virtual void writeTensor(TensorIndex tensor, const HostView& values) = 0;
  virtual void readTensor(TensorIndex tensor, const HostSpan& values) = 0;

 private:
  Graph graph_;
};

/** Shared by its executables: it lives as long as the last of them. */
class Device {
 public:
  Device() = default;
  virtual ~Device() = default;
  Device(const Device&) = delete;
  Device& operator=(const Device&) = delete;

  [[nodiscard]] virtual const DeviceInfo& info() const = 0;
  /** The reason why this device does not run the op at this dtype; nothing if it does. */
  [[nodiscard]] virtual std::optional<std::string> supports(const OpSpec& op,
                                                            DType dtype) const = 0;
  /**
   * Whether a fused kernel of our own matches part of the graph at KernelLevel::best, whatever
   * level the device was opened with. Compiles and allocates nothing on the device.
   */
  [[nodiscard]] virtual bool fuses(const Graph& /*graph*/) const { return false; }
  /** @throws Error `unsupported`, `out_of_memory` or `device_lost`. The graph has been validated.
   */
  virtual std::unique_ptr<Executable> compile(Graph graph) = 0;
  /**
   * Read between samples, never while a run is timed. Everything is missing without sensors.
   * @param siblings ids of our other processes that may hold the device
   */
  [[nodiscard]] virtual Telemetry telemetry(std::span<const std::uint32_t> /*siblings*/) noexcept {
    return {};
  }
};

class Backend {
 public:
  Backend() = default;
  virtual ~Backend() = default;
  Backend(const Backend&) = delete;
  Backend& operator=(const Backend&) = delete;

  [[nodiscard]] virtual const char* id() const noexcept = 0;
  /** Says whether the backend can start. */
  [[nodiscard]] virtual Probe probe() noexcept = 0;
  /**
   * If one process cannot open all devices: their names, as in CUDA_VISIBLE_DEVICES, for a
   * process each. Else empty. Asked before `probe`.
   */
  [[nodiscard]] virtual std::vector<std::string> separateDevices() { return {}; }
  /** @throws Error `usage` for an option that it does not know, `unavailable`. */
  virtual std::vector<std::shared_ptr<Device>> devices(const BackendOptions& options) = 0;
  /**
   * The sensors of its GPUs, without opening a device; none without sensors.
   * @throws Error `unavailable`
   */
  [[nodiscard]] virtual std::vector<std::shared_ptr<Monitor>> monitors() { return {}; }
};

}  // namespace mpsbench
