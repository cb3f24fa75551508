#include <dlfcn.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <optional>
#include <string>
#include <vector>

#include "backends/cuda/hardware/pace.h"
#include "support.h"

namespace mpsbench::test {

namespace {

void checkSymbols(const std::string& file, const std::vector<std::string>& symbols) {
  void* library = dlopen((std::string(FAKE_CUDA_DIR) + "/" + file).c_str(), RTLD_NOW | RTLD_LOCAL);
  check(library != nullptr, file + " loads");
  if (library == nullptr) return;
  for (const std::string& symbol : symbols) {
    check(dlsym(library, symbol.c_str()) != nullptr, file + " exports " + symbol);
  }
  dlclose(library);
}

void setPath(const std::string& folder) {
  setenv("MPSBENCH_CUDA_PATH", folder.c_str(), 1);
}

/** Checks that nothing opens, and what is said about it. */
void checkUnavailable(const std::string& what, const std::vector<std::string>& words) {
  const auto error = errorOf([] { openDevices(); });
  check(error && error->code() == ErrorCode::unavailable, what + " is unavailable");
  if (!error) return;
  check(!error->advice().empty(), what + " has advice");
  const std::string text = std::string(error->what()) + " " + error->advice();
  for (const std::string& word : words) {
    check(text.find(word) != std::string::npos, what + " says '" + word + "': " + text);
  }
}

std::optional<std::string> detailOf(const DeviceInfo& info, const std::string& key) {
  for (const auto& [name, value] : info.details) {
    if (name == key) return std::get<std::string>(value);
  }
  return std::nullopt;
}

void testPaceOfSensors() {
  using namespace std::chrono_literals;
  cuda::Pace pace(0.01, 500ms);
  check(pace.isDue(1s), "a sensor is asked at once");
  pace.asked(1s, 10us);
  check(pace.isDue(1s + 1ms), "a fast one at every reading");
  pace.asked(1s, 2ms);
  check(!pace.isDue(1s + 199ms) && pace.isDue(1s + 200ms),
        "a slow one as often as its share allows");
  pace.asked(1s, 1s);
  check(pace.isDue(1s + 500ms), "the slowest still now and then");
  cuda::Paced<int> paced(0.01, 500ms);
  int asked = 0;
  const auto busy = [&] {
    const auto before = cuda::threadTime();
    while (cuda::threadTime() - before < 2ms) {
    }
    return std::optional(++asked);
  };
  check(paced.read(1s, busy) == 1 && paced.read(1s + 100ms, busy) == 1,
        "in between its last answer stands");
  check(paced.read(1s + 600ms, busy) == 2, "until it is asked again");
}

}  // namespace

/** That the fakes are complete, and what becomes of libraries that are missing, old or foreign. */
void testLibraries() {
#define FUNCTION(member, symbol, result, parameters) symbol,
  checkSymbols("libcuda.so.1", {
#include "backends/cuda/driver/api/cuda.def"
                               });
#define FUNCTION(member, symbol, result, parameters) symbol,
  checkSymbols("libnvrtc.so.13", {
#include "backends/cuda/driver/api/nvrtc.def"
                                 });
#define FUNCTION(member, symbol, result, parameters) symbol,
  checkSymbols("libcublasLt.so.13", {
#include "backends/cuda/driver/api/cublaslt.def"
                                    });
#define FUNCTION(member, symbol, result, parameters) symbol,
  checkSymbols("libcudnn.so.9", {
#include "backends/cuda/driver/api/cudnn.def"
                                });
#define FUNCTION(member, symbol, result, parameters) symbol,
  checkSymbols("libnvidia-ml.so.1", {
#include "backends/cuda/driver/api/nvml.def"
                                    });

  follow("driver=11080");
  checkUnavailable("an old driver", {"CUDA 11.8", "12.0", "Update NVIDIA's driver"});
  follow("devices=0");
  checkUnavailable("no GPU", {"CUDA_ERROR_NO_DEVICE", "nvidia-smi"});
  // A driver of CUDA 12 cannot load what NVRTC 13 makes, and there is no other here.
  follow("driver=12080");
  checkUnavailable("an old NVRTC only", {"libnvrtc.so.12", "nvidia-cuda-nvrtc-cu12"});

  follow("capability=75");
  BackendOptions tf32;
  tf32.tf32 = true;
  const auto turing = openDevices(tf32);
  check(!turing.front()->info().tf32, "TF32 needs compute capability 8.0");
  check(turing.front()->supports(spec(OpKind::add), DType::bf16).has_value(), "and so does bf16");
  follow("");
  check(openDevices(tf32).front()->info().tf32, "TF32 is on where it was asked for");
  check(!openDevices().front()->info().tf32, "and only there");

  // Newer than the compiler: PTX of the newest that it knows. Older than it: nothing.
  follow("capability=120");
  check(isRight(*openDevices().front(), computedStep()), "a newer GPU runs PTX");
  check(State::get().calls("nvrtcGetPTX") > 0, "which NVRTC made");
  follow("capability=70");
  const auto volta = openDevices();
  const auto reason = volta.front()->supports(spec(OpKind::add), DType::f32);
  check(reason && reason->find("compute capability 7.5 to 10.0") != std::string::npos,
        "a GPU that NVRTC no longer knows is refused");

  follow("");
  setPath(std::string(FAKE_CUDA_DIR) + "/incomplete");
  checkUnavailable("a library without functions", {"libcuda.so.1", "cuInit"});
  setPath("/nowhere");
  checkUnavailable("an empty folder", {"libcuda.so.1", "MPSBENCH_CUDA_PATH"});
  // Taken from the first folder that has it; the incomplete cuBLASLt is only a way less.
  setPath(std::string(FAKE_CUDA_DIR) + ":" + FAKE_CUDA_DIR + "/incomplete");
  check(detailOf(openDevices().front()->info(), "cuBLASLt") == "13.1.0", "the first folder rules");
  setPath(FAKE_CUDA_DIR);
  checkClean("libraries");
}

namespace {

/**
 * The other processes on the device, told by a GPU whose context this process holds.
 * @param pids that NVML lists besides this process, which it lists where `namesUs`
 */
std::optional<int> othersAmong(const std::vector<std::uint32_t>& pids, bool namesUs,
                               const std::vector<std::uint32_t>& siblings) {
  follow("");
  const auto devices = openDevices();
  const auto executable = devices.front()->compile(computedStep());
  char path[] = "/tmp/mpsbench-holders-XXXXXX";
  close(mkstemp(path));
  {
    std::ofstream holders(path);
    if (namesUs) holders << getpid() << "\n";
    for (const std::uint32_t pid : pids) holders << pid << "\n";
  }
  follow("holders=" + std::string(path));
  const auto others = devices.front()->telemetry(siblings).otherProcesses;
  unlink(path);
  return others;
}

void testOtherProcesses() {
  check(othersAmong({}, true, {}) == 0, "we are no stranger");
  check(othersAmong({7'000'001}, true, {7'000'001}) == 0, "nor is a sibling");
  check(othersAmong({7'000'001, 7'000'002}, true, {7'000'001}) == 1, "but who else is there is");
  check(othersAmong({7'000'002}, true, {7'000'001}) == 1, "also where the sibling is elsewhere");
  // As in a container, under the host's numbers or not at all.
  check(othersAmong({9'000'001}, false, {}) == 0, "the only one that is listed is us");
  check(othersAmong({9'000'001}, false, {7'000'001}) == 0, "also where there is a sibling");
  check(!othersAmong({9'000'001, 9'000'002}, false, {7'000'001}),
        "the second may be the sibling or a stranger");
  check(othersAmong({9'000'001, 9'000'002, 9'000'003}, false, {7'000'001}) == 1,
        "one of three is neither us nor the sibling");
  check(!othersAmong({}, false, {}), "who does not even list us knows nothing");
  checkClean("other processes");
}

}  // namespace

/** What NVML says, and where it says nothing. */
void testSensors() {
  testPaceOfSensors();
  follow("throttle=0x24;processes=2;utilisation=55");
  {
    const auto devices = openDevices();
    const Telemetry idle = devices.front()->telemetry({});
    check(idle.utilisation == 0.55 && idle.temperatureC == 54.0 && idle.powerW == 402.5,
          "sensors are read in their units");
    check(idle.clockMHz == 1755.0 && idle.memoryClockMHz == 3201.0, "clocks too");
    check(idle.otherProcesses == 2, "other processes are counted");
    check(idle.throttling.size() == 2 && idle.throttling.front() == "power limit",
          "reasons for low clocks have words");
    devices.front()->compile(computedStep());
    check(devices.front()->telemetry({}).otherProcesses == 1,
          "one of the processes is ours, under the host's number");
  }
  follow("sensors=0");
  {
    const auto devices = openDevices();
    const Telemetry none = devices.front()->telemetry({});
    check(!none.utilisation && !none.powerW && !none.energyJ && !none.otherProcesses &&
              none.throttling.empty(),
          "without permission nothing is said");
  }
  follow("fail=nvmlInit:18:*");
  const auto mismatched = openDevices();
  const auto text = detailOf(mismatched.front()->info(), "sensors");
  check(text && text->find("version mismatch") != std::string::npos,
        "why there are no sensors stands in the details");
  checkClean("sensors");
  testOtherProcesses();
}

}  // namespace mpsbench::test
