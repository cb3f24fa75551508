#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <map>
#include <memory>
#include <vector>

#include "backends/cuda/driver/api/cudnn.h"

/** Descriptors of the fake cuDNN, and what a graph of operations computes. */
namespace mpsbench::cuda::fake {

struct Descriptor;

struct Attribute {
  cudnnBackendAttributeType_t type;
  std::int64_t count;
  std::vector<std::byte> bytes;
  /** Final, so that nothing changes them; they outlive the handles by which they were given. */
  std::vector<std::shared_ptr<const Descriptor>> parts;
};

/** The type under which values are given, as in NVIDIA's cudnn_graph.h. */
template <class Value>
inline constexpr cudnnBackendAttributeType_t kTypeOf = CUDNN_TYPE_INT64;
template <>
inline constexpr auto kTypeOf<float> = CUDNN_TYPE_FLOAT;
template <>
inline constexpr auto kTypeOf<double> = CUDNN_TYPE_DOUBLE;
template <>
inline constexpr auto kTypeOf<void*> = CUDNN_TYPE_VOID_PTR;
template <>
inline constexpr auto kTypeOf<cudnnHandle_t> = CUDNN_TYPE_HANDLE;
/** A bool, which vectors do not hold as such. */
template <>
inline constexpr auto kTypeOf<unsigned char> = CUDNN_TYPE_BOOLEAN;
template <>
inline constexpr auto kTypeOf<cudnnDataType_t> = CUDNN_TYPE_DATA_TYPE;
template <>
inline constexpr auto kTypeOf<cudnnConvolutionMode_t> = CUDNN_TYPE_CONVOLUTION_MODE;
template <>
inline constexpr auto kTypeOf<cudnnPointwiseMode_t> = CUDNN_TYPE_POINTWISE_MODE;
template <>
inline constexpr auto kTypeOf<cudnnBackendHeurMode_t> = CUDNN_TYPE_HEUR_MODE;
template <>
inline constexpr auto kTypeOf<cudnnBackendNumericalNote_t> = CUDNN_TYPE_NUMERICAL_NOTE;

struct Descriptor {
  cudnnBackendDescriptorType_t type;
  bool isFinal = false;
  std::map<cudnnBackendAttributeName_t, Attribute> attributes = {};

  /** The values of an attribute; none where it was not set, or to another type. */
  template <class Value>
  [[nodiscard]] std::vector<Value> all(cudnnBackendAttributeName_t name) const {
    const auto found = attributes.find(name);
    if (found == attributes.end() || found->second.type != kTypeOf<Value>) return {};
    std::vector<Value> values(found->second.bytes.size() / sizeof(Value));
    if (!values.empty())
      std::memcpy(values.data(), found->second.bytes.data(), found->second.bytes.size());
    return values;
  }
  /** The first of them; zero if there is none. */
  template <class Value>
  [[nodiscard]] Value get(cudnnBackendAttributeName_t name) const {
    const std::vector<Value> values = all<Value>(name);
    return values.empty() ? Value{} : values.front();
  }
  /** The descriptors that it was given by this name. */
  [[nodiscard]] std::vector<std::shared_ptr<const Descriptor>> parts(
      cudnnBackendAttributeName_t name) const {
    const auto found = attributes.find(name);
    return found == attributes.end() ? Attribute{}.parts : found->second.parts;
  }
  /** The first of them; an empty one if there is none. */
  [[nodiscard]] std::shared_ptr<const Descriptor> part(cudnnBackendAttributeName_t name) const {
    const auto found = parts(name);
    return found.empty() ? std::make_shared<const Descriptor>() : found.front();
  }

  template <class Value>
  void set(cudnnBackendAttributeName_t name, const std::vector<Value>& values) {
    const auto* bytes = reinterpret_cast<const std::byte*>(values.data());
    const auto count = static_cast<std::int64_t>(values.size());
    attributes[name] = {kTypeOf<Value>, count, {bytes, bytes + values.size() * sizeof(Value)}, {}};
  }
};

/**
 * Whether the operations of a graph, in their order, are a convolution and what is added to it or
 * rectified, in f32 or f64 throughout.
 */
bool isSupported(const Descriptor& graph);

/** Computes a supported graph in the memory that the variant pack names. */
void compute(const Descriptor& graph, const Descriptor& pack, std::int64_t workspaceBytes);

}  // namespace mpsbench::cuda::fake
