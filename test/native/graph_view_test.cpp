// Which ops may become one step: the rule that the backends share.
#include "core/graph_view.h"

#include "support/checks.h"
#include "support/graphs.h"

namespace {

using namespace mpsbench;
using namespace mpsbench::test;

/** A graph of which no op belongs to a step yet. */
struct Asked {
  Graph graph;
  GraphView view{graph};

  [[nodiscard]] bool together(const std::vector<OpIndex>& ops) const {
    return view.canRunTogether(ops);
  }
  [[nodiscard]] bool joins(OpIndex op, const std::vector<OpIndex>& group) const {
    return view.canJoin(op, group);
  }
  [[nodiscard]] std::optional<OpIndex> fusable(OpIndex op, OpKind kind,
                                               const std::vector<OpIndex>& group) const {
    return view.fusable(graph.ops[op].output, kind, group);
  }
  [[nodiscard]] std::optional<OpIndex> updateOf(OpIndex op) const { return view.updateOf(op); }
};

constexpr std::int64_t kSize = 4;
const Shape kSquare = {kSize, kSize};

void inputs() {
  GraphBuilder build(DType::f32);
  const auto a = build.tensor("a", kSquare, Role::input);
  const auto b = build.tensor("b", kSquare, Role::input);
  const auto first = build.op(spec(OpKind::relu), {a}, kSquare);
  const auto other = build.op(spec(OpKind::relu), {b}, kSquare);
  const auto sum = build.op(spec(OpKind::add), {first, other}, kSquare);
  Asked asked{build.finish({sum})};
  check(asked.together({0, 1, 2}), "all that is read is made in the group");
  check(asked.together({0, 1}), "ops that read what the host writes");
  check(!asked.together({0, 2}), "an input is made between the ops of the group");
  check(asked.joins(1, {0, 2}), "the op that was missing, put in its place");
  asked.view.take({1});
  check(asked.together({0, 2}), "an input whose op ran in an earlier step");
  check(!asked.together({0, 1, 2}), "an op that a step has already");
}

void chain() {
  GraphBuilder build(DType::f32);
  const auto a = build.tensor("a", kSquare, Role::input);
  const auto bias = build.tensor("bias", {kSize}, Role::weight);
  const auto relu = build.op(spec(OpKind::relu), {a}, kSquare);
  const auto biased = build.op(spec(OpKind::biasAdd), {relu, bias}, kSquare);
  const auto again = build.op(spec(OpKind::relu), {biased}, kSquare);
  const auto first = build.op(spec(OpKind::sub), {again, a}, kSquare);
  const auto second = build.op(spec(OpKind::sub), {a, first}, kSquare);
  Asked asked{build.finish({biased, second})};
  check(asked.fusable(0, OpKind::biasAdd, {0}) == 1, "the only reader, of this kind");
  check(!asked.fusable(0, OpKind::relu, {0}), "the only reader, of another kind");
  check(!asked.fusable(1, OpKind::relu, {0, 1}), "the host reads the tensor as well");
  check(asked.fusable(2, OpKind::sub, {2}) == 3, "the first input");
  check(!asked.fusable(3, OpKind::sub, {3}), "the second input");
  asked.view.take({1});
  check(!asked.fusable(0, OpKind::biasAdd, {0}), "a reader that a step has already");
}

/** The group is the whole chain: what the last op reads besides may come from any of its ops. */
void wholeChain() {
  GraphBuilder build(DType::f32);
  const auto a = build.tensor("a", kSquare, Role::input);
  const auto first = build.op(spec(OpKind::relu), {a}, kSquare);
  const auto second = build.op(spec(OpKind::sub), {first, a}, kSquare);
  const auto third = build.op(spec(OpKind::mul), {second, first}, kSquare);
  const Asked asked{build.finish({third})};
  check(asked.fusable(1, OpKind::mul, {0, 1}) == 2, "an input from the chain's first op");
}

/** x W, its gradient g x', and the update of W, which `readerAfter` the gradient may read. */
Graph update(bool readerAfter) {
  GraphBuilder build(DType::f32);
  const auto x = build.tensor("x", kSquare, Role::input);
  const auto w = build.tensor("w", kSquare, Role::state);
  const auto forward = build.op(spec(OpKind::matmul), {x, w}, kSquare);
  const auto gradient = build.op(spec(OpKind::matmul), {forward, x}, kSquare);
  std::vector<TensorIndex> outputs = {forward};
  if (readerAfter) outputs.push_back(build.op(spec(OpKind::relu), {w}, kSquare));
  build.op(spec(OpKind::sgdUpdate), {w, gradient}, {});
  return build.finish(outputs);
}

void updates() {
  const Asked alone{update(false)};
  check(alone.updateOf(1) == 2, "the update that alone takes the product");
  check(!alone.updateOf(0), "a product that is no gradient");
  check(alone.together({0, 1, 2}), "the group itself reads the state");
  Asked read{update(true)};
  check(!read.updateOf(1), "the update would overtake an op that reads the old value");
  check(!read.together({0, 1, 3}), "the same, in a group that reads the state too");
  check(read.together({0, 1, 2, 3}), "with that op in the group");
  read.view.take({2});
  check(read.updateOf(1) == 3, "with that op in an earlier step");
}

void updateOfAFactor() {
  GraphBuilder build(DType::f32);
  const auto x = build.tensor("x", kSquare, Role::input);
  const auto w = build.tensor("w", kSquare, Role::state);
  const auto gradient = build.op(spec(OpKind::matmul), {x, w}, kSquare);
  build.op(spec(OpKind::sgdUpdate), {w, gradient}, {});
  const Asked asked{build.finish({})};
  check(asked.together({0, 1}), "a step may read the old value and write the new one");
  check(!asked.updateOf(0), "a product cannot be written over one of its own factors");
}

}  // namespace

int main() {
  inputs();
  chain();
  wholeChain();
  updates();
  updateOfAFactor();
  return finish();
}
