import type { HostArray } from '../../backends/types.js';
import { unitRoundoff } from '../../graph/shapes.js';
import type { DType } from '../../graph/types.js';
import { projectionVector, uniformGrid } from '../random.js';
import { rootMeanSquare, sumTolerance, underflowError } from '../tolerance.js';
import { type Check, type Tolerance, type Values, valuesOf } from '../types.js';
import type { LinearParams } from './workload.js';

type Vector = ArrayLike<number>;

/** FLOPs of the reference for the whole training. */
export function trajectoryFlops({ rows, features, units, epochs }: LinearParams): number {
  return 4 * rows * features * units * epochs;
}

/** What the exact columns of a large step may cost. */
const COLUMN_FLOPS = 2e8;

/** A training in float64 from the same start, every value compared. */
export function checkTrajectory(
  p: LinearParams,
  dtype: DType,
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
  for (let step = 0; step < iterations; step++) {
    forward(p, x, weights, bias, predictions);
    loss[0] = meanSquaredError(predictions, targets);
    const { dWeights, dBias } = gradients(p, x, predictions, targets);
    for (let i = 0; i < weights.length; i++) weights[i] -= learningRate * dWeights[i];
    for (let j = 0; j < units; j++) bias[j] -= learningRate * dBias[j];
    largestUpdate += learningRate * rootMeanSquare(dWeights);
  }

  // Gradient descent contracts: an error made in one step is not amplified by the later ones.
  const scale = rootMeanSquare(targets) + rootMeanSquare(predictions);
  const forwardError = sumTolerance(dtype, features, scale * Math.sqrt(iterations), {
    roundings: 4,
  });
  const parameterError = updateTolerance(p, dtype, largestUpdate, largest(weights), iterations);
  const biasError = updateTolerance(p, dtype, largestUpdate, largest(bias), iterations);
  return [
    check('every prediction', 'predictions', after, predictions, {
      abs: forwardError.abs + parameterError.abs * Math.sqrt(features) * rootMeanSquare(x) * 2,
      rel: forwardError.rel,
    }),
    check(
      'loss',
      'loss',
      after,
      loss,
      lossTolerance(dtype, forwardError.abs, loss[0], rows * units),
    ),
    updateCheck('the change of every weight', 'weights', before, after, weights, parameterError),
    updateCheck('the change of the bias', 'bias', before, after, bias, biasError),
  ];
}

/**
 * One step of a layer too large to repeat in full: some columns exactly, and all of it by random
 * projection (Freivalds 1977): predictions r = x (W r) + b r and
 * (W' - W) r = -rate * 2/N x^T ((predictions - targets) r) cost O(n^2) and miss a wrong element
 * only where its error is smaller than the rounding of a sum over one row.
 */
export function checkStep(p: LinearParams, dtype: DType, before: Values, after: Values): Check[] {
  const { rows, features, units, learningRate } = p;
  const x = valuesOf(before, 'x');
  const targets = valuesOf(before, 'targets');
  const [weights, bias] = [valuesOf(before, 'weights'), valuesOf(before, 'bias')];
  const predictions = valuesOf(after, 'predictions');
  const rate = (2 * learningRate) / (rows * units);

  const columns = chosenColumns(units, Math.floor(COLUMN_FLOPS / (4 * rows * features)));
  const exact = exactColumns(p, x, targets, weights, bias, columns);
  const columnTolerance = sumTolerance(dtype, features, rootMeanSquare(exact.predictions), {
    roundings: 3,
  });
  const updateRms = rootMeanSquare(exact.updates);
  const updated = valuesOf(after, 'weights');
  const weightTolerance = updateTolerance(p, dtype, updateRms, largest(updated), 1);

  const r = projectionVector(units, 0xf1);
  const error = new Float64Array(rows);
  const residual = new Float64Array(units);
  for (let row = 0; row < rows; row++) {
    let sum = 0;
    for (let j = 0; j < units; j++) {
      const e = predictions[row * units + j] - targets[row * units + j];
      sum += e * r[j];
      residual[j] += e;
    }
    error[row] = sum;
  }
  const expectedPredictions = addScalar(
    timesVector(x, timesVector(weights, r, features, units), rows, features),
    dot(bias, r),
  );
  const gradient = transposeTimesVector(x, error, rows, features);
  const expectedBias = Float64Array.from(bias, (b, j) => b - rate * residual[j]);
  const loss = Float64Array.of(meanSquaredError(predictions, targets));

  const projected = Math.sqrt(units);
  return [
    {
      name: `${columns.length} of ${units} columns of the predictions`,
      tensor: 'predictions',
      actual: takeColumns(predictions, rows, units, columns),
      expected: exact.predictions,
      tolerance: columnTolerance,
    },
    {
      name: 'all predictions, projected',
      tensor: 'predictions',
      actual: timesVector(predictions, r, rows, units),
      expected: expectedPredictions,
      tolerance: { abs: columnTolerance.abs * projected, rel: columnTolerance.rel },
    },
    check(
      'loss',
      'loss',
      after,
      loss,
      lossTolerance(dtype, columnTolerance.abs, loss[0], rows * units),
    ),
    {
      name: `the change of ${columns.length} of ${units} columns of the weights`,
      tensor: 'weights',
      actual: difference(
        takeColumns(updated, features, units, columns),
        takeColumns(weights, features, units, columns),
      ),
      expected: exact.updates.map((update) => -update),
      tolerance: weightTolerance,
    },
    {
      name: 'the change of all weights, projected',
      tensor: 'weights',
      actual: difference(
        timesVector(updated, r, features, units),
        timesVector(weights, r, features, units),
      ),
      expected: gradient.map((g) => -rate * g),
      tolerance: { abs: weightTolerance.abs * projected, rel: weightTolerance.rel },
    },
    updateCheck('the change of the bias', 'bias', before, after, expectedBias, {
      abs: updateTolerance(p, dtype, updateRms, largest(expectedBias), 1).abs,
      rel: weightTolerance.rel,
    }),
  ];
}

