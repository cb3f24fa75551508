#include "backends/cuda/device.h"

#include <cstdio>
#include <string>
#include <utility>

#include "backends/cuda/driver/context.h"
#include "backends/cuda/executable.h"
#include "backends/cuda/hardware/peaks.h"
#include "backends/cuda/hardware/sensors.h"
#include "backends/cuda/matchers.h"

namespace mpsbench::cuda {

namespace {

/** What the driver says of one GPU. */
class Attributes {
 public:
  Attributes(const Driver& driver, int index) : driver_(driver) {
    driver_.check(driver_.cuDeviceGet(&device_, index), "cuDeviceGet");
  }

  [[nodiscard]] CUdevice device() const { return device_; }

  [[nodiscard]] int operator()(CUdevice_attribute attribute) const {
    int value = 0;
    driver_.check(driver_.cuDeviceGetAttribute(&value, attribute, device_), "cuDeviceGetAttribute");
    return value;
  }

  [[nodiscard]] std::string name() const {
    char text[256] = {};
    driver_.check(driver_.cuDeviceGetName(text, sizeof text, device_), "cuDeviceGetName");
    return text;
  }

  /** In NVIDIA's form without the prefix: 8-4-4-4-12 hexadecimal digits. */
  [[nodiscard]] std::string uuid() const {
    CUuuid uuid{};
    driver_.check(driver_.cuDeviceGetUuid(&uuid, device_), "cuDeviceGetUuid");
    std::string text;
    for (int i = 0; i < 16; ++i) {
      char digits[4];
      std::snprintf(digits, sizeof digits, "%02x", static_cast<unsigned char>(uuid.bytes[i]));
      if (i == 4 || i == 6 || i == 8 || i == 10) text += '-';
      text += digits;
    }
    return text;
  }

  [[nodiscard]] std::string pciId() const {
    char text[32] = {};
    driver_.check(driver_.cuDeviceGetPCIBusId(text, sizeof text, device_), "cuDeviceGetPCIBusId");
    return text;
  }

  [[nodiscard]] std::uint64_t memoryBytes() const {
    std::size_t bytes = 0;
    driver_.check(driver_.cuDeviceTotalMem(&bytes, device_), "cuDeviceTotalMem");
    return bytes;
  }

  /** @param tf32 honoured only if the GPU has TF32 */
  [[nodiscard]] Facts facts(bool tf32) const {
    const Attributes& get = *this;
    Facts facts;
    facts.major = get(CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR);
    facts.minor = get(CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR);
    facts.multiprocessors = get(CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT);
    facts.sharedPerBlock =
        static_cast<std::size_t>(get(CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK_OPTIN));
    facts.l2Bytes = static_cast<std::size_t>(get(CU_DEVICE_ATTRIBUTE_L2_CACHE_SIZE));
    facts.tf32 = tf32 && facts.atLeast(8);
    return facts;
  }

