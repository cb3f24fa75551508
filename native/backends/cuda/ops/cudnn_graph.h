#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "backends/cuda/driver/context.h"

/** cuDNN's graph API: descriptors are made, given attributes, and finalised. */
namespace mpsbench::cuda {

/** Owns a descriptor of cuDNN. */
class CudnnDescriptor {
 public:
  /** @throws Error */
  CudnnDescriptor(const Cudnn& library, cudnnBackendDescriptorType_t type);
  ~CudnnDescriptor();
  CudnnDescriptor(CudnnDescriptor&& other) noexcept;
  CudnnDescriptor& operator=(CudnnDescriptor&&) = delete;
  CudnnDescriptor(const CudnnDescriptor&) = delete;
  CudnnDescriptor& operator=(const CudnnDescriptor&) = delete;

  [[nodiscard]] cudnnBackendDescriptor_t get() const { return descriptor_; }

  /** @throws Error */
  template <class Value>
  CudnnDescriptor& set(cudnnBackendAttributeName_t name, cudnnBackendAttributeType_t type,
                       std::span<const Value> values) {
    setBytes(name, type, static_cast<std::int64_t>(values.size()), values.data());
    return *this;
  }
  template <class Value>
  CudnnDescriptor& set(cudnnBackendAttributeName_t name, cudnnBackendAttributeType_t type,
                       const Value& value) {
    return set(name, type, std::span<const Value>(&value, 1));
  }
  CudnnDescriptor& set(cudnnBackendAttributeName_t name, const CudnnDescriptor& other) {
    return set(name, CUDNN_TYPE_BACKEND_DESCRIPTOR, other.get());
  }
  /** Whether cuDNN accepts the descriptor as it is now. */
  [[nodiscard]] bool tryFinalize() const;
  /** @throws Error */
  CudnnDescriptor& finalize();

  [[nodiscard]] std::int64_t getInt64(cudnnBackendAttributeName_t name) const;
  /** Fills up to `room` values; returns how many there are. */
  std::int64_t get(cudnnBackendAttributeName_t name, cudnnBackendAttributeType_t type,
                   std::int64_t room, void* values) const;

 private:
  void setBytes(cudnnBackendAttributeName_t name, cudnnBackendAttributeType_t type,
                std::int64_t count, const void* values);

  const Cudnn& library_;
  cudnnBackendDescriptor_t descriptor_ = nullptr;
};

/** A way of cuDNN to compute a graph of operations. */
struct CudnnPlan {
  std::shared_ptr<const CudnnDescriptor> plan;
  /** For the placement table, for example `engine 24`. */
  std::string name;
  std::size_t workspaceBytes = 0;
};

/**
 * Plans for these operations, the most promising first; none if cuDNN has none.
 * @param fullPrecision leaves out engines that round f32 factors (TF32) or sums
 */
std::vector<CudnnPlan> cudnnPlans(Context& context, std::span<const CudnnDescriptor> operations,
                                  bool fullPrecision, std::size_t most);

}  // namespace mpsbench::cuda