/** y[rows, units] = x W + b. */
function forward(p: LinearParams, x: Vector, weights: Vector, bias: Vector, y: Float64Array): void {
  const { rows, features, units } = p;
  for (let row = 0; row < rows; row++) {
    const out = y.subarray(row * units, (row + 1) * units);
    out.set(bias as Float64Array);
    for (let i = 0; i < features; i++) {
      const value = x[row * features + i];
      for (let j = 0; j < units; j++) out[j] += value * weights[i * units + j];
    }
  }
}

function gradients(p: LinearParams, x: Vector, predictions: Vector, targets: Vector) {
  const { rows, features, units } = p;
  const dWeights = new Float64Array(features * units);
  const dBias = new Float64Array(units);
  const scale = 2 / (rows * units);
  const error = new Float64Array(units);
  for (let row = 0; row < rows; row++) {
    for (let j = 0; j < units; j++) {
      error[j] = scale * (predictions[row * units + j] - targets[row * units + j]);
      dBias[j] += error[j];
    }
    for (let i = 0; i < features; i++) {
      const value = x[row * features + i];
      for (let j = 0; j < units; j++) dWeights[i * units + j] += value * error[j];
    }
  }
  return { dWeights, dBias };
}

/** The step of some units alone: the units of a linear layer do not depend on each other. */
function exactColumns(
  p: LinearParams,
  x: Vector,
  targets: Vector,
  weights: HostArray,
  bias: HostArray,
  columns: readonly number[],
) {
  const sub: LinearParams = { ...p, units: columns.length };
  const w = takeColumns(weights, p.features, p.units, columns);
  const b = takeColumns(bias, 1, p.units, columns);
  const t = takeColumns(targets, p.rows, p.units, columns);
  const predictions = new Float64Array(p.rows * columns.length);
  forward(sub, x, w, b, predictions);
  const { dWeights } = gradients(sub, x, predictions, t);
  // The mean runs over all units, not only over the chosen ones.
  const rate = p.learningRate * (columns.length / p.units);
  const updates = dWeights.map((g) => rate * g);
  return { predictions, updates };
}

/** Up to `count` distinct columns, spread by a seeded draw; always the first and the last. */
function chosenColumns(units: number, count: number): number[] {
  const wanted = Math.min(units, Math.max(2, count));
  const draws = uniformGrid(wanted * 4, 0xc01, 0, 1);
  const chosen = new Set([0, units - 1]);
  for (let i = 0; chosen.size < wanted && i + 1 < draws.length; i += 2) {
    const fine = (draws[i] + 1) / 2 + draws[i + 1] / 256;
    chosen.add(Math.min(units - 1, Math.max(0, Math.floor(fine * units))));
  }
  return [...chosen].sort((a, b) => a - b);
}

function takeColumns(
  matrix: Vector,
  rows: number,
  width: number,
  columns: readonly number[],
): Float64Array {
  const taken = new Float64Array(rows * columns.length);
  for (let row = 0; row < rows; row++) {
    for (let k = 0; k < columns.length; k++) {
      taken[row * columns.length + k] = matrix[row * width + columns[k]];
    }
  }
  return taken;
}

/**
 * Tolerance for the change of a parameter: the error of the gradient's sum over the rows, and the
 * rounding of the stored parameter, once a step.
 */
function updateTolerance(
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
function lossTolerance(dtype: DType, predictionError: number, loss: number, terms: number) {
  const sum = sumTolerance(dtype, terms, loss, { roundings: 3 });
  return {
    abs: sum.abs + 2 * Math.sqrt(loss) * predictionError + predictionError ** 2,
    rel: sum.rel,
  };
}

function meanSquaredError(predictions: Vector, targets: Vector): number {
  let sum = 0;
  for (let i = 0; i < predictions.length; i++) sum += (predictions[i] - targets[i]) ** 2;
  return sum / predictions.length;
}

function timesVector(matrix: Vector, v: Vector, rows: number, columns: number): Float64Array {
  const result = new Float64Array(rows);
  for (let row = 0; row < rows; row++) {
    let sum = 0;
    for (let j = 0; j < columns; j++) sum += matrix[row * columns + j] * v[j];
    result[row] = sum;
  }
  return result;
}

function transposeTimesVector(matrix: Vector, v: Vector, rows: number, columns: number) {
  const result = new Float64Array(columns);
  for (let row = 0; row < rows; row++) {
    for (let j = 0; j < columns; j++) result[j] += matrix[row * columns + j] * v[row];
  }
  return result;
}

function dot(a: Vector, b: Vector): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}

function addScalar(values: Float64Array, scalar: number): Float64Array {
  return values.map((value) => value + scalar);
}

function difference(a: Vector, b: Vector): Float64Array {
  return Float64Array.from(a, (value, i) => value - b[i]);
}

function largest(values: Vector): number {
  let most = 0;
  for (let i = 0; i < values.length; i++) most = Math.max(most, Math.abs(values[i]));
  return most;
}

function check(
  name: string,
  tensor: string,
  after: Values,
  expected: Float64Array,
  tolerance: Tolerance,
): Check {
  return { name, tensor, actual: valuesOf(after, tensor), expected, tolerance };
}

/** Compares by how much a parameter changed: a small update must not hide behind a large value. */
function updateCheck(
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
