#include "msl_cuda/candidates.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "backends/cuda/driver/libraries.h"
#include "backends/metal/calls/conv_pool_dense.h"
#include "backends/metal/calls/elementwise.h"
#include "backends/metal/calls/linear_residual.h"
#include "backends/metal/calls/linear_small.h"
#include "backends/metal/calls/linear_tiny.h"
#include "backends/metal/calls/matmul.h"
#include "backends/metal/calls/rows.h"
#include "core/error.h"
#include "core/graph_view.h"
#include "core/patterns/linear_step.h"

namespace mpsbench::msl_cuda {

using cuda::CUdeviceptr;
using metal::KernelCall;

namespace {

/** What every Apple GPU gives a threadgroup. */
constexpr std::size_t kGroupMemoryBytes = 32768;

/** The rows and columns of a matrix. */
metal::MatrixSize sizeOf(const Tensor& matrix) {
  const std::int64_t columns = matrix.shape.back();
  return {static_cast<std::int64_t>(matrix.elements()) / columns, columns};
}

void addElementwise(const Graph& graph, Programs& programs, Tensors& tensors,
                    std::vector<Candidate>& found) {
  const Op& op = graph.ops[0];
  const Tensor& y = graph.output(op);
  for (const KernelCall& call : metal::elementwiseCalls(op.spec, y.dtype, y.elements())) {
    found.push_back(
        {call.label,
         {},
         {programs.launch(call, {tensors.read(op.inputs[0]), tensors.read(op.inputs.back()),
                                 tensors.written(op.output)})}});
  }
}

void addMatmul(const Graph& graph, Programs& programs, Tensors& tensors,
               std::vector<Candidate>& found) {
  const Op& op = graph.ops[0];
  const metal::ProductSpec product = metal::productOf(graph, graph.ops[0]);
  for (const int tile : metal::tilesFor(product.rows, product.columns)) {
    const KernelCall call = metal::productCall(product, tile);
    const CUdeviceptr b = tensors.read(op.inputs[1]);
    found.push_back(
        {call.label,
         {},
         {programs.launch(call, {tensors.read(op.inputs[0]), b, b, tensors.written(op.output)})}});
  }
}

void addSum(const metal::SumCalls& calls, std::vector<CUdeviceptr> inputs, CUdeviceptr result,
            Programs& programs, Tensors& tensors, std::vector<Candidate>& found) {
  const CUdeviceptr partials = tensors.scratch(calls.partialBytes);
  inputs.push_back(partials);
  found.push_back({calls.partial.label,
                   {},
                   {programs.launch(calls.partial, inputs),
                    programs.launch(calls.finish, {partials, result})}});
}

/** softmax, bias_add, reduce_sum and mse_loss. */
void addRows(const Graph& graph, Programs& programs, Tensors& tensors,
             std::vector<Candidate>& found) {
  const Op& op = graph.ops[0];
  const Tensor& x = graph.input(op, 0);
  const CUdeviceptr from = tensors.read(op.inputs[0]);
  const CUdeviceptr to = tensors.written(op.output);
  switch (op.spec.kind) {
    case OpKind::softmax: {
      const KernelCall call = metal::softmaxCall(x.dtype, sizeOf(x));
      return found.push_back({call.label, {}, {programs.launch(call, {from, to})}});
    }
    case OpKind::biasAdd: {
      const KernelCall call = metal::biasAddCall(x.dtype, sizeOf(x));
      return found.push_back(
          {call.label, {}, {programs.launch(call, {from, tensors.read(op.inputs[1]), to})}});
    }
    case OpKind::reduceSum:
      return addSum(metal::columnSumCalls(x.dtype, sizeOf(x)), {from}, to, programs, tensors,
                    found);
    case OpKind::mseLoss:
      return addSum(metal::meanSquareCalls(x.dtype, static_cast<std::int64_t>(x.elements())),
                    {from, tensors.read(op.inputs[1])}, to, programs, tensors, found);
    default:
      throw Error(ErrorCode::internal, "There is no kernel for the graph.");
  }
}

void addNetwork(const ConvPoolDense& net, Programs& programs, Tensors& tensors,
                std::vector<Candidate>& found) {
  const CUdeviceptr packed = tensors.scratch(metal::packedBytes(net));
  for (const metal::NetworkCalls& calls : metal::networkCalls(net, kGroupMemoryBytes)) {
    std::vector<CUdeviceptr> buffers = {tensors.read(net.x), tensors.read(net.filters),
                                        tensors.read(net.convBias), packed};
    const CUdeviceptr bias = tensors.read(net.denseBias);
    const CUdeviceptr y = tensors.written(net.y);
    Candidate candidate{calls.network.label,
                        {programs.launch(metal::packCall(net), {tensors.read(net.dense), packed})}};
    if (calls.finish) {
      const CUdeviceptr slices = tensors.scratch(calls.sliceBytes);
      buffers.push_back(slices);
      candidate.run = {programs.launch(calls.network, buffers),
                       programs.launch(*calls.finish, {slices, bias, y})};
    } else {
      buffers.insert(buffers.end(), {bias, y});
      candidate.run = {programs.launch(calls.network, buffers)};
    }
    found.push_back(std::move(candidate));
  }
}

void addTinyStep(const LinearStep& step, Programs& programs, Tensors& tensors, int iterations,
                 std::vector<Candidate>& found) {
  const KernelCall call = metal::tinyStepCall(step, static_cast<std::uint32_t>(iterations));
  const TensorIndex predictions = step.predictionsSeen ? step.predictions : step.loss;
  found.push_back(
      {call.label,
       {},
       {programs.launch(call, {tensors.read(step.x), tensors.read(step.targets),
                               tensors.read(step.weights), tensors.read(step.bias),
                               tensors.written(step.weights), tensors.written(step.bias),
                               tensors.written(predictions), tensors.written(step.loss)})},
       iterations});
}

void addSmallStep(const LinearStep& step, Programs& programs, Tensors& tensors,
                  std::vector<Candidate>& found) {
  const auto calls = metal::smallStepCalls(step);
  if (!calls) return;
  const CUdeviceptr x = tensors.read(step.x);
  const CUdeviceptr weights = tensors.read(step.weights);
  const CUdeviceptr bias = tensors.read(step.bias);
  const CUdeviceptr loss = tensors.written(step.loss);
  const CUdeviceptr predictions = step.predictionsSeen ? tensors.written(step.predictions) : loss;
  const CUdeviceptr residuals = tensors.scratch(calls->residualBytes);
  const CUdeviceptr squares = tensors.scratch(calls->squareBytes);
  const CUdeviceptr sums = tensors.scratch(calls->columnSumBytes);
  found.push_back({calls->forward.label,
                   {},
                   {programs.launch(calls->forward, {x, tensors.read(step.targets), weights, bias,
                                                     predictions, residuals, squares, sums}),
                    programs.launch(calls->backward, {x, residuals, squares, sums, weights, bias,
                                                      tensors.written(step.weights),
                                                      tensors.written(step.bias), loss})}});
}

void addLargeStep(const LinearStep& step, Programs& programs, Tensors& tensors,
                  std::vector<Candidate>& found) {
  const metal::LargeStepCalls calls = metal::largeStepCalls(step);
  const CUdeviceptr predictions = step.predictionsSeen ? tensors.written(step.predictions)
                                                       : tensors.scratch(calls.residualBytes);
  const CUdeviceptr residual = tensors.scratch(calls.residualBytes);
  const CUdeviceptr squares = tensors.scratch(calls.squareBytes);
  const CUdeviceptr sums = tensors.scratch(calls.columnSumBytes);
  const CUdeviceptr x = tensors.read(step.x);
  const CUdeviceptr weights = tensors.read(step.weights);
  const CUdeviceptr bias = tensors.read(step.bias);
  for (const int tile : metal::tilesFor(step.rows, step.units)) {
    const KernelCall forward = metal::productCall(calls.forward, tile);
    found.push_back({forward.label + " twice, linear_residual.metal",
                     {},
                     {programs.launch(forward, {x, weights, bias, predictions}),
                      programs.launch(calls.residual, {predictions, tensors.read(step.targets),
                                                       residual, squares, sums}),
                      programs.launch(calls.finish, {bias, tensors.written(step.bias), sums,
                                                     squares, tensors.written(step.loss)}),
                      programs.launch(metal::productCall(calls.update, tile),
                                      {x, residual, weights, tensors.written(step.weights)})}});
  }
}

}  // namespace

Tensors::Tensors(const Graph& graph, cuda::Context& context)
    : graph_(graph), context_(context), memory_(context.driver(), context.stream()) {
  for (const Tensor& tensor : graph.tensors) {
    read_.push_back(memory_.allocate(tensor.bytes()));
    written_.push_back(tensor.role == Role::state ? memory_.allocate(tensor.bytes())
                                                  : read_.back());
  }
}

CUdeviceptr Tensors::scratch(std::size_t bytes) {
  scratch_.push_back(memory_.allocate(bytes));
  return scratch_.back()->address();
}

void Tensors::write(TensorIndex tensor, const std::vector<double>& values) const {
  std::vector<std::byte> bytes(graph_.tensors[tensor].bytes());
  encode(std::span<const double>(values), graph_.tensors[tensor].dtype, bytes.data());
  const cuda::Driver& driver = context_.driver();
  driver.check(
      driver.cuMemcpyHtoDAsync(read(tensor), bytes.data(), bytes.size(), context_.stream()),
      "cuMemcpyHtoDAsync");
  context_.synchronize();
}

void Tensors::poison() const {
  const cuda::Driver& driver = context_.driver();
  const auto fill = [&](const std::shared_ptr<cuda::DeviceBuffer>& buffer) {
    driver.check(
        driver.cuMemsetD8Async(buffer->address(), 0xff, buffer->bytes(), context_.stream()),
        "cuMemsetD8Async");
  };
  for (TensorIndex i = 0; i < read_.size(); ++i) {
    if (graph_.tensors[i].role == Role::temp || graph_.tensors[i].role == Role::state) {
      fill(written_[i]);
    }
  }
  for (const auto& buffer : scratch_) fill(buffer);
}

std::vector<double> Tensors::values(TensorIndex tensor, std::size_t first,
                                    std::size_t count) const {
  const DType dtype = graph_.tensors[tensor].dtype;
  std::vector<std::byte> bytes(count * sizeOf(dtype));
  const cuda::Driver& driver = context_.driver();
  driver.check(driver.cuMemcpyDtoHAsync(bytes.data(), written(tensor) + first * sizeOf(dtype),
                                        bytes.size(), context_.stream()),
               "cuMemcpyDtoHAsync");
  context_.synchronize();
  std::vector<double> values(count);
  decode(bytes.data(), dtype, std::span<double>(values));
  return values;
}

std::vector<KernelCall> callsOf(const Graph& graph) {
  const GraphView view(graph);
  if (const auto net = findConvPoolDense(view, 0)) {
    std::vector<KernelCall> calls = {metal::packCall(*net)};
    for (const metal::NetworkCalls& each : metal::networkCalls(*net, kGroupMemoryBytes)) {
      calls.push_back(each.network);
      if (each.finish) calls.push_back(*each.finish);
    }
    return calls;
  }
  if (const auto step = findLinearStep(view, 0)) {
    const metal::LargeStepCalls large = metal::largeStepCalls(*step);
    std::vector<KernelCall> calls = {large.residual, large.finish};
    for (const int tile : metal::tilesFor(step->rows, step->units)) {
      calls.push_back(metal::productCall(large.forward, tile));
      calls.push_back(metal::productCall(large.update, tile));
    }
    if (const auto small = metal::smallStepCalls(*step)) {
      calls.insert(calls.end(), {small->forward, small->backward});
    }
    if (metal::isTiny(*step)) calls.push_back(metal::tinyStepCall(*step, 1));
    return calls;
  }
  const OpSpec& op = view.spec(0);
  if (metal::isElementwise(op.kind)) {
    return metal::elementwiseCalls(op, view.output(0).dtype, view.output(0).elements());
  }
  const Tensor& x = graph.input(graph.ops[0], 0);
  switch (op.kind) {
    case OpKind::softmax:
      return {metal::softmaxCall(x.dtype, sizeOf(x))};
    case OpKind::biasAdd:
      return {metal::biasAddCall(x.dtype, sizeOf(x))};
    case OpKind::reduceSum: {
      const metal::SumCalls sums = metal::columnSumCalls(x.dtype, sizeOf(x));
      return {sums.partial, sums.finish};
    }
    case OpKind::mseLoss: {
      const auto count = static_cast<std::int64_t>(x.elements());
      const metal::SumCalls sums = metal::meanSquareCalls(x.dtype, count);
      return {sums.partial, sums.finish};
    }
    default:
      break;
  }
  std::vector<KernelCall> calls;
  const metal::ProductSpec product = metal::productOf(graph, graph.ops[0]);
  for (const int tile : metal::tilesFor(product.rows, product.columns)) {
    calls.push_back(metal::productCall(product, tile));
  }
  return calls;
}

std::vector<Candidate> candidatesOf(const Graph& graph, Programs& programs, Tensors& tensors,
                                    int iterations) {
  const GraphView view(graph);
  std::vector<Candidate> found;
  if (const auto net = findConvPoolDense(view, 0)) {
    addNetwork(*net, programs, tensors, found);
  } else if (const auto step = findLinearStep(view, 0)) {
    if (metal::isTiny(*step)) addTinyStep(*step, programs, tensors, iterations, found);
    addSmallStep(*step, programs, tensors, found);
    addLargeStep(*step, programs, tensors, found);
  } else if (metal::isElementwise(view.spec(0).kind)) {
    addElementwise(graph, programs, tensors, found);
  } else if (view.spec(0).kind == OpKind::matmul) {
    addMatmul(graph, programs, tensors, found);
  } else {
    addRows(graph, programs, tensors, found);
  }
  return found;
}

}  // namespace mpsbench::msl_cuda
