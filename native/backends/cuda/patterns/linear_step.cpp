#include "backends/cuda/patterns/linear_step.h"

#include <algorithm>

namespace mpsbench::cuda {

namespace {

/** The one reader of this kind, where there is exactly one. */
std::optional<OpIndex> readerOfKind(const Lowering& lowering, TensorIndex tensor, OpKind kind) {
  std::optional<OpIndex> found;
  for (const OpIndex reader : lowering.readers(tensor)) {
    if (lowering.spec(reader).kind != kind) continue;
    if (found) return std::nullopt;
    found = reader;
  }
  return found;
}

/** The sgd_update that takes this gradient, and nothing else does. */
std::optional<OpIndex> updateWith(const Lowering& lowering, TensorIndex gradient) {
  const auto reader = lowering.onlyReader(gradient);
  if (!reader || lowering.spec(*reader).kind != OpKind::sgdUpdate) return std::nullopt;
  return reader;
}

}  // namespace

std::optional<LinearStep> findLinearStep(const Lowering& lowering, OpIndex forward) {
  const Op& product = lowering.op(forward);
  if (product.spec.kind != OpKind::matmul || product.spec.transposeA || product.spec.transposeB) {
    return std::nullopt;
  }
  const auto add = lowering.onlyReader(product.output);
  if (!add || lowering.spec(*add).kind != OpKind::biasAdd) return std::nullopt;

  LinearStep step;
  step.x = product.inputs[0];
  step.weights = product.inputs[1];
  step.bias = lowering.op(*add).inputs[1];
  // The update of the weights would change what other threads still read.
  if (step.x == step.weights) return std::nullopt;
  step.predictions = lowering.op(*add).output;
  const auto loss = readerOfKind(lowering, step.predictions, OpKind::mseLoss);
  const auto grad = readerOfKind(lowering, step.predictions, OpKind::mseGrad);
  if (!loss || !grad || lowering.op(*loss).inputs != lowering.op(*grad).inputs ||
      lowering.op(*loss).inputs[0] != step.predictions) {
    return std::nullopt;
  }
  step.targets = lowering.op(*loss).inputs[1];
  step.loss = lowering.op(*loss).output;

  const TensorIndex gradient = lowering.op(*grad).output;
  const auto backward = readerOfKind(lowering, gradient, OpKind::matmul);
  const auto sum = readerOfKind(lowering, gradient, OpKind::reduceSum);
  if (!backward || !sum) return std::nullopt;
  const Op& weightGradient = lowering.op(*backward);
  if (!weightGradient.spec.transposeA || weightGradient.spec.transposeB ||
      weightGradient.inputs[0] != step.x || weightGradient.inputs[1] != gradient) {
    return std::nullopt;
  }
  const auto weightUpdate = updateWith(lowering, weightGradient.output);
  const auto biasUpdate = updateWith(lowering, lowering.op(*sum).output);
  if (!weightUpdate || lowering.op(*weightUpdate).output != step.weights) return std::nullopt;
  if (!biasUpdate || lowering.op(*biasUpdate).output != step.bias) return std::nullopt;

  step.ops = {forward, *add, *loss, *grad, *backward, *sum, *weightUpdate, *biasUpdate};
  std::sort(step.ops.begin(), step.ops.end());
  if (lowering.seenOutside(gradient, step.ops) || !lowering.canRunTogether(step.ops)) {
    return std::nullopt;
  }
  const Tensor& predictions = lowering.graph().tensors[step.predictions];
  step.dtype = predictions.dtype;
  step.rows = predictions.shape[0];
  step.units = predictions.shape[1];
  step.features = lowering.graph().tensors[step.x].shape[1];
  step.weightRate = lowering.spec(*weightUpdate).learningRate;
  step.biasRate = lowering.spec(*biasUpdate).learningRate;
  step.predictionsSeen = lowering.seenOutside(step.predictions, step.ops);
  return step;
}

}  // namespace mpsbench::cuda
