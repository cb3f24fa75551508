#include "backends/cuda/driver/launch.h"

#include <string>
#include <utility>

#include "backends/cuda/driver/libraries.h"
#include "backends/cuda/driver/programs.h"

namespace mpsbench::cuda {

namespace {

constexpr unsigned kPortableCluster = 8;

CUlaunchAttribute launchAttribute(CUlaunchAttributeID id) {
  CUlaunchAttribute made{};
  made.id = id;
  return made;
}

/** Raises the function's limit; launches of one function may ask for different amounts. */
void allowShared(const Kernel& kernel, std::size_t bytes) {
  if (bytes == 0) return;
  const int wanted = static_cast<int>(bytes);
  // At first what the kernel's own arrays leave of 48 KiB.
  int allowed = 0;
  kernel.driver->check(
      kernel.driver->cuFuncGetAttribute(&allowed, CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES,
                                        kernel.function),
      "cuFuncGetAttribute");
  if (allowed >= wanted) return;
  const CUresult status = kernel.driver->cuFuncSetAttribute(
      kernel.function, CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES, wanted);
  if (status == CUDA_ERROR_INVALID_VALUE) {
    throw Error(ErrorCode::unsupported, "The GPU has no " + std::to_string(bytes) +
                                            " bytes of shared memory for one block.");
  }
  kernel.driver->check(status, "cuFuncSetAttribute");
}

}  // namespace

int Kernel::blocksPerMultiprocessor(unsigned threads, std::size_t sharedBytes) const {
  allowShared(*this, sharedBytes);
  int blocks = 0;
  driver->check(driver->cuOccupancyMaxActiveBlocksPerMultiprocessor(
                    &blocks, function, static_cast<int>(threads), sharedBytes),
                "cuOccupancyMaxActiveBlocksPerMultiprocessor");
  return blocks;
}

Launch::Launch(Kernel kernel, const LaunchShape& shape, std::size_t arguments)
    : kernel_(std::move(kernel)),
      shape_(shape),
      slots_(std::make_shared<std::vector<Slot>>(arguments)),
      pointers_(std::make_shared<std::vector<void*>>(arguments)),
      attributes_(std::make_shared<std::vector<CUlaunchAttribute>>()) {
  allowShared(kernel_, shape.sharedBytes);
  const unsigned blocks = shape.cluster.x * shape.cluster.y * shape.cluster.z;
  if (blocks > 1) {
    CUlaunchAttribute cluster = launchAttribute(CU_LAUNCH_ATTRIBUTE_CLUSTER_DIMENSION);
    cluster.value.clusterDim = {shape.cluster.x, shape.cluster.y, shape.cluster.z};
    attributes_->push_back(cluster);
  }
  if (blocks > kPortableCluster) {
    kernel_.driver->check(
        kernel_.driver->cuFuncSetAttribute(kernel_.function,
                                           CU_FUNC_ATTRIBUTE_NON_PORTABLE_CLUSTER_SIZE_ALLOWED, 1),
        "cuFuncSetAttribute");
  }
  if (shape.overlapsPrevious) {
    CUlaunchAttribute overlap =
        launchAttribute(CU_LAUNCH_ATTRIBUTE_PROGRAMMATIC_STREAM_SERIALIZATION);
    overlap.value.programmaticStreamSerializationAllowed = 1;
    attributes_->push_back(overlap);
  }
}

void Launch::operator()(CUstream stream) const {
  CUlaunchConfig config{};
  config.gridDimX = shape_.grid.x;
  config.gridDimY = shape_.grid.y;
  config.gridDimZ = shape_.grid.z;
  config.blockDimX = shape_.block.x;
  config.blockDimY = shape_.block.y;
  config.blockDimZ = shape_.block.z;
  config.sharedMemBytes = static_cast<unsigned>(shape_.sharedBytes);
  config.hStream = stream;
  config.attrs = attributes_->data();
  config.numAttrs = static_cast<unsigned>(attributes_->size());
  kernel_.driver->check(
      kernel_.driver->cuLaunchKernelEx(&config, kernel_.function, pointers_->data(), nullptr),
      "cuLaunchKernelEx");
}

}  // namespace mpsbench::cuda
