#include <algorithm>

#include "backends/cpu/ops/mse.h"
#include "backends/cpu/patterns/patterns.h"

namespace mpsbench::cpu {

namespace {

/** The first op of `kind` that takes these inputs and can run with `group`, after its first. */
std::optional<OpIndex> follower(const GraphView& view, const std::vector<OpIndex>& group,
                                OpKind kind, const std::vector<TensorIndex>& inputs) {
  const auto& ops = view.graph().ops;
  for (OpIndex other = group.front() + 1; other < ops.size(); ++other) {
    if (ops[other].spec.kind == kind && ops[other].inputs == inputs && view.canJoin(other, group)) {
      return other;
    }
  }
  return std::nullopt;
}

}  // namespace

std::optional<Match> matchMseStep(const GraphView& view, OpIndex index, const Facts& /*facts*/) {
  const Op& op = view.op(index);
  const bool isLoss = op.spec.kind == OpKind::mseLoss;
  if (!isLoss && op.spec.kind != OpKind::mseGrad) return std::nullopt;
  std::vector<OpIndex> ops = {index};
  const auto other = follower(view, ops, isLoss ? OpKind::mseGrad : OpKind::mseLoss, op.inputs);
  if (other) ops.push_back(*other);
  if (isLoss && !other) return std::nullopt;
  const OpIndex gradient = isLoss ? *other : index;
  const auto loss = isLoss ? std::optional(index) : other;
  const auto sum = follower(view, ops, OpKind::reduceSum, {view.op(gradient).output});
  if (sum) ops.push_back(*sum);
  if (ops.size() == 1) return std::nullopt;
  std::sort(ops.begin(), ops.end());
  return ownKernelMatch(view, std::move(ops), [gradient, loss, sum]<class T>(Lowering& lowering) {
    return mseGradient<T>(lowering, gradient, loss, sum);
  });
}

}  // namespace mpsbench::cpu
