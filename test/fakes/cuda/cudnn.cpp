#include <string>

#include "state.h"

#define FAKE_LIBRARY "backends/cuda/api/cudnn.def"
#include "exports.h"

// A fake libcudnn: it starts, and supports no graph, so that convolutions take another way.
namespace mpsbench::cuda {

using fake::handleOf;
using fake::State;

namespace {

#define ENTER(call) \
  if (const int status = State::get().enter(call); status != 0) return cudnnStatus_t(status)

}  // namespace

std::size_t cudnnGetVersion() {
  return static_cast<std::size_t>(State::get().script.number("cudnn", 91400));
}

const char* cudnnGetErrorString(cudnnStatus_t status) {
  return status == CUDNN_STATUS_NOT_SUPPORTED ? "CUDNN_STATUS_NOT_SUPPORTED" : "CUDNN_STATUS_FAKE";
}

cudnnStatus_t cudnnCreate(cudnnHandle_t* handle) {
  ENTER("cudnnCreate");
  *handle = handleOf<cudnnHandle_t>(State::get().handles.make("cuDNN"));
  return CUDNN_STATUS_SUCCESS;
}

cudnnStatus_t cudnnDestroy(cudnnHandle_t handle) {
  ENTER("cudnnDestroy");
  if (!State::get().handles.erase(handle)) State::get().violation("cuDNN was destroyed twice");
  return CUDNN_STATUS_SUCCESS;
}

cudnnStatus_t cudnnSetStream(cudnnHandle_t, CUstream) {
  ENTER("cudnnSetStream");
  return CUDNN_STATUS_SUCCESS;
}

cudnnStatus_t cudnnBackendCreateDescriptor(cudnnBackendDescriptorType_t,
                                           cudnnBackendDescriptor_t* descriptor) {
  ENTER("cudnnBackendCreateDescriptor");
  *descriptor = State::get().handles.make("cuDNN descriptor");
  return CUDNN_STATUS_SUCCESS;
}

cudnnStatus_t cudnnBackendDestroyDescriptor(cudnnBackendDescriptor_t descriptor) {
  ENTER("cudnnBackendDestroyDescriptor");
  State::get().handles.erase(descriptor);
  return CUDNN_STATUS_SUCCESS;
}

cudnnStatus_t cudnnBackendFinalize(cudnnBackendDescriptor_t) {
  ENTER("cudnnBackendFinalize");
  return CUDNN_STATUS_NOT_SUPPORTED;
}

cudnnStatus_t cudnnBackendSetAttribute(cudnnBackendDescriptor_t, cudnnBackendAttributeName_t,
                                       cudnnBackendAttributeType_t, std::int64_t, const void*) {
  ENTER("cudnnBackendSetAttribute");
  return CUDNN_STATUS_SUCCESS;
}

cudnnStatus_t cudnnBackendGetAttribute(cudnnBackendDescriptor_t, cudnnBackendAttributeName_t,
                                       cudnnBackendAttributeType_t, std::int64_t,
                                       std::int64_t* count, void*) {
  ENTER("cudnnBackendGetAttribute");
  if (count != nullptr) *count = 0;
  return CUDNN_STATUS_SUCCESS;
}

cudnnStatus_t cudnnBackendExecute(cudnnHandle_t, cudnnBackendDescriptor_t,
                                  cudnnBackendDescriptor_t) {
  ENTER("cudnnBackendExecute");
  return CUDNN_STATUS_NOT_SUPPORTED;
}

}  // namespace mpsbench::cuda
