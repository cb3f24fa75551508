#pragma once

#include <oneapi/dnnl/dnnl.hpp>

/**
 * The differences between API 2 (primitives are made from an operation descriptor; post-ops carry a
 * scale) and API 3 (neither) of oneDNN, and nothing else.
 */
namespace mpsbench::cpu::onednn {

#if DNNL_VERSION_MAJOR >= 3

inline dnnl::matmul::primitive_desc makeMatmul(
    const dnnl::engine& engine, const dnnl::memory::desc& a, const dnnl::memory::desc& b,
    const dnnl::memory::desc* bias, const dnnl::memory::desc& y, const dnnl::primitive_attr& attr) {
  if (bias == nullptr) return {engine, a, b, y, attr};
  return {engine, a, b, *bias, y, attr};
}

inline dnnl::convolution_forward::primitive_desc makeConvolution(
    const dnnl::engine& engine, const dnnl::memory::desc& x, const dnnl::memory::desc& filters,
    const dnnl::memory::desc* bias, const dnnl::memory::desc& y, const dnnl::memory::dims& strides,
    const dnnl::memory::dims& padBefore, const dnnl::memory::dims& padAfter,
    const dnnl::primitive_attr& attr) {
  constexpr auto kKind = dnnl::prop_kind::forward_inference;
  constexpr auto kAlgorithm = dnnl::algorithm::convolution_direct;
  if (bias == nullptr) {
    return {engine, kKind, kAlgorithm, x, filters, y, strides, padBefore, padAfter, attr};
  }
  return {engine, kKind, kAlgorithm, x, filters, *bias, y, strides, padBefore, padAfter, attr};
}

inline void appendRelu(dnnl::post_ops& ops) {
  ops.append_eltwise(dnnl::algorithm::eltwise_relu, 0, 0);
}

/** y = scale y. */
inline void appendScale(dnnl::post_ops& ops, float scale) {
  ops.append_eltwise(dnnl::algorithm::eltwise_linear, scale, 0);
}

#else

inline dnnl::matmul::primitive_desc makeMatmul(
    const dnnl::engine& engine, const dnnl::memory::desc& a, const dnnl::memory::desc& b,
    const dnnl::memory::desc* bias, const dnnl::memory::desc& y, const dnnl::primitive_attr& attr) {
  const dnnl::matmul::desc desc =
      bias == nullptr ? dnnl::matmul::desc(a, b, y) : dnnl::matmul::desc(a, b, *bias, y);
  return {desc, attr, engine};
}

inline dnnl::convolution_forward::primitive_desc makeConvolution(
    const dnnl::engine& engine, const dnnl::memory::desc& x, const dnnl::memory::desc& filters,
    const dnnl::memory::desc* bias, const dnnl::memory::desc& y, const dnnl::memory::dims& strides,
    const dnnl::memory::dims& padBefore, const dnnl::memory::dims& padAfter,
    const dnnl::primitive_attr& attr) {
  using Desc = dnnl::convolution_forward::desc;
  constexpr auto kKind = dnnl::prop_kind::forward_inference;
  constexpr auto kAlgorithm = dnnl::algorithm::convolution_direct;
  const Desc desc =
      bias == nullptr ? Desc(kKind, kAlgorithm, x, filters, y, strides, padBefore, padAfter)
                      : Desc(kKind, kAlgorithm, x, filters, *bias, y, strides, padBefore, padAfter);
  return {desc, attr, engine};
}

inline void appendRelu(dnnl::post_ops& ops) {
  ops.append_eltwise(1, dnnl::algorithm::eltwise_relu, 0, 0);
}

/** y = scale y. */
inline void appendScale(dnnl::post_ops& ops, float scale) {
  ops.append_eltwise(1, dnnl::algorithm::eltwise_linear, scale, 0);
}

#endif

}  // namespace mpsbench::cpu::onednn
