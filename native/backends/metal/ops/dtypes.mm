#include "backends/metal/ops/dtypes.h"

#include "core/error.h"

/** Whether the SDK of this build has MPSDataTypeBFloat16. */
#if __MAC_OS_X_VERSION_MAX_ALLOWED >= 140000
#define MPSBENCH_METAL_BF16 1
#else
#define MPSBENCH_METAL_BF16 0
#endif

namespace mpsbench::metal {

namespace {

std::optional<std::string> unsupportedBf16(id<MTLDevice> device) {
#if MPSBENCH_METAL_BF16
  if (@available(macOS 14.0, *)) {
    if ([device supportsFamily:MTLGPUFamilyApple7]) return std::nullopt;
    return "MPSGraph has bf16 only on the GPUs of Apple silicon";
  }
  return "MPSGraph has bf16 from macOS 14";
#else
  (void)device;
  return "this build was made with an SDK older than macOS 14, which has no bf16";
#endif
}

}  // namespace

std::optional<std::string> unsupportedReason(DType dtype, id<MTLDevice> device) {
  if (!MPSSupportsMTLDevice(device)) return "Metal Performance Shaders do not run on this GPU";
  switch (dtype) {
    case DType::f64:
      return "Metal has no f64";
    case DType::bf16:
      return unsupportedBf16(device);
    case DType::f32:
    case DType::f16:
      break;
  }
  return std::nullopt;
}

std::vector<DType> supportedDTypes(id<MTLDevice> device) {
  std::vector<DType> supported;
  for (const DType dtype : kDTypes) {
    if (!unsupportedReason(dtype, device)) supported.push_back(dtype);
  }
  return supported;
}

MPSDataType mpsDataType(DType dtype) {
  switch (dtype) {
    case DType::f32:
      return MPSDataTypeFloat32;
    case DType::f16:
      return MPSDataTypeFloat16;
    case DType::bf16:
#if MPSBENCH_METAL_BF16
      if (@available(macOS 14.0, *)) return MPSDataTypeBFloat16;
#endif
      break;
    case DType::f64:
      break;
  }
  throw Error(ErrorCode::unsupported,
              std::string("MPSGraph cannot compute in ") + name(dtype) + " on this Mac.",
              "Choose another --dtype.");
}

}  // namespace mpsbench::metal
