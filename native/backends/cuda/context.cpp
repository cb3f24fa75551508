#include "backends/cuda/context.h"

#include <utility>

namespace mpsbench::cuda {

Context::Context(std::shared_ptr<const Libraries> libraries, CUdevice device,
                 const DeviceFacts& facts, bool tf32)
    : libraries_(std::move(libraries)),
      device_(device),
      facts_(facts),
      tf32_(tf32),
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

cublasLtHandle_t Context::cublasLt() {
  const CublasLt* library = libraries_->cublasLt().get();
  if (library == nullptr || std::exchange(cublasLtAsked_, true)) return cublasLt_;
  // A library that does not start is one that is missing: kernels of our own take its place.
  if (library->cublasLtCreate(&cublasLt_) != CUBLAS_STATUS_SUCCESS) cublasLt_ = nullptr;
  return cublasLt_;
}

cudnnHandle_t Context::cudnn() {
  const Cudnn* library = libraries_->cudnn().get();
  if (library == nullptr || std::exchange(cudnnAsked_, true)) return cudnn_;
  if (library->cudnnCreate(&cudnn_) != CUDNN_STATUS_SUCCESS) {
    cudnn_ = nullptr;
    return nullptr;
  }
  library->check(library->cudnnSetStream(cudnn_, stream_), "cudnnSetStream");
  return cudnn_;
}

}  // namespace mpsbench::cuda
