import type { Precision } from '../../graph/precision.js';
import { unitRoundoff } from '../../graph/shapes.js';
import { sumTolerance, underflowError } from '../tolerance.js';
import { type Check, type Tolerance, type Values, valuesOf } from '../types.js';
import { difference } from './algebra.js';
import type { LinearParams } from './params.js';

export interface UpdateFacts {
  /** Root mean square of what all steps change together. */
  readonly updateRms: number;
  readonly largestParameter: number;
  readonly steps: number;
  /** What the predictions may be off by, over all steps. */
  readonly predictionError: number;
  /** Root mean square of what the errors are multiplied with: of x for weights, 1 for the bias. */
  readonly inputRms: number;
}

/**
 * Tolerance for the change of a parameter: the error of the gradient's sum over the rows, the
 * rounding of the stored parameter, once per step, and what the error of the predictions moves it by.
 * That is rate * 2/units * x * error where the errors of all rows agree, as they do for a rounded
 * weight of a layer with one feature; errors that differ from row to row, and those of many
 * features, cancel.
 */
export function updateTolerance(
  { rows, features, units, learningRate }: LinearParams,
  precision: Precision,
  { updateRms, largestParameter, steps, predictionError, inputRms }: UpdateFacts,
): Tolerance {
  const { dtype } = precision;
  const gradient = sumTolerance(precision, rows, updateRms, {
    roundings: 6,
    products: 1,
    // The stored error and gradient may lie in the subnormal range, and so may the step itself.
    underflow: learningRate * underflowError(dtype, rows + 1) + underflowError(dtype, 1),
  });
  const stored = 2 * unitRoundoff(dtype) * largestParameter * Math.sqrt(steps);
  const agreeing = Math.min(1, 1 / Math.sqrt(features) + 1 / Math.sqrt(rows));
  const passedOn = learningRate * (2 / units) * inputRms * predictionError * agreeing;
  return { abs: gradient.abs + stored + passedOn, rel: gradient.rel };
}

/**
 * Errors of the predictions enter the loss twice; its sum runs over all of them. In f64 the squares
 * of values on a grid round to one side too often for a random walk where they are added one by one;
 * there the bound that holds for any order, u * terms, is still far below every real error.
 */
export function lossTolerance(
  precision: Precision,
  predictionError: number,
  loss: number,
  terms: number,
): Tolerance {
  const sum = sumTolerance(precision, terms, loss, { roundings: 3 });
  const anyOrder = precision.dtype === 'f64' ? unitRoundoff('f64') * terms : 0;
  return {
    abs: sum.abs + 2 * Math.sqrt(loss) * predictionError + predictionError ** 2,
    rel: sum.rel + anyOrder,
  };
}

/** Compares a tensor's values as they are. */
export function check(
  name: string,
  tensor: string,
  after: Values,
  expected: Float64Array,
  tolerance: Tolerance,
): Check {
  return { name, tensor, actual: valuesOf(after, tensor), expected, tolerance };
}

/** Compares by how much a parameter changed: a small update must not hide behind a large value. */
export function updateCheck(
  name: string,
  tensor: string,
  before: Values,
  after: Values,
  expected: Float64Array,
  tolerance: Tolerance,
): Check {
  const start = valuesOf(before, tensor);
  return {
    name,
    tensor,
    actual: difference(valuesOf(after, tensor), start),
    expected: difference(expected, start),
    tolerance,
  };
}
