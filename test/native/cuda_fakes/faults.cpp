#include <algorithm>
#include <string>
#include <vector>

#include "support.h"

namespace mpsbench::test {

namespace {

/** A function of a library, and a status that it may return, with the name in the message. */
struct Fault {
  std::string call;
  int status;
  std::string name;
  /** What the backend may make of it; empty for any. */
  std::vector<ErrorCode> codes;
  /** Whether it may continue without, for example with another way to do a step. */
  bool mayGoOn = false;
};

/** Launches so long that a candidate is measured over few, and short enough for graphs of several.
 */
const std::string kFewRepeats = ";nodens=10000";

std::vector<std::string> driverCalls() {
  std::vector<std::string> names;
#define FUNCTION(member, symbol, result, parameters) names.emplace_back(#member);
#include "backends/cuda/driver/api/cuda.def"
  return names;
}

std::vector<std::string> nvrtcCalls() {
  std::vector<std::string> names;
#define FUNCTION(member, symbol, result, parameters) names.emplace_back(#member);
#include "backends/cuda/driver/api/nvrtc.def"
  return names;
}

std::vector<std::string> cublasCalls() {
  std::vector<std::string> names;
#define FUNCTION(member, symbol, result, parameters) names.emplace_back(#member);
#include "backends/cuda/driver/api/cublaslt.def"
  return names;
}

std::vector<std::string> cudnnCalls() {
  std::vector<std::string> names;
#define FUNCTION(member, symbol, result, parameters) names.emplace_back(#member);
#include "backends/cuda/driver/api/cudnn.def"
  return names;
}

std::vector<std::string> nvmlCalls() {
  std::vector<std::string> names;
#define FUNCTION(member, symbol, result, parameters) names.emplace_back(#member);
#include "backends/cuda/driver/api/nvml.def"
  return names;
}

/** Calls that give something back: what they refuse to take stays. */
bool givesBack(const std::string& call) {
  for (const char* word : {"Free", "Destroy", "Release", "Unload", "Shutdown"}) {
    if (call.find(word) != std::string::npos) return true;
  }
  return false;
}

/** Calls of the probe, whose failures make the backend unavailable; some are repeated later. */
bool isProbe(const std::string& call) {
  return call == "cuInit" || call == "cuDriverGetVersion" || call == "cuDeviceGetCount";
}

/** From the search for libraries to the last event: every call that the backend makes. */
void wholeLife() {
  const auto devices = openDevices();
  Device& device = *devices.front();
  const auto executable = device.compile(computedStep());
  fillAll(*executable);
  executable->run(70, RunMode::throughput);
  executable->run(2, RunMode::latency);
  executable->profile(1);
  valuesOf(*executable, "weights");
  static_cast<void>(device.telemetry({}));
}

/** What a life calls, and how its launches are timed. */
struct Life {
  void (*live)();
  std::string timing;
  /** Of the calls of one name, how many are made to fail, each in a life of its own. */
  int most;
};

/** A convolution that cuDNN does; where it does not, other kernels do, and it is as right. */
void convolutionLife() {
  const auto devices = openDevices();
  check(isRight(*devices.front(), convolutionLayer(DType::f32)), "another way is right");
}

const Life kWholeLife = {wholeLife, kFewRepeats, 3};
/** Measured once: so every one of its calls can fail. */
const Life kConvolutionLife = {convolutionLife, ";nodens=1000000", 1000};

/** The fault at the n-th such call; @returns whether there was one. */
bool inject(const Fault& fault, int which, const Life& life) {
  const std::string script = "fail=" + fault.call + ":" + std::to_string(fault.status) + ":" +
                             std::to_string(which) + life.timing;
  follow(script);
  const auto error = errorOf(life.live);
  const bool called = State::get().calls(fault.call) >= which;
  if (called && !fault.mayGoOn && !givesBack(fault.call)) {
    check(error.has_value(), script + " is an error");
  }
  if (error) {
    const std::string text = std::string(error->what()) + " " + error->advice();
    check(text.find(fault.name) != std::string::npos, script + " is named: " + text);
    const bool expected = std::count(fault.codes.begin(), fault.codes.end(), error->code()) > 0;
    check(fault.codes.empty() || expected, script + " is not " + name(error->code()));
  }
  checkClean(script, givesBack(fault.call));
  return called;
}

void injectEverywhere(const Fault& fault, const Life& life = kWholeLife) {
  for (int which = 1; which <= life.most && inject(fault, which, life); ++which) {
  }
}

}  // namespace

/** Every call of every library fails in turn, with statuses of each class. */
void testFaults() {
  for (const std::string& call : driverCalls()) {
    // Names are asked for only if something failed before.
    if (call == "cuGetErrorName" || call == "cuGetErrorString") continue;
    injectEverywhere({call, 999, "CUDA_ERROR_UNKNOWN",
                      isProbe(call) ? std::vector{ErrorCode::unavailable, ErrorCode::deviceLost}
                                    : std::vector{ErrorCode::deviceLost}});
    // A way to do a step that the device refuses is left out.
    injectEverywhere({call, 46, "CUDA_ERROR_DEVICE_UNAVAILABLE", {ErrorCode::unavailable}, true});
  }
  injectEverywhere({"cuInit", 803, "CUDA_ERROR_SYSTEM_DRIVER_MISMATCH", {ErrorCode::unavailable}});
  injectEverywhere({"cuInit", 100, "CUDA_ERROR_NO_DEVICE", {ErrorCode::unavailable}});
  injectEverywhere({"cuMemAlloc", 2, "GPU memory", {ErrorCode::outOfMemory}});
  injectEverywhere(
      {"cuStreamSynchronize", 700, "CUDA_ERROR_ILLEGAL_ADDRESS", {ErrorCode::deviceLost}});
  injectEverywhere(
      {"cuStreamSynchronize", 214, "CUDA_ERROR_ECC_UNCORRECTABLE", {ErrorCode::deviceLost}});
  injectEverywhere({"cuGraphLaunch", 719, "CUDA_ERROR_LAUNCH_FAILED", {ErrorCode::deviceLost}});
  injectEverywhere({"cuModuleLoadData", 209, "CUDA_ERROR_NO_BINARY_FOR_GPU", {}, true});
  for (const std::string& call : nvrtcCalls()) {
    if (call == "nvrtcGetErrorString") continue;
    injectEverywhere({call, 1, "NVRTC_ERROR_OUT_OF_MEMORY", {}, true});
  }
  injectEverywhere(
      {"nvrtcCompileProgram", 6, "the script wants this to fail", {ErrorCode::internal}});
  for (const std::string& call : cublasCalls()) {
    injectEverywhere({call, 3, "CUBLAS_STATUS_ALLOC_FAILED", {}, true});
    injectEverywhere({call, 13, "CUBLAS_STATUS_EXECUTION_FAILED", {}, true});
  }
  for (const std::string& call : cudnnCalls()) {
    // Where a step is made with it, another way; where it runs by then, an error.
    injectEverywhere({call, 3000, "CUDNN_STATUS_NOT_SUPPORTED", {ErrorCode::unsupported}, true},
                     kConvolutionLife);
    injectEverywhere({call,
                      4003,
                      "CUDNN_STATUS_INTERNAL_ERROR_HOST_ALLOCATION_FAILED",
                      {ErrorCode::outOfMemory},
                      true},
                     kConvolutionLife);
    injectEverywhere({call, 5000, "CUDNN_STATUS_EXECUTION_FAILED", {ErrorCode::internal}, true},
                     kConvolutionLife);
  }
  // Without sensors everything still works.
  for (const std::string& call : nvmlCalls()) {
    follow("fail=" + call + ":3:*" + kFewRepeats);
    const auto error = errorOf(wholeLife);
    check(!error, call + " is not needed: " + (error ? error->what() : ""));
    checkClean(call + " fails");
  }

  // Once the context is lost every later call fails, and the end is still orderly.
  follow("sticky=cuGraphLaunch:700:30");
  {
    const auto devices = openDevices();
    const auto executable = devices.front()->compile(computedStep());
    const auto run = [&] { executable->run(6400, RunMode::throughput); };
    for (int time = 0; time < 2; ++time) {
      const auto error = errorOf(run);
      check(error && error->code() == ErrorCode::deviceLost, "a sticky error loses the device");
    }
  }
  checkClean("a sticky error", true);
}

}  // namespace mpsbench::test
