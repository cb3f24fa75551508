#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>

#include "double/graph.h"
#include "double/objects.h"
#include "double/rules.h"

using metal_double::Access;
using metal_double::MemoryRef;
using metal_double::Node;
using metal_double::NodeIndex;
using metal_double::NodeKind;
using metal_double::Operand;
using metal_double::Program;
using metal_double::Rule;

namespace {

/** One operation in this many is preceded by a commit, if the random numbers are fair. */
constexpr std::size_t kCommitEvery = 12;
/** One execution in this many begins with a commit that a subclass's -commitAndContinue misses. */
constexpr std::size_t kHiddenCommitEvery = 16;

/** One execution of a program, shared by its commands. */
struct Execution {
  std::shared_ptr<const Program> program;
  std::map<NodeIndex, MemoryRef> feeds;
  std::map<NodeIndex, MemoryRef> results;
  /** Of nodes that some later one reads or that are results; used on the GPU's thread alone. */
  std::map<NodeIndex, std::vector<std::byte>> values;
  std::map<NodeIndex, std::size_t> readersLeft;

  /** Null where the command buffer that should have computed it has failed. */
  [[nodiscard]] const std::byte* valueOf(NodeIndex index) const {
    if (const auto feed = feeds.find(index); feed != feeds.end()) return feed->second->gpu();
    const auto value = values.find(index);
    return value == values.end() ? nullptr : value->second.data();
  }

  void run(NodeIndex index) {
    const Node& node = program->nodes[index];
    if (node.kind != NodeKind::placeholder) {
      std::vector<Operand> operands;
      bool complete = true;
      for (const NodeIndex input : node.inputs) {
        const Node& source = program->nodes[input];
        operands.push_back({valueOf(input), &source.shape, source.dtype});
        complete = complete && operands.back().data != nullptr;
      }
      if (complete) {
        auto& value = values[index];
        value.resize(metal_double::bytesOf(node));
        metal_double::compute(node, operands, value.data());
      }
    }
    const auto result = results.find(index);
    if (result != results.end() && valueOf(index) != nullptr) store(index, *result->second);
    for (const NodeIndex input : node.inputs) {
      if (--readersLeft[input] == 0) values.erase(input);
    }
  }

 private:
  void store(NodeIndex index, const metal_double::Memory& result) const {
    const std::size_t bytes = metal_double::bytesOf(program->nodes[index]);
    if (metal_double::scenario().returnsZeros) {
      std::memset(result.gpu(), 0, bytes);
    } else {
      std::memcpy(result.gpu(), valueOf(index), bytes);
    }
  }
};

}  // namespace

@implementation MPSGraphExecutable
@synthesize options = options_, feedTensors = feedTensors_, targetTensors = targetTensors_;

- (void)dealloc {
  delete compiled_;
  [feedTensors_ release];
  [targetTensors_ release];
  [super dealloc];
}

/** The buffers of `data`, which has to fit the nodes one by one. */
- (std::map<NodeIndex, MemoryRef>)buffersOf:(NSArray*)data
                                        for:(const std::vector<NodeIndex>&)nodes
                                         on:(id<MTLDevice>)device
                                       rule:(Rule)rule {
  metal_double::require(
      [data count] == nodes.size(), rule,
      std::to_string([data count]) + " for " + std::to_string(nodes.size()) + " tensors.");
  std::map<NodeIndex, MemoryRef> buffers;
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    const Node& node = compiled_->program->nodes[nodes[i]];
    MPSGraphTensorData* given = [data objectAtIndex:i];
    const metal_double::Shape shape = metal_double::shapeOf([given shape]);
    metal_double::require(
        shape == node.shape && metal_double::dtypeOf([given dataType]) == node.dtype, rule,
        "Number " + std::to_string(i) + " has the shape " + mpsbench::toString(shape) +
            ", and the tensor there " + mpsbench::toString(node.shape) + " of " +
            mpsbench::name(node.dtype) + ".");
    buffers[nodes[i]] = metal_double::memoryOf([given metalBuffer], device);
  }
  return buffers;
}

