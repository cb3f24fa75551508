import { unitRoundoff } from '../../graph/shapes.js';
import type { DType } from '../../graph/types.js';
import { sumTolerance, underflowError } from '../tolerance.js';
import { type Check, type Tolerance, type Values, valuesOf } from '../types.js';
import { difference } from './algebra.js';
import type { LinearParams } from './params.js';

/**
 * Tolerance for the change of a parameter: the error of the gradient's sum over the rows, and the
 * rounding of the stored parameter, once a step.
 */
export function updateTolerance(
  { rows, learningRate }: LinearParams,
  dtype: DType,
  updateRms: number,
  largestParameter: number,
  steps: number,
): Tolerance {
  const gradient = sumTolerance(dtype, rows, updateRms, {
    roundings: 6,
    // The stored error and gradient may lie in the subnormal range, and so may the step itself.
    underflow: learningRate * underflowError(dtype, rows + 1) + underflowError(dtype, 1),
  });
  const stored = 2 * unitRoundoff(dtype) * largestParameter * Math.sqrt(steps);
  return { abs: gradient.abs + stored, rel: gradient.rel };
}

/** Errors of the predictions enter the loss twice; its sum runs over all of them. */
export function lossTolerance(dtype: DType, predictionError: number, loss: number, terms: number) {
  const sum = sumTolerance(dtype, terms, loss, { roundings: 3 });
  return {
    abs: sum.abs + 2 * Math.sqrt(loss) * predictionError + predictionError ** 2,
    rel: sum.rel,
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
