#include "backends/cuda/driver/context.h"

#include <utility>

namespace mpsbench::cuda {

Context::Context(std::shared_ptr<const Libraries> libraries, CUdevice device, const Facts& facts)
    : libraries_(std::move(libraries)),
      device_(device),
      facts_(facts),
      programs_(driver(), libraries_->nvrtc(), compileTarget(libraries_->nvrtc(), facts)) {
  const Driver& cuda = driver();
  // A wait that spins sees the end of a short iteration soonest.
  cuda.check(cuda.cuDevicePrimaryCtxSetFlags(device_, CU_CTX_SCHED_SPIN),
             "cuDevicePrimaryCtxSetFlags");
  cuda.check(cuda.cuDevicePrimaryCtxRetain(&context_, device_), "cuDevicePrimaryCtxRetain");
  try {
    use();
    cuda.check(cuda.cuStreamCreate(&stream_, CU_STREAM_NON_BLOCKING), "cuStreamCreate");
  } catch (...) {
    cuda.cuDevicePrimaryCtxRelease(device_);
    throw;
  }
}

Context::~Context() {
  const Driver& cuda = driver();
  cuda.cuCtxSetCurrent(context_);
  if (cublasLt_ != nullptr) libraries_->cublasLt().get()->cublasLtDestroy(cublasLt_);
  if (cudnn_ != nullptr) libraries_->cudnn().get()->cudnnDestroy(cudnn_);
  programs_.clear();
  cuda.cuStreamDestroy(stream_);
  cuda.cuCtxSetCurrent(nullptr);
  cuda.cuDevicePrimaryCtxRelease(device_);
}

void Context::use() const {
  driver().check(driver().cuCtxSetCurrent(context_), "cuCtxSetCurrent");
}

void Context::synchronize() const {
  driver().check(driver().cuStreamSynchronize(stream_), "cuStreamSynchronize");
}

namespace {

/** Calls `create` once; what it says of a failure is said again at every later call. */
template <class Library, class Create>
void start(const OptionalLibrary<Library>& library, const char* name,
           std::optional<MissingLibrary>& missing, const Create& create) {
  if (missing) throw *missing;
  if (library.get() == nullptr) {
    missing.emplace(std::string(name) + " is missing", library.remedy());
    throw *missing;
  }
  try {
    create(*library.get());
  } catch (const Error& error) {
    missing.emplace(error.what(), error.advice());
    throw *missing;
  }
}

}  // namespace

cublasLtHandle_t Context::cublasLt() {
  if (cublasLt_ != nullptr) return cublasLt_;
  start(libraries_->cublasLt(), "cuBLASLt", cublasLtMissing_, [&](const CublasLt& library) {
    cublasLtHandle_t made = nullptr;
    library.check(library.cublasLtCreate(&made), "cublasLtCreate");
    cublasLt_ = made;
  });
  return cublasLt_;
}

cudnnHandle_t Context::cudnn() {
  if (cudnn_ != nullptr) return cudnn_;
  start(libraries_->cudnn(), "cuDNN", cudnnMissing_, [&](const Cudnn& library) {
    cudnnHandle_t made = nullptr;
    library.check(library.cudnnCreate(&made), "cudnnCreate");
    const cudnnStatus_t status = library.cudnnSetStream(made, stream_);
    if (status != CUDNN_STATUS_SUCCESS) library.cudnnDestroy(made);
    library.check(status, "cudnnSetStream");
    cudnn_ = made;
  });
  return cudnn_;
}

}  // namespace mpsbench::cuda
