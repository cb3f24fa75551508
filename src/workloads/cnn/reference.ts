import type { Precision } from '../../graph/precision.js';
import { unitRoundoff } from '../../graph/shapes.js';
import { rootMeanSquare, sumTolerance } from '../tolerance.js';
import { type Check, type Values, valuesOf } from '../types.js';
import type { CnnParams } from './geometry.js';
import { CLASSES, geometry, KERNEL, STRIDE, WINDOW } from './geometry.js';

/** Every probability of every image against float64; equal images have one reference. */
export function checkForward(
  p: CnnParams,
  precision: Precision,
  before: Values,
  after: Values,
  distinct: number,
): Check[] {
  const { dtype } = precision;
  const actual = valuesOf(after, 'probabilities');
  const { features } = geometry(p);
  const base = new Float64Array(distinct * CLASSES);
  let featureRms = 0;
  for (let image = 0; image < distinct; image++) {
    const flat = convReluPool(p, before, image);
    featureRms = Math.max(featureRms, rootMeanSquare(flat));
    base.set(denseSoftmax(flat, before), image * CLASSES);
  }
  const expected = new Float64Array(p.batch * CLASSES);
  for (let i = 0; i < expected.length; i++) expected[i] = base[i % base.length];

  const weightRms = rootMeanSquare(valuesOf(before, 'dense_weights'));
  const logitError = logitRounding(precision, features, featureRms * weightRms);
  const typical = rootMeanSquare(expected.map((p, i) => (actual[i] - p) / p));
  const rowSums = new Float64Array(p.batch);
  for (let i = 0; i < actual.length; i++) rowSums[Math.floor(i / CLASSES)] += actual[i];
  return [
    {
      name: 'every probability',
      tensor: 'probabilities',
      actual,
      expected,
      // p changes by p (1 - p) for each unit of its logit, and by as much for the others'.
      tolerance: { abs: unitRoundoff(dtype) / CLASSES, rel: 2 * logitError },
    },
    {
      // Rounding at a shorter format moves all of them a little, where a single one may be that far off.
      name: 'root mean square of the relative errors',
      tensor: 'probabilities',
      actual: Float64Array.of(typical),
      expected: new Float64Array(1),
      tolerance: { abs: logitError / 2, rel: 0 },
    },
    {
      name: 'sum of every row',
      tensor: 'probabilities',
      actual: rowSums,
      expected: new Float64Array(p.batch).fill(1),
      tolerance: { abs: CLASSES * unitRoundoff(dtype), rel: 0 },
    },
  ];
}

/**
 * Rounding error of a logit, the sum of `features` products of root mean square `product` and a
 * bias below 1. A feature carries its own rounding: three tensors are stored on the way, and it is
 * a sum of products itself.
 */
function logitRounding(precision: Precision, features: number, product: number): number {
  const sum = Math.sqrt(features) * product;
  return sumTolerance(precision, features, sum + 1, { roundings: 4, products: 2 }).abs;
}

/** The pooled feature map of one image, flattened in NHWC order. */
function convReluPool(p: CnnParams, before: Values, index: number): Float64Array {
  const { image, filters } = p;
  const { conv, pool, features } = geometry(p);
  const pixels = valuesOf(before, 'images').subarray(
    index * image * image,
    (index + 1) * image * image,
  );
  const kernels = valuesOf(before, 'filters');
  const bias = valuesOf(before, 'conv_bias');
  const activation = new Float64Array(conv * conv * filters);
  for (let y = 0; y < conv; y++) {
    for (let x = 0; x < conv; x++) {
      const out = activation.subarray((y * conv + x) * filters, (y * conv + x + 1) * filters);
      out.set(bias);
      for (let ky = 0; ky < KERNEL; ky++) {
        for (let kx = 0; kx < KERNEL; kx++) {
          const pixel = pixels[(y + ky) * image + x + kx];
          const kernel = (ky * KERNEL + kx) * filters;
          for (let f = 0; f < filters; f++) out[f] += pixel * kernels[kernel + f];
        }
      }
    }
  }
  const flat = new Float64Array(features);
  for (let y = 0; y < pool; y++) {
    for (let x = 0; x < pool; x++) {
      for (let f = 0; f < filters; f++) {
        // ReLU commutes with the maximum, so it is the floor of the window.
        let largest = 0;
        for (let wy = 0; wy < WINDOW; wy++) {
          for (let wx = 0; wx < WINDOW; wx++) {
            const at = ((y * STRIDE + wy) * conv + x * STRIDE + wx) * filters + f;
            largest = Math.max(largest, activation[at]);
          }
        }
        flat[(y * pool + x) * filters + f] = largest;
      }
    }
  }
  return flat;
}

function denseSoftmax(flat: Float64Array, before: Values): Float64Array {
  const weights = valuesOf(before, 'dense_weights');
  const logits = Float64Array.from(valuesOf(before, 'dense_bias'));
  for (let i = 0; i < flat.length; i++) {
    if (flat[i] === 0) continue;
    for (let c = 0; c < CLASSES; c++) logits[c] += flat[i] * weights[i * CLASSES + c];
  }
  const largest = Math.max(...logits);
  const exponentials = logits.map((logit) => Math.exp(logit - largest));
  const sum = exponentials.reduce((total, value) => total + value, 0);
  return exponentials.map((value) => value / sum);
}
