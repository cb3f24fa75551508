#import <Foundation/Foundation.h>
#import <Metal/Metal.h>

#include <algorithm>
#include <utility>

#include "backends/metal/device_facts.h"
#include "backends/metal/dtypes.h"
#include "backends/metal/executable.h"
#include "backends/metal/iokit.h"
#include "backends/metal/objc_exceptions.h"
#include "backends/metal/owner.h"
#include "core/backend.h"
#include "core/error.h"

namespace mpsbench {
namespace metal {
namespace {

using OwnedDevice = Owned<id<MTLDevice>>;

/** Every device, those that save power last. */
std::vector<OwnedDevice> allDevices() {
  // Not the system's default device: asking for that one switches GPUs.
  const auto all = Owned<NSArray*>::adopt(MTLCopyAllDevices());
  std::vector<OwnedDevice> devices;
  for (id<MTLDevice> device in all.get()) devices.push_back(OwnedDevice::retain(device));
  std::stable_partition(devices.begin(), devices.end(),
                        [](const OwnedDevice& device) { return ![device.get() isLowPower]; });
  return devices;
}

class MetalDevice final : public Device {
 public:
  /** In an autorelease pool. */
  MetalDevice(OwnedDevice device, int index)
      : device_(std::move(device)), info_(describe(device_.get(), index)) {}

  [[nodiscard]] const DeviceInfo& info() const override { return info_; }

  [[nodiscard]] std::optional<std::string> supports(const OpSpec& /*op*/,
                                                    DType dtype) const override {
    return guarded("asking for dtypes", [&] { return unsupportedReason(dtype, device_.get()); });
  }

  std::unique_ptr<Executable> compile(Graph graph) override {
    for (const Op& op : graph.ops) {
      if (const auto reason = supports(op.spec, graph.output(op).dtype)) {
        throw Error(ErrorCode::unsupported, "The op '" + op.id + "' cannot run: " + *reason + ".",
                    "Choose another --dtype or device.");
      }
    }
    return metal::compile(std::move(graph), device_.get());
  }

  [[nodiscard]] Telemetry telemetry(std::span<const std::uint32_t> /*siblings*/) noexcept override {
    Telemetry read;
    try {
      guarded("reading the I/O registry",
              [&] { read.utilisation = Accelerator([device_.get() registryID]).utilisation(); });
    } catch (const std::exception&) {
      // A sensor that cannot be read is one that says nothing.
      return {};
    }
    return read;
  }

 private:
  OwnedDevice device_;
  DeviceInfo info_;
};

std::string macOsVersion() {
  const NSOperatingSystemVersion version = [[NSProcessInfo processInfo] operatingSystemVersion];
  return "macOS " + std::to_string(version.majorVersion) + "." +
         std::to_string(version.minorVersion) +
         (version.patchVersion == 0 ? "" : "." + std::to_string(version.patchVersion));
}

class MetalBackend final : public Backend {
 public:
  [[nodiscard]] const char* id() const noexcept override { return "metal"; }

  [[nodiscard]] Probe probe() noexcept override {
    try {
      return guarded("looking for devices", []() -> Probe {
        if (!allDevices().empty()) return Available{macOsVersion()};
        return Unavailable{
            "macOS gives this process no Metal device",
            "Run it on a Mac with a GPU, in a session that may use it (not in a sandbox or a "
            "virtual machine without a GPU)."};
      });
    } catch (const std::exception& error) {
      return Unavailable{error.what(), "Please report it with the version of macOS."};
    }
  }

  std::vector<std::shared_ptr<Device>> devices(const BackendOptions& /*options*/) override {
    return guarded("opening the devices", [] {
      std::vector<std::shared_ptr<Device>> opened;
      for (OwnedDevice& device : allDevices()) {
        opened.push_back(
            std::make_shared<MetalDevice>(std::move(device), static_cast<int>(opened.size())));
      }
      return opened;
    });
  }
};

}  // namespace
}  // namespace metal

std::unique_ptr<Backend> make_metal_backend() {
  return std::make_unique<metal::MetalBackend>();
}

}  // namespace mpsbench
