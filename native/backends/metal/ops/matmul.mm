#include "backends/metal/ops/matmul.h"

#include <vector>

#include "backends/metal/matchers.h"

namespace mpsbench::metal {

namespace {

std::vector<Candidate> build(Lowering& lowering, const Op& op) {
  Tensors& tensors = lowering.tensors();
  Product product;
  product.spec = productOf(lowering.graph(), op);
  product.a = tensors.read(op.inputs[0]);
  product.b = tensors.read(op.inputs[1]);
  product.y = tensors.written(op.output);
  std::vector<Candidate> candidates;
  for (const int tile : tilesFor(product.spec.rows, product.spec.columns)) {
    candidates.push_back(
        launches(productCall(product.spec, tile).label, {productLaunch(lowering, product, tile)}));
    candidates.back().expectedNs = expectedNs(product.spec);
  }
  return candidates;
}

}  // namespace

Launch productLaunch(Lowering& lowering, const Product& product, int tile) {
  const bool hasBias = product.spec.epilogue != ProductSpec::Epilogue::none;
  Launch launch = lowering.launch(productCall(product.spec, tile));
  launch.buffer(product.a)
      .buffer(product.b)
      // An argument of the kernel must be bound, even one that it leaves alone.
      .buffer(hasBias ? product.bias : product.b)
      .buffer(product.y);
  return launch;
}

std::optional<Match> matchMatmul(const GraphView& view, OpIndex index, const Facts& facts) {
  if (!facts.hasSimdgroups || view.spec(index).kind != OpKind::matmul) return std::nullopt;
  const MatmulSizes sizes = matmulSizes(view.graph(), view.op(index));
  if (!canMultiply(sizes.rows, sizes.columns, sizes.inner)) return std::nullopt;
  return Match{{index},
               [index](Lowering& lowering) { return build(lowering, lowering.op(index)); }};
}

}  // namespace mpsbench::metal
