import { type Precision, strict } from '../../graph/precision.js';
import type { HostArray } from '../../graph/types.js';
import { projectionVector, uniform } from '../random.js';
import { largest, rootMeanSquare, sumTolerance } from '../tolerance.js';
import { type Check, type Tolerance, type Values, valuesOf } from '../types.js';
import {
  addScalar,
  changeTimesVector,
  difference,
  dot,
  forward,
  gradients,
  meanSquaredError,
  takeColumns,
  timesVector,
  transposeTimesVector,
  type Vector,
} from './algebra.js';
import { check, lossTolerance, updateCheck, updateTolerance } from './checks.js';
import type { LinearParams } from './params.js';

/** What the exact columns of a large step may cost. */
const COLUMN_FLOPS = 2e8;

/** Reading every element a few times, for the projections, costs about as much as this many FLOPs. */
const FLOPS_PER_ELEMENT = 40;

/** What `checkStep` costs, in FLOPs of the reference. */
export function stepFlops({ rows, features, units }: LinearParams): number {
  const elements = rows * features + rows * units + features * units;
  return COLUMN_FLOPS + FLOPS_PER_ELEMENT * elements;
}

/**
 * One step of a layer too large to repeat in full: some columns exactly, and all of it by random
 * projection (Freivalds 1977): predictions r = x (W r) + b r and
 * (W' - W) r = -rate * 2/N x^T ((predictions - targets) r) cost O(n^2) and miss a wrong element
 * only if its error is smaller than the rounding of a sum over one row.
 */
export function checkStep(
  p: LinearParams,
  precision: Precision,
  before: Values,
  after: Values,
): Check[] {
  const { rows, features, units, learningRate } = p;
  const x = valuesOf(before, 'x');
  const targets = valuesOf(before, 'targets');
  const [weights, bias] = [valuesOf(before, 'weights'), valuesOf(before, 'bias')];
  const predictions = valuesOf(after, 'predictions');
  const rate = (2 * learningRate) / (rows * units);

  const columns = chosenColumns(units, Math.floor(COLUMN_FLOPS / (4 * rows * features)));
  const exact = exactColumns(p, x, targets, weights, bias, columns);
  const predictionRms = rootMeanSquare(exact.predictions);
  const columnTolerance = sumTolerance(precision, features, predictionRms, {
    roundings: 3,
    products: 1,
  });
  const updateRms = rootMeanSquare(exact.updates);
  const updated = valuesOf(after, 'weights');
  const facts = { updateRms, steps: 1, predictionError: columnTolerance.abs };
  const weightTolerance = updateTolerance(p, precision, {
    ...facts,
    largestParameter: largest(updated),
    inputRms: rootMeanSquare(x),
  });

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
  // A projection may be larger than what any tensor has to hold.
  const columnMagnitudes = {
    predictions: largest(exact.predictions),
    weights: Math.max(largest(weights), largest(exact.updates) / Math.min(1, learningRate)),
  };
  const gradient = transposeTimesVector(x, error, rows, features);
  const expectedBias = Float64Array.from(bias, (b, j) => b - rate * residual[j]);
  const loss = Float64Array.of(meanSquaredError(predictions, targets));

  return [
    {
      name: `${columns.length} of ${units} columns of the predictions`,
      tensor: 'predictions',
      actual: takeColumns(predictions, rows, units, columns),
      expected: exact.predictions,
      tolerance: columnTolerance,
      magnitude: columnMagnitudes.predictions,
    },
    {
      name: 'all predictions, projected',
      tensor: 'predictions',
      actual: timesVector(predictions, r, rows, units),
      expected: expectedPredictions,
      tolerance: projectedTolerance(columnTolerance, units, features, predictionRms),
      magnitude: columnMagnitudes.predictions,
    },
    check(
      'loss',
      'loss',
      after,
      loss,
      lossTolerance(precision, columnTolerance.abs, loss[0], rows * units),
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
      magnitude: columnMagnitudes.weights,
    },
    {
      name: 'the change of all weights, projected',
      tensor: 'weights',
      actual: changeTimesVector(updated, weights, r, features, units),
      expected: gradient.map((g) => -rate * g),
      tolerance: projectedTolerance(weightTolerance, units, rows, updateRms),
      magnitude: columnMagnitudes.weights,
    },
    updateCheck('the change of the bias', 'bias', before, after, expectedBias, {
      abs: updateTolerance(p, precision, {
        ...facts,
        largestParameter: largest(expectedBias),
        inputRms: 1,
      }).abs,
      rel: weightTolerance.rel,
    }),
  ];
}

/**
 * Tolerance for a projection of `units` values that each have the tolerance `ofOne` and the root mean
 * square `rms`. The projection rounds, too: the check's own sums in float64, over the units and over
 * the `terms` of a value, count where the device computes in float64.
 */
function projectedTolerance(
  ofOne: Tolerance,
  units: number,
  terms: number,
  rms: number,
): Tolerance {
  const own = sumTolerance(strict('f64'), units + terms, rms).abs;
  return { abs: (ofOne.abs + own) * Math.sqrt(units), rel: ofOne.rel };
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
  const draws = uniform(wanted * 2, 0xc01, 0, 1);
  const chosen = new Set([0, units - 1]);
  for (let i = 0; chosen.size < wanted && i < draws.length; i++) {
    chosen.add(Math.min(units - 1, Math.floor(((draws[i] + 1) / 2) * units)));
  }
  return [...chosen].sort((a, b) => a - b);
}
