#include "backends/cuda/driver/status.h"

namespace mpsbench::cuda {

namespace {

/** Whether every later call of the process on this device will fail too. */
bool isSticky(CUresult status) {
  switch (status) {
    case CUDA_ERROR_DEINITIALIZED:
    case CUDA_ERROR_ECC_UNCORRECTABLE:
    case CUDA_ERROR_NVLINK_UNCORRECTABLE:
    case CUDA_ERROR_CONTAINED:
    case CUDA_ERROR_ILLEGAL_ADDRESS:
    case CUDA_ERROR_LAUNCH_TIMEOUT:
    case CUDA_ERROR_CONTEXT_IS_DESTROYED:
    case CUDA_ERROR_ASSERT:
    case CUDA_ERROR_HARDWARE_STACK_ERROR:
    case CUDA_ERROR_ILLEGAL_INSTRUCTION:
    case CUDA_ERROR_MISALIGNED_ADDRESS:
    case CUDA_ERROR_INVALID_ADDRESS_SPACE:
    case CUDA_ERROR_INVALID_PC:
    case CUDA_ERROR_LAUNCH_FAILED:
    case CUDA_ERROR_TENSOR_MEMORY_LEAK:
    case CUDA_ERROR_UNKNOWN:
      return true;
    default:
      return false;
  }
}

const char* stickyAdvice(CUresult status) {
  switch (status) {
    case CUDA_ERROR_ECC_UNCORRECTABLE:
    case CUDA_ERROR_CONTAINED:
      return "The card's memory failed: check `nvidia-smi -q -d ECC,PAGE_RETIREMENT`, and restart "
             "the machine before you use the card again.";
    case CUDA_ERROR_LAUNCH_TIMEOUT:
      return "A display's watchdog stopped the kernel: choose a smaller size, or a card that "
             "drives no display.";
    default:
      return "The work on the card was lost; other devices continue. Run it again; if it happens "
             "twice, look for an Xid message in `dmesg`.";
  }
}

const char* unavailableAdvice(CUresult status) {
  switch (status) {
    case CUDA_ERROR_NO_DEVICE:
    case CUDA_ERROR_INVALID_DEVICE:
      return "Run `nvidia-smi`, and check CUDA_VISIBLE_DEVICES; a container needs --gpus all.";
    case CUDA_ERROR_STUB_LIBRARY:
      return "This is the toolkit's stub of libcuda: remove its `stubs` folder from the loader's "
             "path.";
    case CUDA_ERROR_SYSTEM_DRIVER_MISMATCH:
      return "The driver was updated while it was in use: restart the machine.";
    case CUDA_ERROR_DEVICE_UNAVAILABLE:
      return "Another process holds the card exclusively: `nvidia-smi` shows which.";
    default:
      return "Run `nvidia-smi` to check the driver, and restart the machine after an update.";
  }
}

bool isUnavailable(CUresult status) {
  switch (status) {
    case CUDA_ERROR_NOT_INITIALIZED:
    case CUDA_ERROR_STUB_LIBRARY:
    case CUDA_ERROR_DEVICE_UNAVAILABLE:
    case CUDA_ERROR_NO_DEVICE:
    case CUDA_ERROR_INVALID_DEVICE:
    case CUDA_ERROR_SYSTEM_NOT_READY:
    case CUDA_ERROR_SYSTEM_DRIVER_MISMATCH:
    case CUDA_ERROR_COMPAT_NOT_SUPPORTED_ON_DEVICE:
      return true;
    default:
      return false;
  }
}

}  // namespace

Error startError(CUresult status, const Failure& failure) {
  return {ErrorCode::unavailable,
          "NVIDIA's driver does not start: " + failure.status + " from " + failure.call + ".",
          unavailableAdvice(status)};
}

Error driverError(CUresult status, const Failure& failure) {
  const std::string what = failure.status + " from " + failure.call;
  if (isSticky(status)) {
    return {ErrorCode::deviceLost, "The GPU stopped working: " + what + ".", stickyAdvice(status)};
  }
  if (status == CUDA_ERROR_OUT_OF_MEMORY) {
    return {ErrorCode::outOfMemory, "The GPU has too little free memory: " + what + ".",
            "Choose smaller sizes, or end other programs on the card (`nvidia-smi` shows them)."};
  }
  if (isUnavailable(status)) {
    return {ErrorCode::unavailable, "The GPU cannot be used: " + what + ".",
            unavailableAdvice(status)};
  }
  return {ErrorCode::internal, "A call of the CUDA driver failed: " + what + "."};
}

}  // namespace mpsbench::cuda
