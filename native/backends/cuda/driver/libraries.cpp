#include "backends/cuda/driver/libraries.h"

#include <utility>

#include "backends/cuda/driver/search.h"
#include "backends/cuda/driver/status.h"

namespace mpsbench::cuda {

namespace {

/** cuLaunchKernelEx and the graphs as they are captured here. */
constexpr int kOldestDriver = 12000;
/** A CUDA release that is not written yet may change what these declarations say. */
constexpr int kNewestMajor = 13;
constexpr int kOldestMajor = 12;

constexpr const char* kDriverRemedy =
    "Install NVIDIA's driver (https://www.nvidia.com/drivers, or the package nvidia-driver); in a "
    "container, start it with --gpus all.";

DynamicLibrary require(const LibraryRequest& request) {
  SearchResult found = findLibrary(request);
  if (found.library) return std::move(*found.library);
  throw Error(ErrorCode::unavailable, found.reason, request.remedy);
}

/** `stem.MAJOR` for each CUDA release whose code the driver loads, the newest first. */
std::vector<std::string> filesByRelease(const std::string& stem, const Driver& driver) {
  std::vector<std::string> files;
  const int newest = std::min(kNewestMajor, driver.version() / 1000);
  for (int major = newest; major >= kOldestMajor; --major) {
    files.push_back(stem + "." + std::to_string(major));
  }
  return files;
}

std::string pipPackage(const std::string& name, const Driver& driver) {
  // From CUDA 13 on, the packages' names no longer carry the release.
  const bool named = driver.version() < 13000;
  return "pip install nvidia-" + name + (named ? "-cu12" : "");
}

std::string versionText(std::size_t version, std::size_t majorUnit, std::size_t minorUnit) {
  return std::to_string(version / majorUnit) + "." +
         std::to_string(version % majorUnit / minorUnit) + "." +
         std::to_string(version % minorUnit);
}

const char* orUnknown(const char* text) {
  return text == nullptr ? "an unknown status" : text;
}

}  // namespace

std::string cudaVersion(int version) {
  return std::to_string(version / 1000) + "." + std::to_string(version % 1000 / 10);
}

Driver::Driver() : library_(require({"NVIDIA's driver", {"libcuda.so.1"}, kDriverRemedy, true})) {
  // The version first: an old driver lacks some of the functions.
#define FUNCTION(member, symbol, result, parameters) \
  member = library_.find<result parameters>(symbol);
#include "backends/cuda/driver/api/cuda.def"
  if (cuDriverGetVersion != nullptr) readVersion();
#define FUNCTION(member, symbol, result, parameters) \
  member = library_.require<result parameters>(symbol);
#include "backends/cuda/driver/api/cuda.def"
  const CUresult started = cuInit(0);
  if (started != CUDA_SUCCESS) throw startError(started, failure(started, "cuInit"));
}

void Driver::readVersion() {
  const CUresult told = cuDriverGetVersion(&version_);
  if (told != CUDA_SUCCESS) throw startError(told, failure(told, "cuDriverGetVersion"));
  if (version_ >= kOldestDriver) return;
  throw Error(ErrorCode::unavailable,
              "The driver speaks CUDA " + cudaVersion(version_) + ", and " +
                  cudaVersion(kOldestDriver) + " is the oldest that can be used (" +
                  library_.name() + ").",
              "Update NVIDIA's driver to 525 or later.");
}

Failure Driver::failure(CUresult status, const char* call) const {
  const char* name = nullptr;
  const char* text = nullptr;
  if (cuGetErrorName == nullptr || cuGetErrorName(status, &name) != CUDA_SUCCESS) name = nullptr;
  if (cuGetErrorString == nullptr || cuGetErrorString(status, &text) != CUDA_SUCCESS) {
    text = nullptr;
  }
  const std::string code = name != nullptr ? name : "CUresult " + std::to_string(status);
  return {call, text == nullptr ? code : code + " (" + text + ")"};
}

Error Driver::error(CUresult status, const char* call) const {
  return driverError(status, failure(status, call));
}

void Driver::check(CUresult status, const char* call) const {
  if (status != CUDA_SUCCESS) throw error(status, call);
}

Nvrtc::Nvrtc(const Driver& driver)
    : library_(
          require({"NVRTC, the run-time compiler of CUDA,", filesByRelease("libnvrtc.so", driver),
                   "Install it with `" + pipPackage("cuda-nvrtc", driver) +
                       "` or the CUDA toolkit, or name its folder in " + kPathVariable + ".",
                   false})) {
#define FUNCTION(member, symbol, result, parameters) \
  member = library_.require<result parameters>(symbol);
#include "backends/cuda/driver/api/nvrtc.def"
  int major = 0;
  int minor = 0;
  check(nvrtcVersion(&major, &minor), "nvrtcVersion");
  version_ = 1000 * major + 10 * minor;
}

void Nvrtc::check(nvrtcResult status, const char* call) const {
  if (status == NVRTC_SUCCESS) return;
  throw Error(status == NVRTC_ERROR_OUT_OF_MEMORY ? ErrorCode::outOfMemory : ErrorCode::internal,
              std::string("NVRTC failed: ") + orUnknown(nvrtcGetErrorString(status)) + " from " +
                  call + ".");
}

CublasLt::CublasLt(const Driver& driver)
    : library_(require({"cuBLASLt", filesByRelease("libcublasLt.so", driver),
                        "Install it with `" + pipPackage("cublas", driver) +
                            "` or the CUDA toolkit, or name its folder in " + kPathVariable + ".",
                        false})) {
#define FUNCTION(member, symbol, result, parameters) \
  member = library_.require<result parameters>(symbol);
#include "backends/cuda/driver/api/cublaslt.def"
  const std::size_t version = cublasLtGetVersion();
  version_ = versionText(version, 10000, 100);
}

void CublasLt::check(cublasStatus_t status, const char* call) const {
  if (status == CUBLAS_STATUS_SUCCESS) return;
  const ErrorCode code = status == CUBLAS_STATUS_ALLOC_FAILED    ? ErrorCode::outOfMemory
                         : status == CUBLAS_STATUS_ARCH_MISMATCH ? ErrorCode::unsupported
                         : status == CUBLAS_STATUS_NOT_SUPPORTED ? ErrorCode::unsupported
                                                                 : ErrorCode::internal;
  throw Error(code, std::string("cuBLASLt failed: ") + orUnknown(cublasLtGetStatusName(status)) +
                        " from " + call + ".");
}

Cudnn::Cudnn()
    : library_(
          require({"cuDNN 9",
                   {"libcudnn.so.9"},
                   std::string("Install it with `pip install nvidia-cudnn-cu13` (or -cu12), or "
                               "name its folder in ") +
                       kPathVariable + ".",
                   false})) {
#define FUNCTION(member, symbol, result, parameters) \
  member = library_.require<result parameters>(symbol);
#include "backends/cuda/driver/api/cudnn.def"
  version_ = versionText(cudnnGetVersion(), 10000, 100);
}

void Cudnn::check(cudnnStatus_t status, const char* call) const {
  if (status == CUDNN_STATUS_SUCCESS) return;
  // The thousands of a status are its class.
  const bool memory = status == CUDNN_STATUS_INTERNAL_ERROR_HOST_ALLOCATION_FAILED ||
                      status == CUDNN_STATUS_INTERNAL_ERROR_DEVICE_ALLOCATION_FAILED;
  const bool unsupported = status / 1000 == CUDNN_STATUS_NOT_SUPPORTED / 1000;
  const ErrorCode code = memory        ? ErrorCode::outOfMemory
                         : unsupported ? ErrorCode::unsupported
                                       : ErrorCode::internal;
  throw Error(code, std::string("cuDNN failed: ") + orUnknown(cudnnGetErrorString(status)) +
                        " from " + call + ".");
}

Nvml::Nvml()
    : library_(require({"NVML, the driver's sensors,",
                        {"libnvidia-ml.so.1"},
                        "Install the driver's package nvidia-utils (or libnvidia-compute).",
                        true})) {
#define FUNCTION(member, symbol, result, parameters) \
  member = library_.require<result parameters>(symbol);
#define OPTIONAL_FUNCTION(member, symbol, result, parameters) \
  member = library_.find<result parameters>(symbol);
#include "backends/cuda/driver/api/nvml.def"
  const nvmlReturn_t status = nvmlInit();
  if (status != NVML_SUCCESS) {
    throw Error(
        ErrorCode::unavailable,
        std::string("NVML cannot start: ") + orUnknown(nvmlErrorString(status)) + " from nvmlInit",
        status == NVML_ERROR_LIB_RM_VERSION_MISMATCH
            ? "The driver was updated while it was in use: restart the machine."
            : "Run `nvidia-smi` to see whether the driver works.");
  }
}

Nvml::~Nvml() {
  nvmlShutdown();
}

const OptionalLibrary<CublasLt>& Libraries::cublasLt() const {
  if (!std::exchange(cublasLt_.opened, true)) cublasLt_.library.open(driver_);
  return cublasLt_.library;
}

const OptionalLibrary<Cudnn>& Libraries::cudnn() const {
  if (!std::exchange(cudnn_.opened, true)) cudnn_.library.open();
  return cudnn_.library;
}

const OptionalLibrary<Nvml>& Libraries::nvml() const {
  if (!std::exchange(nvml_.opened, true)) nvml_.library.open();
  return nvml_.library;
}

}  // namespace mpsbench::cuda
