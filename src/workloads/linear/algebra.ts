import type { LinearParams } from './params.js';

/** Plain float64 linear algebra over row-major arrays. */
export type Vector = ArrayLike<number>;

/** y[rows, units] = x W + b. */
export function forward(
  p: LinearParams,
  x: Vector,
  weights: Vector,
  bias: Vector,
  y: Float64Array,
): void {
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

export function gradients(p: LinearParams, x: Vector, predictions: Vector, targets: Vector) {
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

/**
 * The mean over all elements. Its sum gives back what each addition loses (W. Kahan, CACM 8 (1965)):
 * millions of squares of one sign, of values on a grid, round to one side too often for a plain sum.
 */
export function meanSquaredError(predictions: Vector, targets: Vector): number {
  let sum = 0;
  let surplus = 0;
  for (let i = 0; i < predictions.length; i++) {
    const term = (predictions[i] - targets[i]) ** 2 - surplus;
    const next = sum + term;
    surplus = next - sum - term;
    sum = next;
  }
  return sum / predictions.length;
}

export function timesVector(
  matrix: Vector,
  v: Vector,
  rows: number,
  columns: number,
): Float64Array {
  const result = new Float64Array(rows);
  for (let row = 0; row < rows; row++) {
    let sum = 0;
    for (let j = 0; j < columns; j++) sum += matrix[row * columns + j] * v[j];
    result[row] = sum;
  }
  return result;
}

/**
 * (after - before) v, the difference taken first: that of the two products would lose the digits that
 * they share, and a step changes little.
 */
export function changeTimesVector(
  after: Vector,
  before: Vector,
  v: Vector,
  rows: number,
  columns: number,
): Float64Array {
  const result = new Float64Array(rows);
  for (let row = 0; row < rows; row++) {
    let sum = 0;
    for (let j = 0; j < columns; j++) {
      const at = row * columns + j;
      sum += (after[at] - before[at]) * v[j];
    }
    result[row] = sum;
  }
  return result;
}

export function transposeTimesVector(matrix: Vector, v: Vector, rows: number, columns: number) {
  const result = new Float64Array(columns);
  for (let row = 0; row < rows; row++) {
    for (let j = 0; j < columns; j++) result[j] += matrix[row * columns + j] * v[row];
  }
  return result;
}

export function dot(a: Vector, b: Vector): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}

export function addScalar(values: Float64Array, scalar: number): Float64Array {
  return values.map((value) => value + scalar);
}

export function difference(a: Vector, b: Vector): Float64Array {
  return Float64Array.from(a, (value, i) => value - b[i]);
}

/** The columns of a matrix of that width, side by side. */
export function takeColumns(
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
