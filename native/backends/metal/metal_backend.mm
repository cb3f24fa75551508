#import <Foundation/Foundation.h>

#include <utility>

#include "backends/metal/device.h"
#include "backends/metal/driver/objc_exceptions.h"
#include "backends/metal/hardware/monitor.h"
#include "core/backend.h"

namespace mpsbench {
namespace metal {
namespace {

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

  std::vector<std::shared_ptr<Device>> devices(const BackendOptions& options) override {
    return guarded("opening the devices", [&] {
      std::vector<std::shared_ptr<Device>> opened;
      for (auto& device : allDevices()) {
        opened.push_back(openDevice(std::move(device), static_cast<int>(opened.size()), options));
      }
      return opened;
    });
  }

  [[nodiscard]] std::vector<std::shared_ptr<Monitor>> monitors() override {
    return guarded("opening the sensors", [] {
      std::vector<std::shared_ptr<Monitor>> opened;
      for (const auto& device : allDevices()) {
        opened.push_back(openMonitor(device.get(), static_cast<int>(opened.size())));
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
