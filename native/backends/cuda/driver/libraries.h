#pragma once

#include <memory>
#include <string>

#include "backends/cuda/driver/api/cublaslt.h"
#include "backends/cuda/driver/api/cuda.h"
#include "backends/cuda/driver/api/cudnn.h"
#include "backends/cuda/driver/api/nvml.h"
#include "backends/cuda/driver/api/nvrtc.h"
#include "backends/cuda/driver/status.h"
#include "core/dynamic_library.h"
#include "core/error.h"

/** NVIDIA's libraries as they are found at run time: a table of functions each, and its version. */
namespace mpsbench::cuda {

struct DriverTable {
#define FUNCTION(member, symbol, result, parameters) result(*member) parameters = nullptr;
#include "backends/cuda/driver/api/cuda.def"
};

struct NvrtcTable {
#define FUNCTION(member, symbol, result, parameters) result(*member) parameters = nullptr;
#include "backends/cuda/driver/api/nvrtc.def"
};

struct CublasLtTable {
#define FUNCTION(member, symbol, result, parameters) result(*member) parameters = nullptr;
#include "backends/cuda/driver/api/cublaslt.def"
};

struct CudnnTable {
#define FUNCTION(member, symbol, result, parameters) result(*member) parameters = nullptr;
#include "backends/cuda/driver/api/cudnn.def"
};

struct NvmlTable {
#define FUNCTION(member, symbol, result, parameters) result(*member) parameters = nullptr;
#include "backends/cuda/driver/api/nvml.def"
};

/** libcuda, initialised: the driver API 12.0 or later. */
class Driver : public DriverTable {
 public:
  /** @throws Error `unavailable` if it is missing, too old, or finds no GPU. */
  Driver();

  /** The CUDA version that the driver supports: 1000 x major + 10 x minor. */
  [[nodiscard]] int version() const { return version_; }
  /** @throws Error where a driver call failed, see `driverError`. */
  void check(CUresult status, const char* call) const;
  /** The error of a failed call. */
  [[nodiscard]] Error error(CUresult status, const char* call) const;

 private:
  /** @throws Error `unavailable` */
  void readVersion();
  [[nodiscard]] Failure failure(CUresult status, const char* call) const;

  DynamicLibrary library_;
  int version_ = 0;
};

/** Compiles CUDA C++ at run time. */
class Nvrtc : public NvrtcTable {
 public:
  /** @throws Error `unavailable` if none is found whose code this driver can load. */
  explicit Nvrtc(const Driver& driver);

  [[nodiscard]] int version() const { return version_; }
  /** @throws Error `internal` */
  void check(nvrtcResult status, const char* call) const;

 private:
  DynamicLibrary library_;
  int version_ = 0;
};

/** Matrix products. */
class CublasLt : public CublasLtTable {
 public:
  /** @throws Error `unavailable` */
  explicit CublasLt(const Driver& driver);

  /** For example `13.1.0`. */
  [[nodiscard]] const std::string& version() const { return version_; }
  /** @throws Error `out_of_memory`, `unsupported` or `internal` */
  void check(cublasStatus_t status, const char* call) const;

 private:
  DynamicLibrary library_;
  std::string version_;
};

/** Convolutions. */
class Cudnn : public CudnnTable {
 public:
  /** @throws Error `unavailable` */
  Cudnn();

  /** For example `9.14.0`. */
  [[nodiscard]] const std::string& version() const { return version_; }
  /** @throws Error `out_of_memory`, `unsupported` or `internal` */
  void check(cudnnStatus_t status, const char* call) const;

 private:
  DynamicLibrary library_;
  std::string version_;
};

/** The driver's sensors, initialised. */
class Nvml : public NvmlTable {
 public:
  /** @throws Error `unavailable` */
  Nvml();
  ~Nvml();
  Nvml(const Nvml&) = delete;
  Nvml& operator=(const Nvml&) = delete;

 private:
  DynamicLibrary library_;
};

/** A library that the backend does without where it is missing. */
template <class Library>
class OptionalLibrary {
 public:
  /** The library, or nullptr if `missing` says why. */
  [[nodiscard]] const Library* get() const { return library_.get(); }
  [[nodiscard]] const std::string& missing() const { return missing_; }
  /** What to do about it. */
  [[nodiscard]] const std::string& remedy() const { return remedy_; }

  template <class... Arguments>
  void open(const Arguments&... arguments) {
    try {
      library_ = std::make_unique<Library>(arguments...);
    } catch (const Error& error) {
      missing_ = error.what();
      remedy_ = error.advice();
    }
  }

 private:
  std::unique_ptr<Library> library_;
  std::string missing_;
  std::string remedy_;
};

/**
 * All of them. What every device needs (the driver, NVRTC) is opened at once, the rest when it is
 * first asked for: cuBLASLt and cuDNN take a while to load.
 */
class Libraries {
 public:
  /** @throws Error `unavailable` without the driver, a GPU, or NVRTC. */
  Libraries() : nvrtc_(driver_) {}
  Libraries(const Libraries&) = delete;
  Libraries& operator=(const Libraries&) = delete;

  [[nodiscard]] const Driver& driver() const { return driver_; }
  [[nodiscard]] const Nvrtc& nvrtc() const { return nvrtc_; }
  [[nodiscard]] const OptionalLibrary<CublasLt>& cublasLt() const;
  [[nodiscard]] const OptionalLibrary<Cudnn>& cudnn() const;
  [[nodiscard]] const OptionalLibrary<Nvml>& nvml() const;

 private:
  template <class Library>
  struct Lazy {
    bool opened = false;
    OptionalLibrary<Library> library;
  };

  Driver driver_;
  Nvrtc nvrtc_;
  mutable Lazy<CublasLt> cublasLt_;
  mutable Lazy<Cudnn> cudnn_;
  mutable Lazy<Nvml> nvml_;
};

/** `13000` as `13.0`. */
std::string cudaVersion(int version);

}  // namespace mpsbench::cuda
