#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "backends/cuda/driver/buffer.h"
#include "backends/cuda/driver/context.h"
#include "backends/metal/driver/kernel_call.h"

/** Runs kernels of the Metal backend on an NVIDIA GPU. */
namespace mpsbench::msl_cuda {

/** The kernel of a call as CUDA C++: the prelude, its source, and a function `cuda_ENTRY` that
 * calls it. */
std::string cudaSource(const metal::KernelCall& call);

/** What a call needs as CUDA's launch: shared memory for all threadgroup arguments. */
std::size_t sharedBytes(const metal::KernelCall& call);

/** Compiles calls for one GPU, each specialisation once for all copies. */
class Programs {
 public:
  explicit Programs(cuda::Context& context)
      : context_(context), modules_(std::make_shared<Modules>()) {}

  /** The same, whose launches may start before the one before them has ended, as some of our CUDA
   * kernels' do. */
  [[nodiscard]] Programs overlapping() const;
  /** The call with its buffers, in order, in the place of those arguments that are no constants.
   * @throws Error */
  cuda::Launch launch(const metal::KernelCall& call, const std::vector<cuda::CUdeviceptr>& buffers);

 private:
  using Modules = std::map<std::string, std::shared_ptr<const cuda::Module>>;

  cuda::Kernel kernel(const metal::KernelCall& call);

  cuda::Context& context_;
  std::shared_ptr<Modules> modules_;
  bool overlaps_ = false;
};

/** CUDA C++ to a binary for this architecture, for example `sm_90a`. @throws Error with the
 * compiler's log */
std::string compile(const cuda::Nvrtc& nvrtc, const std::string& source,
                    const std::string& architecture);

}  // namespace mpsbench::msl_cuda