 private:
  const Driver& driver_;
  CUdevice device_ = 0;
};

Clocks clocks(const Attributes& get, const Sensors& sensors) {
  Clocks found;
  found.smMHz =
      sensors.maxClockMHz(NVML_CLOCK_SM).value_or(get(CU_DEVICE_ATTRIBUTE_CLOCK_RATE) / 1e3);
  found.memoryMHz = sensors.maxClockMHz(NVML_CLOCK_MEM)
                        .value_or(get(CU_DEVICE_ATTRIBUTE_MEMORY_CLOCK_RATE) / 1e3);
  // An instance has a part of the bandwidth, and no attribute says which.
  if (!sensors.instance()) {
    found.memoryBusBits = get(CU_DEVICE_ATTRIBUTE_GLOBAL_MEMORY_BUS_WIDTH);
  }
  return found;
}

constexpr double kMegabyte = 1 << 20;

template <class Library>
std::string versionOrReason(const OptionalLibrary<Library>& library) {
  return library.get() != nullptr ? library.get()->version() : "missing: " + library.missing();
}

std::vector<std::pair<std::string, Detail>> details(const Attributes& get, const Sensors& sensors,
                                                    const Facts& facts, const Clocks& found,
                                                    const Libraries& libraries) {
  std::vector<std::pair<std::string, Detail>> list;
  list.emplace_back("compute capability",
                    std::to_string(facts.major) + "." + std::to_string(facts.minor));
  list.emplace_back("multiprocessors", static_cast<double>(facts.multiprocessors));
  list.emplace_back("highest clock (MHz)", found.smMHz);
  list.emplace_back("memory clock (MHz)", found.memoryMHz);
  if (found.memoryBusBits > 0) list.emplace_back("memory bus (bits)", found.memoryBusBits);
  list.emplace_back("L2 cache (MiB)", static_cast<double>(facts.l2Bytes) / kMegabyte);
  if (const auto memory = sensors.memory()) {
    list.emplace_back("memory free (MiB)", static_cast<double>(memory->free >> 20));
  }
  list.emplace_back("ECC", get(CU_DEVICE_ATTRIBUTE_ECC_ENABLED) != 0);
  // An instance says what it is a part of.
  if (const auto mig = sensors.mig(); mig && !sensors.instance()) list.emplace_back("MIG", *mig);
  if (const auto limit = sensors.powerLimitW()) list.emplace_back("power limit (W)", *limit);
  list.emplace_back("NVRTC", cudaVersion(libraries.nvrtc().version()));
  list.emplace_back("cuBLASLt", versionOrReason(libraries.cublasLt()));
  list.emplace_back("cuDNN", versionOrReason(libraries.cudnn()));
  if (libraries.nvml().get() == nullptr) {
    list.emplace_back("sensors", "missing: " + libraries.nvml().missing());
  }
  return list;
}

class CudaDevice final : public Device {
 public:
  CudaDevice(std::shared_ptr<const Libraries> libraries, int index, const BackendOptions& options)
      : libraries_(std::move(libraries)),
        attributes_(libraries_->driver(), index),
        facts_(attributes_.facts(options.tf32)),
        kernels_(options.kernels.value_or(KernelLevel::best)),
        target_(compileTarget(libraries_->nvrtc(), facts_)),
        sensors_(libraries_->nvml().get(), attributes_.uuid(), attributes_.pciId()) {
    const Clocks found = clocks(attributes_, sensors_);
    info_.index = index;
    info_.name = attributes_.name();
    info_.kind =
        attributes_(CU_DEVICE_ATTRIBUTE_INTEGRATED) != 0 ? DeviceKind::integrated : DeviceKind::gpu;
    info_.vendor = "NVIDIA";
    info_.driver = sensors_.driverVersion();
    info_.api = "CUDA " + cudaVersion(libraries_->driver().version());
    info_.memoryBytes = attributes_.memoryBytes();
    for (const DType dtype : kDTypes) {
      if (!refusal(dtype)) info_.dtypes.push_back(dtype);
    }
    info_.tf32 = facts_.tf32;
    info_.uuid = sensors_.uuid();
    info_.pciId = attributes_.pciId();
    info_.mig = sensors_.instance();
    info_.links = sensors_.links();
    info_.deviceClock = DeviceClock{"CUDA events", std::nullopt};
    info_.peak = peak(facts_, found);
    info_.details = details(attributes_, sensors_, facts_, found, *libraries_);
  }

  [[nodiscard]] const DeviceInfo& info() const override { return info_; }

  [[nodiscard]] std::optional<std::string> supports(const OpSpec& /*op*/,
                                                    DType dtype) const override {
    return refusal(dtype);
  }

  [[nodiscard]] bool fuses(const Graph& graph) const override {
    const GraphView view(graph);
    for (OpIndex op = 0; op < graph.ops.size(); ++op) {
      if (matchesPattern(view, op, facts_, matchers())) return true;
    }
    return false;
  }

  std::unique_ptr<Executable> compile(Graph graph) override {
    for (const Op& op : graph.ops) {
      if (const auto reason = refusal(graph.output(op).dtype)) {
        throw Error(ErrorCode::unsupported, "The op '" + op.id + "' cannot run: " + *reason + ".",
                    "Choose another dtype.");
      }
    }
    if (context_ == nullptr) context_ = openContext(libraries_, info_.index, info_.tf32);
    return cuda::compile(std::move(graph), context_, kernels_);
  }

  [[nodiscard]] Telemetry telemetry(std::span<const std::uint32_t> siblings) noexcept override {
    return sensors_.read(context_ != nullptr, siblings);
  }

 private:
  /** Why nothing runs at this dtype: every op has a kernel at every dtype that the GPU converts. */
  [[nodiscard]] std::optional<std::string> refusal(DType dtype) const {
    if (!target_.unsupported.empty()) return target_.unsupported;
    if (dtype == DType::bf16 && !facts_.atLeast(8)) {
      return "bf16 needs compute capability 8.0, and this GPU has " + std::to_string(facts_.major) +
             "." + std::to_string(facts_.minor);
    }
    return std::nullopt;
  }

  std::shared_ptr<const Libraries> libraries_;
  Attributes attributes_;
  Facts facts_;
  KernelLevel kernels_;
  Target target_;
  Sensors sensors_;
  DeviceInfo info_;
  std::shared_ptr<Context> context_;
};

}  // namespace

std::shared_ptr<Device> openDevice(std::shared_ptr<const Libraries> libraries, int index,
                                   const BackendOptions& options) {
  return std::make_shared<CudaDevice>(std::move(libraries), index, options);
}

std::shared_ptr<Context> openContext(std::shared_ptr<const Libraries> libraries, int index,
                                     bool tf32) {
  const Attributes attributes(libraries->driver(), index);
  const Facts facts = attributes.facts(tf32);
  return std::make_shared<Context>(std::move(libraries), attributes.device(), facts);
}

}  // namespace mpsbench::cuda
