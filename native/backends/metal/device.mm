#include "backends/metal/device.h"

#import <Foundation/Foundation.h>

#include <algorithm>
#include <utility>

#include "backends/metal/driver/objc_exceptions.h"
#include "backends/metal/driver/programs.h"
#include "backends/metal/executable.h"
#include "backends/metal/hardware/facts.h"
#include "backends/metal/hardware/sensors.h"
#include "backends/metal/lowering.h"
#include "backends/metal/ops/dtypes.h"
#include "core/error.h"

namespace mpsbench::metal {

namespace {

class MetalDevice final : public Device {
 public:
  MetalDevice(Owned<id<MTLDevice>> device, int index, KernelLevel kernels)
      : device_(std::move(device)),
        programs_(std::make_shared<Programs>(device_.get())),
        facts_(factsOf(device_.get())),
        kernels_(kernels),
        info_(describe(device_.get(), index)),
        sensors_(device_.get()) {
    info_.maxTensorBytes = facts_.limits.tensorBytes;
  }

  [[nodiscard]] const DeviceInfo& info() const override { return info_; }

  [[nodiscard]] std::optional<std::string> supports(const OpSpec& /*op*/,
                                                    DType dtype) const override {
    return guarded("asking for dtypes", [&] { return unsupportedReason(dtype, device_.get()); });
  }

  [[nodiscard]] bool fuses(const Graph& graph) const override { return fusesGraph(graph, facts_); }

  std::unique_ptr<Executable> compile(Graph graph) override {
    for (const Op& op : graph.ops) {
      if (const auto reason = supports(op.spec, graph.output(op).dtype)) {
        throw Error(ErrorCode::unsupported, "The op '" + op.id + "' cannot run: " + *reason + ".",
                    "Choose another --dtype or device.");
      }
    }
    return metal::compile(std::move(graph), device_.get(), programs_, facts_, kernels_);
  }

  [[nodiscard]] Telemetry telemetry(std::span<const std::uint32_t> /*siblings*/) noexcept override {
    try {
      return guarded("reading the sensors", [&] { return sensors_.read(); });
    } catch (const std::exception&) {
      // A sensor that cannot be read reports nothing.
      return {};
    }
  }

 private:
  Owned<id<MTLDevice>> device_;
  std::shared_ptr<Programs> programs_;
  Facts facts_;
  KernelLevel kernels_;
  DeviceInfo info_;
  Sensors sensors_;
};

}  // namespace

std::vector<Owned<id<MTLDevice>>> allDevices() {
  // Not the system's default device first: asking for that one switches GPUs on some Macs.
  const auto all = Owned<NSArray*>::adopt(MTLCopyAllDevices());
  std::vector<Owned<id<MTLDevice>>> devices;
  for (id<MTLDevice> device in all.get()) {
    devices.push_back(Owned<id<MTLDevice>>::retain(device));
  }
  // In a session without a screen or in a sandbox the list may be empty, and the default device
  // not.
  if (devices.empty()) {
    if (id<MTLDevice> device = MTLCreateSystemDefaultDevice(); device != nil) {
      devices.push_back(Owned<id<MTLDevice>>::adopt(device));
    }
  }
  std::stable_partition(devices.begin(), devices.end(),
                        [](const auto& device) { return ![device.get() isLowPower]; });
  return devices;
}

std::shared_ptr<Device> openDevice(Owned<id<MTLDevice>> device, int index,
                                   const BackendOptions& options) {
  return std::make_shared<MetalDevice>(std::move(device), index,
                                       options.kernels.value_or(KernelLevel::best));
}

}  // namespace mpsbench::metal
