import type { Precision } from '../../graph/precision.js';
import { largest, rootMeanSquare, sumTolerance } from '../tolerance.js';
import { type Check, type Values, valuesOf } from '../types.js';
import { forward, gradients, meanSquaredError } from './algebra.js';
import { check, lossTolerance, updateCheck, updateTolerance } from './checks.js';
import type { LinearParams } from './params.js';

/** FLOPs of the reference for the whole training. */
export function trajectoryFlops({ rows, features, units, epochs }: LinearParams): number {
  return 4 * rows * features * units * epochs;
}

/** A training in float64 from the same start, every value compared. */
export function checkTrajectory(
  p: LinearParams,
  precision: Precision,
  before: Values,
  after: Values,
  iterations: number,
): Check[] {
  const { rows, features, units, learningRate } = p;
  const x = valuesOf(before, 'x');
  const targets = valuesOf(before, 'targets');
  const weights = Float64Array.from(valuesOf(before, 'weights'));
  const bias = Float64Array.from(valuesOf(before, 'bias'));
  const predictions = new Float64Array(rows * units);
  const loss = new Float64Array(1);
  let largestUpdate = 0;
  let magnitude = 0;
  for (let step = 0; step < iterations; step++) {
    forward(p, x, weights, bias, predictions);
    loss[0] = meanSquaredError(predictions, targets);
    const { dWeights, dBias } = gradients(p, x, predictions, targets);
    for (let i = 0; i < weights.length; i++) weights[i] -= learningRate * dWeights[i];
    for (let j = 0; j < units; j++) bias[j] -= learningRate * dBias[j];
    largestUpdate += learningRate * rootMeanSquare(dWeights);
    for (const tensor of [predictions, loss, dWeights, weights, bias]) {
      magnitude = Math.max(magnitude, largest(tensor));
    }
  }

  // Gradient descent contracts: an error made in one step is not amplified by the later ones.
  const scale = rootMeanSquare(targets) + rootMeanSquare(predictions);
  const forwardError = sumTolerance(precision, features, scale * Math.sqrt(iterations), {
    roundings: 4,
    products: 1,
  });
  const facts = {
    updateRms: largestUpdate,
    steps: iterations,
    predictionError: forwardError.abs,
  };
  const inputRms = rootMeanSquare(x);
  const parameterError = updateTolerance(p, precision, {
    ...facts,
    largestParameter: largest(weights),
    inputRms,
  });
  const biasError = updateTolerance(p, precision, {
    ...facts,
    largestParameter: largest(bias),
    inputRms: 1,
  });
  const checks = [
    check('every prediction', 'predictions', after, predictions, {
      abs: forwardError.abs + parameterError.abs * Math.sqrt(features) * inputRms * 2,
      rel: forwardError.rel,
    }),
    check(
      'loss',
      'loss',
      after,
      loss,
      lossTolerance(precision, forwardError.abs, loss[0], rows * units),
    ),
    updateCheck('the change of every weight', 'weights', before, after, weights, parameterError),
    updateCheck('the change of the bias', 'bias', before, after, bias, biasError),
  ];
  return checks.map((one) => ({ ...one, magnitude }));
}
