#pragma once

#include <memory>
#include <optional>
#include <string>

#include "backends/cuda/driver/libraries.h"
#include "backends/cuda/driver/programs.h"
#include "backends/cuda/facts.h"
#include "core/matching.h"

namespace mpsbench::cuda {

/**
 * The process's hold on one GPU: its primary context, one stream, the compiled kernels, and the
 * handles of libraries. Made when a graph is first compiled: listing devices uses no memory on
 * them.
 */
class Context {
 public:
  /** @throws Error `unavailable`, `out_of_memory` */
  Context(std::shared_ptr<const Libraries> libraries, CUdevice device, const Facts& facts);
  ~Context();
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;

  [[nodiscard]] const Libraries& libraries() const { return *libraries_; }
  [[nodiscard]] const Driver& driver() const { return libraries_->driver(); }
  [[nodiscard]] const Facts& facts() const { return facts_; }
  [[nodiscard]] CUstream stream() const { return stream_; }
  [[nodiscard]] Programs& programs() { return programs_; }

  /** Makes it the calling thread's context; every entry into the driver begins with it. */
  void use() const;
  /** Waits until the stream is idle. @throws Error */
  void synchronize() const;

  /** The handle of cuBLASLt, made at the first call. @throws MissingLibrary */
  cublasLtHandle_t cublasLt();
  /** The handle of cuDNN, on the stream, made at the first call. @throws MissingLibrary */
  cudnnHandle_t cudnn();

 private:
  std::shared_ptr<const Libraries> libraries_;
  CUdevice device_;
  Facts facts_;
  CUcontext context_ = nullptr;
  CUstream stream_ = nullptr;
  Programs programs_;
  cublasLtHandle_t cublasLt_ = nullptr;
  std::optional<MissingLibrary> cublasLtMissing_;
  cudnnHandle_t cudnn_ = nullptr;
  std::optional<MissingLibrary> cudnnMissing_;
};

}  // namespace mpsbench::cuda
