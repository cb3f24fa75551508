#include "backends/metal/driver/tensors.h"

#include <cstddef>

namespace mpsbench::metal {

std::vector<bool> tensorsRead(const Graph& graph) {
  std::vector<bool> read(graph.tensors.size(), false);
  for (const Op& op : graph.ops) {
    for (const TensorIndex input : op.inputs) read[input] = true;
  }
  return read;
}

std::vector<bool> tensorsLeft(const Graph& graph) {
  const std::vector<bool> read = tensorsRead(graph);
  std::vector<bool> left(graph.tensors.size(), false);
  for (const Op& op : graph.ops) {
    const bool isState = graph.output(op).role == Role::state;
    left[op.output] = isState || graph.isOutput(op.output) || !read[op.output];
  }
  return left;
}

Tensors::Tensors(const Graph& graph, id<MTLDevice> device, id<MTLCommandQueue> queue)
    : graph_(graph), buffers_(device, queue), slots_(graph.tensors.size()) {
  std::vector<std::size_t> counts(graph.tensors.size(), 0);
  const std::vector<bool> left = tensorsLeft(graph);
  for (TensorIndex i = 0; i < counts.size(); ++i) {
    counts[i] = (graph.tensors[i].role == Role::temp ? 0U : 1U) + (left[i] ? 1U : 0U);
    bytes_ += counts[i] * Buffers::roundedBytes(graph.tensors[i]);
  }
  buffers_.require(bytes_);
  for (TensorIndex i = 0; i < counts.size(); ++i) {
    for (std::size_t phase = 0; phase < counts[i]; ++phase) {
      slots_[i][phase] = buffers_.allocate(graph.tensors[i]);
    }
    if (counts[i] == 1) slots_[i][1] = slots_[i][0];
  }
  clear();
}

PhasedBuffer Tensors::scratch(std::uint64_t bytes) {
  buffers_.require(bytes);
  auto buffer = buffers_.allocate(bytes, "A kernel");
  buffers_.clear({buffer.get()});
  return {buffer, buffer};
}

void Tensors::clear() const {
  std::vector<id<MTLBuffer>> all;
  for (const PhasedBuffer& slots : slots_) {
    if (slots[0]) all.push_back(slots[0].get());
    if (slots[1] && slots[1].get() != slots[0].get()) all.push_back(slots[1].get());
  }
  buffers_.clear(all);
}

void Tensors::write(TensorIndex tensor, std::size_t phase, const HostView& values) const {
  buffers_.write(slots_[tensor][phase].get(), graph_.tensors[tensor], values);
}

void Tensors::read(TensorIndex tensor, std::size_t phase, const HostSpan& values) const {
  buffers_.read(slots_[tensor][phase].get(), graph_.tensors[tensor], values);
}

}  // namespace mpsbench::metal
