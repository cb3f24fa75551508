#include "core/patterns/linear_step.h"

#include <algorithm>

namespace mpsbench {

namespace {

/** The one reader of this kind, where there is exactly one. */
std::optional<OpIndex> readerOfKind(const GraphView& view, TensorIndex tensor, OpKind kind) {
  std::optional<OpIndex> found;
  for (const OpIndex reader : view.readers(tensor)) {
    if (view.spec(reader).kind != kind) continue;
    if (found) return std::nullopt;
    found = reader;
  }
  return found;
}

/** The sgd_update that is the only reader of this gradient. */
std::optional<OpIndex> updateWith(const GraphView& view, TensorIndex gradient) {
  const auto reader = view.onlyReader(gradient);
  if (!reader || view.spec(*reader).kind != OpKind::sgdUpdate) return std::nullopt;
  return reader;
}

}  // namespace

std::optional<LinearStep> findLinearStep(const GraphView& view, OpIndex forward) {
  const Op& product = view.op(forward);
  if (product.spec.kind != OpKind::matmul || product.spec.transposeA || product.spec.transposeB) {
    return std::nullopt;
  }
  const auto add = view.onlyReader(product.output);
  if (!add || view.spec(*add).kind != OpKind::biasAdd) return std::nullopt;

  LinearStep step;
  step.x = product.inputs[0];
  step.weights = product.inputs[1];
  step.bias = view.op(*add).inputs[1];
  // The update of the weights would change what other threads still read.
  if (step.x == step.weights) return std::nullopt;
  step.predictions = view.op(*add).output;
  const auto loss = readerOfKind(view, step.predictions, OpKind::mseLoss);
  const auto grad = readerOfKind(view, step.predictions, OpKind::mseGrad);
  if (!loss || !grad || view.op(*loss).inputs != view.op(*grad).inputs ||
      view.op(*loss).inputs[0] != step.predictions) {
    return std::nullopt;
  }
  step.targets = view.op(*loss).inputs[1];
  step.loss = view.op(*loss).output;

  const TensorIndex gradient = view.op(*grad).output;
  const auto backward = readerOfKind(view, gradient, OpKind::matmul);
  const auto sum = readerOfKind(view, gradient, OpKind::reduceSum);
  if (!backward || !sum) return std::nullopt;
  const Op& weightGradient = view.op(*backward);
  if (!weightGradient.spec.transposeA || weightGradient.spec.transposeB ||
      weightGradient.inputs[0] != step.x || weightGradient.inputs[1] != gradient) {
    return std::nullopt;
  }
  const auto weightUpdate = updateWith(view, weightGradient.output);
  const auto biasUpdate = updateWith(view, view.op(*sum).output);
  if (!weightUpdate || view.op(*weightUpdate).output != step.weights) return std::nullopt;
  if (!biasUpdate || view.op(*biasUpdate).output != step.bias) return std::nullopt;

  step.ops = {forward, *add, *loss, *grad, *backward, *sum, *weightUpdate, *biasUpdate};
  std::sort(step.ops.begin(), step.ops.end());
  if (view.seenOutside(gradient, step.ops) || !view.canRunTogether(step.ops)) {
    return std::nullopt;
  }
  const Tensor& predictions = view.graph().tensors[step.predictions];
  step.dtype = predictions.dtype;
  step.rows = predictions.shape[0];
  step.units = predictions.shape[1];
  step.features = view.graph().tensors[step.x].shape[1];
  step.weightRate = view.spec(*weightUpdate).learningRate;
  step.biasRate = view.spec(*biasUpdate).learningRate;
  step.predictionsSeen = view.seenOutside(step.predictions, step.ops);
  return step;
}

}  // namespace mpsbench
