#include "backends/metal/mpsgraph/program.h"

#include <algorithm>
#include <utility>

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

Program::Program(Lowered lowered, const Tensors& tensors, const std::vector<PhasedBuffer>& crossing,
                 id<MTLDevice> device)
    : tensors_(tensors), lowered_(std::move(lowered)) {
  compileFor(device);
  orderPorts(crossing);
}

void Program::compileFor(id<MTLDevice> device) {
  const auto descriptor =
      Owned<MPSGraphCompilationDescriptor*>::adopt([MPSGraphCompilationDescriptor new]);
  // Level 1, the default, may move work to the CPU or the Neural Engine.
  [descriptor.get() setOptimizationLevel:MPSGraphOptimizationLevel0];
  [descriptor.get() setWaitForCompilationCompletion:YES];
#if __MAC_OS_X_VERSION_MAX_ALLOWED >= 260000
  if (@available(macOS 26.0, *)) {
    // f32 stays f32: it could be allowed to round factors to TF32, and intermediates to f16.
    [descriptor.get() setReducedPrecisionFastMath:MPSGraphReducedPrecisionFastMathNone];
  }
#endif

  NSMutableDictionary* feeds = [NSMutableDictionary dictionary];
  for (const Port& feed : lowered_.feeds) {
    const Tensor& tensor = tensors_.graph().tensors[feed.tensor];
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

void Program::orderPorts(const std::vector<PhasedBuffer>& crossing) {
  const auto feeds = orderOf([executable_.get() feedTensors], lowered_.feeds);
  const auto targets = orderOf([executable_.get() targetTensors], lowered_.targets);
  for (std::size_t phase = 0; phase < 2; ++phase) {
    inputs_[phase] = dataOf(feeds, crossing, false, phase);
    results_[phase] = dataOf(targets, crossing, true, phase);
  }
}

Owned<NSArray*> Program::dataOf(const std::vector<TensorIndex>& tensors,
                                const std::vector<PhasedBuffer>& crossing, bool areResults,
                                std::size_t phase) const {
  NSMutableArray* all = [NSMutableArray arrayWithCapacity:tensors.size()];
  for (const TensorIndex index : tensors) {
    const Tensor& tensor = tensors_.graph().tensors[index];
    const PhasedBuffer own = areResults ? tensors_.written(index) : tensors_.read(index);
    const PhasedBuffer& buffers = crossing[index][0] ? crossing[index] : own;
    const auto data = Owned<MPSGraphTensorData*>::adopt([[MPSGraphTensorData alloc]
        initWithMTLBuffer:buffers[phase].get()
                    shape:mpsShape(tensor.shape)
                 dataType:mpsDataType(tensor.dtype)]);
    [all addObject:data.get()];
  }
  return Owned<NSArray*>::retain(all);
}

void Program::encode(MPSCommandBuffer* buffer, std::size_t phase) const {
  @autoreleasepool {
    [executable_.get() encodeToCommandBuffer:buffer
                                 inputsArray:inputs_[phase].get()
                                resultsArray:results_[phase].get()
                         executionDescriptor:nil];
  }
}

}  // namespace mpsbench::metal
