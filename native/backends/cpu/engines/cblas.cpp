#include "backends/cpu/libraries/cblas.h"

#include "backends/cpu/engines/engines.h"
#include "backends/cpu/ops/cblas_ops.h"

namespace mpsbench::cpu {

namespace {

std::optional<std::string> supportsCblas(const OpSpec& /*op*/, DType dtype) {
  if (dtype == DType::f32 || dtype == DType::f64) return std::nullopt;
  return cblasName() + " computes in f32 and f64, not in " + name(dtype);
}

}  // namespace

Engine cblasEngine() {
  return {.id = "cblas",
          .label = cblasName(),
          .supports = supportsCblas,
          .matchers = withOwnKernels(
              {{MatcherKind::op, matchCblasMatmul}, {MatcherKind::op, matchCblasConvolution}})};
}

}  // namespace mpsbench::cpu
