#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "backends/metal/calls/elementwise.h"
#include "backends/metal/calls/rows.h"
#include "backends/metal/matchers.h"
#include "backends/metal/ops/matmul.h"

// A graph whose every op has a kernel of our own, op by op: for graphs of no pattern, where
// MPSGraph takes about 20 us of the CPU to encode each op.
namespace mpsbench::metal {

namespace {

/** Kernels count in 32 bits. */
constexpr std::size_t kMostElements = UINT32_MAX / 2;

bool isMatrix(const Tensor& tensor) {
  return tensor.shape.size() == 2;
}

bool hasKernel(const Graph& graph, const Op& op, const Facts& facts) {
  for (const TensorIndex input : op.inputs) {
    if (graph.tensors[input].elements() > kMostElements) return false;
  }
  if (isElementwise(op.spec.kind)) return true;
  if (!facts.hasSimdgroups) return false;
  switch (op.spec.kind) {
    case OpKind::biasAdd:
    case OpKind::mseLoss:
      return true;
    case OpKind::softmax:
    case OpKind::reduceSum:
      return isMatrix(graph.input(op, 0));
    case OpKind::matmul: {
      const MatmulSizes sizes = matmulSizes(graph, op);
      return canMultiply(sizes.rows, sizes.columns, sizes.inner);
    }
    default:
      return false;
  }
}

/** The ops of a graph as launches, one after the other. */
class Unfused {
 public:
  explicit Unfused(Lowering& lowering)
      : lowering_(lowering),
        tensors_(lowering.tensors()),
        left_(tensorsLeft(lowering.graph())),
        temps_(lowering.graph().tensors.size()) {}

  Candidate candidate() {
    const std::vector<Op>& ops = lowering_.graph().ops;
    for (const Op& op : ops) add(op);
    const std::string name = ops.size() == 1 ? label_ : "a kernel of our own for each op";
    Candidate made = launches(name, std::move(all_));
    made.ownBytes = ownBytes_;
    made.expectedNs = expectedNs_;
    return made;
  }

 private:
  PhasedBuffer scratch(std::uint64_t bytes) {
    ownBytes_ += bytes;
    return tensors_.scratch(bytes);
  }

  /** States are read as they were before the iteration. */
  PhasedBuffer input(const Op& op, std::size_t index) {
    const TensorIndex tensor = op.inputs[index];
    const bool isTemp = lowering_.graph().tensors[tensor].role == Role::temp;
    if (isTemp) return left_[tensor] ? tensors_.written(tensor) : temps_[tensor];
    return tensors_.read(tensor);
  }

  PhasedBuffer output(const Op& op) {
    if (left_[op.output]) return tensors_.written(op.output);
    PhasedBuffer& temp = temps_[op.output];
    if (!temp[0]) temp = scratch(lowering_.graph().output(op).bytes());
    return temp;
  }

  void add(const Op& op) {
    const Tensor& x = lowering_.graph().input(op, 0);
    const Tensor& y = lowering_.graph().output(op);
    const std::int64_t columns = x.shape.back();
    const MatrixSize size = {static_cast<std::int64_t>(x.elements()) / columns, columns};
    switch (op.spec.kind) {
      case OpKind::reshape:
        return reshape(op);
      case OpKind::matmul:
        return multiply(op);
      case OpKind::biasAdd:
        return launch(biasAddCall(x.dtype, size), {input(op, 0), input(op, 1), output(op)});
      case OpKind::softmax:
        return launch(softmaxCall(x.dtype, size), {input(op, 0), output(op)});
      case OpKind::reduceSum:
        return sum(columnSumCalls(x.dtype, size), {input(op, 0)}, output(op));
      case OpKind::mseLoss:
        return sum(meanSquareCalls(x.dtype, size.rows * size.columns), {input(op, 0), input(op, 1)},
                   output(op));
      default:
        return launch(elementwiseCalls(op.spec, y.dtype, y.elements()).front(),
                      {input(op, 0), input(op, op.inputs.size() - 1), output(op)});
    }
  }

  void launch(const KernelCall& call, std::vector<PhasedBuffer> buffers) {
    label_ = call.label;
    all_.push_back(lowering_.launch(call));
    for (PhasedBuffer& buffer : buffers) all_.back().buffer(std::move(buffer));
  }

  void sum(const SumCalls& calls, std::vector<PhasedBuffer> inputs, const PhasedBuffer& result) {
    const PhasedBuffer partials = scratch(calls.partialBytes);
    inputs.push_back(partials);
    launch(calls.partial, std::move(inputs));
    launch(calls.finish, {partials, result});
  }

  /** The same memory under another shape, unless the host reads it. */
  void reshape(const Op& op) {
    if (!left_[op.output]) {
      temps_[op.output] = input(op, 0);
      return;
    }
    const Tensor& y = lowering_.graph().output(op);
    launch(elementwiseCalls(op.spec, y.dtype, y.elements()).front(),
           {input(op, 0), input(op, 0), output(op)});
  }

  void multiply(const Op& op) {
    const MatmulSizes sizes = matmulSizes(lowering_.graph(), op);
    const Product product = {.spec = productOf(lowering_.graph(), op),
                             .a = input(op, 0),
                             .b = input(op, 1),
                             .y = output(op)};
    expectedNs_ += expectedNs(product.spec);
    all_.push_back(productLaunch(lowering_, product, tilesFor(sizes.rows, sizes.columns).back()));
  }

  Lowering& lowering_;
  Tensors& tensors_;
  std::vector<bool> left_;
  /** Of temps that only ops read. */
  std::vector<PhasedBuffer> temps_;
  std::vector<Launch> all_;
  /** Of the last kernel. */
  std::string label_;
  std::uint64_t ownBytes_ = 0;
  double expectedNs_ = 0;
};

}  // namespace

std::optional<Match> matchUnfused(const GraphView& view, OpIndex /*op*/, const Facts& facts) {
  const Graph& graph = view.graph();
  const bool isCovered = std::all_of(graph.ops.begin(), graph.ops.end(),
                                     [&](const Op& op) { return hasKernel(graph, op, facts); });
  // A single op of these has candidates of its own, in several shapes.
  const OpKind first = graph.ops.front().spec.kind;
  const bool isSingle = graph.ops.size() == 1 && (isElementwise(first) || first == OpKind::matmul);
  if (!isCovered || isSingle) return std::nullopt;
  return Match{allOps(graph),
               [](Lowering& lowering) { return std::vector{Unfused(lowering).candidate()}; }};
}

}  // namespace mpsbench::metal
