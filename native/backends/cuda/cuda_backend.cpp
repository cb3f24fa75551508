#include <cstdlib>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "backends/cuda/device.h"
#include "backends/cuda/driver/libraries.h"
#include "backends/cuda/hardware/mig.h"
#include "backends/cuda/hardware/monitor.h"
#include "core/backend.h"
#include "core/error.h"

namespace mpsbench {
namespace cuda {
namespace {

int deviceCount(const Driver& driver) {
  int count = 0;
  driver.check(driver.cuDeviceGetCount(&count), "cuDeviceGetCount");
  if (count == 0) throw driver.error(CUDA_ERROR_NO_DEVICE, "cuDeviceGetCount");
  return count;
}

/** What to do where CUDA does not start; a card in MIG mode without instances has no device. */
std::string adviceFor(const Error& error) {
  OptionalLibrary<Nvml> nvml;
  nvml.open();
  if (nvml.get() == nullptr || !lacksInstances(*nvml.get())) return error.advice();
  return "MIG is on, and a card has no instance: create some with `sudo nvidia-smi mig -cgi 19 -C` "
         "(`nvidia-smi mig -lgip` lists profiles), or turn MIG off with `sudo nvidia-smi -mig 0`.";
}

/** A message as part of a sentence: without its full stop. */
std::string clause(std::string message) {
  if (message.ends_with('.')) message.pop_back();
  return message;
}

class CudaBackend final : public Backend {
 public:
  [[nodiscard]] const char* id() const noexcept override { return "cuda"; }

  [[nodiscard]] Probe probe() noexcept override {
    try {
      const Libraries& all = *libraries();
      deviceCount(all.driver());
      return Available{"CUDA " + cudaVersion(all.driver().version()) + ", NVRTC " +
                       cudaVersion(all.nvrtc().version())};
    } catch (const Error& error) {
      return Unavailable{clause(error.what()), adviceFor(error)};
    } catch (const std::exception& error) {
      return Unavailable{error.what(), "Free some memory and try again."};
    }
  }

  /** Starts no driver: what CUDA shows is decided when it starts. */
  [[nodiscard]] std::vector<std::string> separateDevices() override {
    OptionalLibrary<Nvml> nvml;
    nvml.open();
    if (nvml.get() == nullptr) return {};
    return cuda::separateDevices(*nvml.get(), std::getenv("CUDA_VISIBLE_DEVICES"));
  }

  std::vector<std::shared_ptr<Device>> devices(const BackendOptions& options) override {
    const auto all = libraries();
    std::vector<std::shared_ptr<Device>> found;
    const int count = deviceCount(all->driver());
    found.reserve(static_cast<std::size_t>(count));
    for (int index = 0; index < count; ++index) {
      found.push_back(openDevice(all, index, options));
    }
    return found;
  }

  [[nodiscard]] std::vector<std::shared_ptr<Monitor>> monitors() override {
    return openMonitors(std::make_shared<const Nvml>());
  }

 private:
  /** Opened at the first call; they stay as long as a device needs them. */
  std::shared_ptr<const Libraries> libraries() {
    if (libraries_ == nullptr) libraries_ = std::make_shared<const Libraries>();
    return libraries_;
  }

  std::shared_ptr<const Libraries> libraries_;
};

}  // namespace
}  // namespace cuda

std::unique_ptr<Backend> make_cuda_backend() {
  return std::make_unique<cuda::CudaBackend>();
}

}  // namespace mpsbench