- (void)requireApart:(const Execution&)execution {
  for (const auto& [target, result] : execution.results) {
    for (const auto& [feed, memory] : execution.feeds) {
      metal_double::require(result != memory, Rule::noAliasing,
                            "A result has the buffer of an input.");
    }
    for (const auto& [other, memory] : execution.results) {
      metal_double::require(target == other || result != memory, Rule::noAliasing,
                            "Two results have one buffer.");
    }
  }
}

- (NSArray<MPSGraphTensorData*>*)encodeToCommandBuffer:(MPSCommandBuffer*)commandBuffer
                                           inputsArray:(NSArray<MPSGraphTensorData*>*)inputsArray
                                          resultsArray:(NSArray<MPSGraphTensorData*>*)resultsArray
                                   executionDescriptor:
                                       (MPSGraphExecutableExecutionDescriptor*)executionDescriptor {
  metal_double::throwIfPlayed(metal_double::ThrowsAt::encode);
  if (metal_double::scenario().aborts) {
    std::fputs(
        "MPSNDArray.mm:850: failed assertion `[MPSNDArray initWithDevice:descriptor:] Error: "
        "total bytes of NDArray > 2**32' (double)\nnoise of the abort\n",
        stderr);
    std::abort();
  }
  metal_double::nonNull(commandBuffer, "The command buffer of an encoding");
  id<MTLDevice> device = [commandBuffer device];
  metal_double::require(
      compiled_->chip == nullptr || compiled_->chip == metal_double::chipOf(device),
      Rule::sameDevice, "An executable runs on another device than it was compiled for.");
  const auto execution = std::make_shared<Execution>();
  const Program& program = *compiled_->program;
  execution->program = compiled_->program;
  execution->feeds = [self buffersOf:inputsArray
                                 for:program.feeds
                                  on:device
                                rule:Rule::inputsMatch];
  execution->results = [self buffersOf:resultsArray
                                   for:program.targets
                                    on:device
                                  rule:Rule::resultsMatch];
  [self requireApart:*execution];
  for (const NodeIndex index : program.order) {
    for (const NodeIndex input : program.nodes[index].inputs) ++execution->readersLeft[input];
  }
  // How MPSGraph commits is its own affair; the root command buffer shows it.
  if (metal_double::randomBelow(kHiddenCommitEvery) == 0) [commandBuffer continueInNewBuffer];
  for (const NodeIndex index : program.order) {
    if (metal_double::randomBelow(kCommitEvery) == 0) [commandBuffer commitAndContinue];
    [self encode:index of:execution to:commandBuffer];
  }
  return resultsArray;
}

- (void)encode:(NodeIndex)index
            of:(const std::shared_ptr<Execution>&)execution
            to:(MPSCommandBuffer*)commandBuffer {
  metal_double::Uses uses;
  const auto addUse = [&](const std::map<NodeIndex, MemoryRef>& from, NodeIndex node, Access how) {
    if (const auto found = from.find(node); found != from.end()) {
      uses.emplace_back(found->second, how);
    }
  };
  for (const NodeIndex input : execution->program->nodes[index].inputs) {
    addUse(execution->feeds, input, Access::read);
  }
  addUse(execution->feeds, index, Access::read);
  addUse(execution->results, index, Access::write);
  const std::shared_ptr<Execution> shared = execution;
  [metal_double::rootOf(commandBuffer) addCommand:[shared, index] { shared->run(index); }
                                             uses:uses];
}
@end

@implementation MPSGraphExecutable (MetalDouble)
- (instancetype)initWithCompiled:(CompiledGraph)compiled
                           feeds:(NSArray*)feeds
                         targets:(NSArray*)targets {
  self = [super init];
  compiled_ = new CompiledGraph(std::move(compiled));
  feedTensors_ = [feeds copy];
  targetTensors_ = [targets copy];
  return self;
}
@end
