#include "backends/cuda/lowering.h"

#include <algorithm>
#include <map>
#include <utility>

#include "backends/cuda/matchers.h"
#include "core/error.h"

namespace mpsbench::cuda {

Lowering::Lowering(const Graph& graph, Context& context, Memory& memory)
    : graph_(graph),
      context_(context),
      memory_(memory),
      lowered_(graph.ops.size(), false),
      flow_(graph),
      buffers_(graph.tensors.size()) {
  // What is certainly needed is checked before the first byte is allocated.
  std::uint64_t certain = 0;
  for (TensorIndex i = 0; i < graph.tensors.size(); ++i) {
    const Tensor& tensor = graph.tensors[i];
    if (tensor.role == Role::temp && !graph.isOutput(i)) continue;
    certain += tensor.bytes();
    memory_.require(certain);
  }
}

CUdeviceptr Lowering::data(TensorIndex tensor) {
  auto& buffer = buffers_[tensor];
  if (buffer == nullptr) buffer = memory_.allocate(graph_.tensors[tensor].bytes());
  return buffer->address();
}

void Lowering::alias(TensorIndex tensor, TensorIndex source) {
  data(source);
  buffers_[tensor] = buffers_[source];
}

std::shared_ptr<DeviceBuffer> Lowering::scratch(std::size_t bytes) {
  return memory_.allocate(bytes);
}

std::shared_ptr<DeviceBuffer> Lowering::workspace() {
  std::shared_ptr<DeviceBuffer> shared = workspace_.lock();
  if (shared == nullptr) {
    shared = memory_.allocate(kWorkspaceBytes);
    workspace_ = shared;
  }
  return shared;
}

bool Lowering::seenOutside(TensorIndex tensor, const std::vector<OpIndex>& ops) const {
  if (graph_.tensors[tensor].role != Role::temp || graph_.isOutput(tensor)) return true;
  const auto& readers = flow_.readers(tensor);
  return std::any_of(readers.begin(), readers.end(), [&](OpIndex reader) {
    return std::find(ops.begin(), ops.end(), reader) == ops.end();
  });
}

LoweredStep Lowering::lower(OpIndex index) {
  std::map<std::vector<OpIndex>, std::vector<Match>> groups;
  for (const Matcher matcher : matchers()) {
    if (auto match = matcher(*this, index)) groups[match->ops].push_back(std::move(*match));
  }
  std::vector<const std::vector<OpIndex>*> widest;
  widest.reserve(groups.size());
  for (const auto& [ops, matches] : groups) widest.push_back(&ops);
  std::stable_sort(widest.begin(), widest.end(),
                   [](const auto* a, const auto* b) { return a->size() > b->size(); });
  std::optional<Error> refused;
  for (const auto* ops : widest) {
    LoweredStep step{*ops, {}, ""};
    for (const Match& match : groups[*ops]) {
      try {
        for (Candidate& candidate : match.build()) step.candidates.push_back(std::move(candidate));
      } catch (const MissingLibrary& error) {
        step.missing = error.what();
        refused = error;
      } catch (const Error& error) {
        // What one library or kernel cannot do, another may.
        if (error.code() != ErrorCode::unsupported) throw;
        refused = error;
      }
    }
    if (step.candidates.empty()) continue;
    for (const OpIndex done : *ops) lowered_[done] = true;
    return step;
  }
  if (refused) throw *refused;
  const Op& failed = op(index);
  throw Error(ErrorCode::internal, std::string("The CUDA backend has no kernel for the op '") +
                                       failed.id + "' (" + name(failed.spec.kind) + ", " +
                                       name(graph_.output(failed).dtype) + ").");
}

std::vector<LoweredStep> Lowering::lowerAll() {
  std::vector<LoweredStep> steps;
  for (OpIndex index = 0; index < graph_.ops.size(); ++index) {
    if (!lowered_[index]) steps.push_back(lower(index));
  }
  // What the host can reach has memory, whether an op uses it or not.
  for (TensorIndex i = 0; i < graph_.tensors.size(); ++i) {
    if (graph_.tensors[i].role != Role::temp || graph_.isOutput(i)) data(i);
  }
  return steps;
}

}  // namespace mpsbench::cuda
