#include "backends/metal/program.h"

#include <algorithm>

#include "backends/metal/ops/dtypes.h"
#include "core/error.h"

namespace mpsbench::metal {

namespace {

constexpr const char* kReport = "Please report it with the version of macOS.";

/** MPSGraph's order of feeds and targets is its own: which of `ports` each of them is. */
std::vector<TensorIndex> orderOf(NSArray<MPSGraphTensor*>* symbols,
                                 const std::vector<Port>& ports) {
  std::vector<TensorIndex> order;
  for (MPSGraphTensor* symbol in symbols) {
    const auto port = std::find_if(ports.begin(), ports.end(), [&](const Port& candidate) {
      return [candidate.symbol isEqual:symbol];
    });
    if (port == ports.end()) {
      throw Error(ErrorCode::internal, "MPSGraph compiled the graph with a tensor of its own.",
                  kReport);
    }
    order.push_back(port->tensor);
  }
  if (order.size() != ports.size()) {
    throw Error(ErrorCode::internal, "MPSGraph dropped a tensor of the graph.", kReport);
  }
  return order;
}

}  // namespace

Program::Program(const Graph& graph, id<MTLDevice> device, id<MTLCommandQueue> queue)
    : graph_(graph),
      limits_(limitsOf(device)),
      temporaryBytes_(metal::temporaryBytes(graph, limits_)),
      buffers_(device, queue),
      lowered_(lower(graph, limits_)),
      slots_(graph.tensors.size()) {
  allocate();
  compileFor(device);
  orderPorts();
}

void Program::allocate() {
  std::vector<std::size_t> counts(graph_.tensors.size(), 0);
  for (TensorIndex i = 0; i < counts.size(); ++i) {
    if (graph_.tensors[i].role != Role::temp) counts[i] = 1;
  }
  for (const Port& target : lowered_.targets) ++counts[target.tensor];
  std::uint64_t bytes = 0;
  for (TensorIndex i = 0; i < counts.size(); ++i) {
    bytes += counts[i] * Buffers::roundedBytes(graph_.tensors[i]);
  }
  buffers_.require(bytes + temporaryBytes_);

  std::vector<id<MTLBuffer>> made;
  for (TensorIndex i = 0; i < counts.size(); ++i) {
    auto& slots = slots_[i];
    for (std::size_t phase = 0; phase < counts[i]; ++phase) {
      slots[phase] = newSlot(graph_.tensors[i]);
      made.push_back(slots[phase].buffer.get());
    }
    if (counts[i] == 1) slots[1] = slots[0];
  }
  buffers_.clear(made);
}

Program::Slot Program::newSlot(const Tensor& tensor) {
  Slot slot;
  slot.buffer = buffers_.allocate(tensor);
  slot.data = Owned<MPSGraphTensorData*>::adopt([[MPSGraphTensorData alloc]
      initWithMTLBuffer:slot.buffer.get()
                  shape:mpsShape(tensor.shape)
               dataType:mpsDataType(tensor.dtype)]);
  return slot;
}

void Program::compileFor(id<MTLDevice> device) {
  const auto descriptor =
      Owned<MPSGraphCompilationDescriptor*>::adopt([MPSGraphCompilationDescriptor new]);
  // Level 1, the default, may move work to the CPU or the Neural Engine.
  [descriptor.get() setOptimizationLevel:MPSGraphOptimizationLevel0];
  [descriptor.get() setWaitForCompilationCompletion:YES];

  NSMutableDictionary* feeds = [NSMutableDictionary dictionary];
  for (const Port& feed : lowered_.feeds) {
    const Tensor& tensor = graph_.tensors[feed.tensor];
    const auto type = Owned<MPSGraphShapedType*>::adopt([[MPSGraphShapedType alloc]
        initWithShape:mpsShape(tensor.shape)
             dataType:mpsDataType(tensor.dtype)]);
    [feeds setObject:type.get() forKey:feed.symbol];
  }
  NSMutableArray* targets = [NSMutableArray array];
  for (const Port& target : lowered_.targets) [targets addObject:target.symbol];

  executable_ = Owned<MPSGraphExecutable*>::retain([lowered_.graph.get()
          compileWithDevice:[MPSGraphDevice deviceWithMTLDevice:device]
                      feeds:feeds
              targetTensors:targets
           targetOperations:nil
      compilationDescriptor:descriptor.get()]);
  if (!executable_) {
    throw Error(ErrorCode::unsupported, "MPSGraph could not compile the graph.", kReport);
  }
  [executable_.get() setOptions:MPSGraphOptionsNone];
}

void Program::orderPorts() {
  const auto feeds = orderOf([executable_.get() feedTensors], lowered_.feeds);
  const auto targets = orderOf([executable_.get() targetTensors], lowered_.targets);
  for (std::size_t phase = 0; phase < 2; ++phase) {
    inputs_[phase] = dataOf(feeds, phase);
    results_[phase] = dataOf(targets, 1 - phase);
  }
}

Owned<NSArray*> Program::dataOf(const std::vector<TensorIndex>& tensors, std::size_t phase) const {
  NSMutableArray* data = [NSMutableArray arrayWithCapacity:tensors.size()];
  for (const TensorIndex tensor : tensors) [data addObject:slots_[tensor][phase].data.get()];
  return Owned<NSArray*>::retain(data);
}

void Program::encode(MPSCommandBuffer* buffer) {
  @autoreleasepool {
    [executable_.get() encodeToCommandBuffer:buffer
                                 inputsArray:inputs_[phase_].get()
                                resultsArray:results_[phase_].get()
                         executionDescriptor:nil];
  }
  phase_ = 1 - phase_;
}

void Program::write(TensorIndex tensor, const HostView& values) const {
  buffers_.write(slots_[tensor][phase_].buffer.get(), graph_.tensors[tensor], values);
}

void Program::read(TensorIndex tensor, const HostSpan& values) const {
  buffers_.read(slots_[tensor][phase_].buffer.get(), graph_.tensors[tensor], values);
}

}  // namespace mpsbench::metal
