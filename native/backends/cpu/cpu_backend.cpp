#include "backends/cpu/device.h"
#include "backends/cpu/engines/engines.h"
#include "core/backend.h"

namespace mpsbench {
namespace cpu {
namespace {

class CpuBackend final : public Backend {
 public:
  [[nodiscard]] const char* id() const noexcept override { return "cpu"; }

  [[nodiscard]] Probe probe() noexcept override {
    try {
      return Available{engines().front().label};
    } catch (const std::exception& error) {
      return Unavailable{error.what(), "Build with -DMPSBENCH_ONEDNN=OFF or update oneDNN."};
    }
  }

  std::vector<std::shared_ptr<Device>> devices(const BackendOptions& options) override {
    return {openDevice(options)};
  }
};

}  // namespace
}  // namespace cpu

std::unique_ptr<Backend> make_cpu_backend() {
  return std::make_unique<cpu::CpuBackend>();
}

}  // namespace mpsbench
