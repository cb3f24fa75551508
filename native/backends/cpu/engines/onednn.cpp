#include "backends/cpu/libraries/onednn.h"

#include <utility>

#include "backends/cpu/engines/engines.h"
#include "backends/cpu/ops/onednn_ops.h"
#include "backends/cpu/ops/ops.h"
#include "core/error.h"

namespace mpsbench::cpu {

namespace {

/** Whether oneDNN makes a small primitive of this kind: its own answer for this CPU. */
bool makes(OpKind kind, DType dtype) {
  using Desc = dnnl::memory::desc;
  using Tag = dnnl::memory::format_tag;
  const auto type = onednn::dataType(dtype);
  try {
    if (kind == OpKind::matmul) {
      const Desc square({16, 16}, type, Tag::ab);
      onednn::makeMatmul(onednn::context().engine, square, square, nullptr, square,
                         onednn::attributes());
    } else {
      const Desc image({1, 16, 4, 4}, type, Tag::nhwc);
      const Desc filters({16, 16, 1, 1}, type, Tag::any);
      onednn::makeConvolution(onednn::context().engine, image, filters, nullptr, image, {1, 1},
                              {0, 0}, {0, 0}, onednn::attributes());
    }
    return true;
  } catch (const dnnl::error&) {
    return false;
  }
}

std::optional<std::string> supportsOnednn(const OpSpec& op, DType dtype) {
  static const bool bf16Matmul = makes(OpKind::matmul, DType::bf16);
  static const bool bf16Conv = makes(OpKind::conv2d, DType::bf16);
  const bool primitive = op.kind == OpKind::matmul || op.kind == OpKind::conv2d;
  const bool works =
      dtype == DType::f32 ||
      (dtype == DType::bf16 && (!primitive || (op.kind == OpKind::matmul ? bf16Matmul : bf16Conv)));
  if (works) return std::nullopt;
  return onednn::versionName() + " on this CPU has no " + name(dtype) + " " + name(op.kind);
}

}  // namespace

Engine onednnEngine() {
  return {.id = "onednn",
          .label = onednn::versionName(),
          .supports = supportsOnednn,
          .matchers = withOwnKernels(
              {{MatcherKind::op, matchOnednnMatmul}, {MatcherKind::op, matchOnednnConvolution}})};
}

}  // namespace mpsbench::cpu
