import { GraphBuilder } from '../../graph/builder.js';
import { bytesPerElement } from '../../graph/shapes.js';
import { formatCount, formatValue } from '../format.js';
import { sequence, uniform } from '../random.js';
import { checkInOnePiece, checkSingly, valuesOf, type Workload } from '../types.js';
import type { LinearParams } from './params.js';
import { checkStep, stepFlops } from './step.js';
import { checkTrajectory, trajectoryFlops } from './trajectory.js';

/** The whole training is compared with the reference in one piece up to this cost. */
const TRAJECTORY_FLOPS = 3e8;

/** What the references of single steps may cost together, and how many there are at most. */
const SINGLE_STEPS = { flops: 1.5e9, steps: 256 };

/**
 * A learning rate at which training converges, to two digits: a tenth of the inverse of the largest
 * curvature. That is 2/units times the largest eigenvalue of x^T x / rows, for values of mean square
 * m about m (1 + sqrt(features/rows))^2 (Marchenko and Pastur 1967).
 */
function stableRate({
  rows,
  features,
  units,
  data,
}: Pick<LinearParams, 'rows' | 'features' | 'units' | 'data'>): number {
  const meanSquare = data === 'uniform' ? 1 / 3 : (rows * features) ** 2 / 3;
  const curvature = (2 / units) * meanSquare * (1 + Math.sqrt(features / rows)) ** 2;
  // Numbers that count up have a mean, whose direction is as steep as all features together.
  const steepest = data === 'uniform' ? curvature : curvature * features;
  return Number((0.1 / steepest).toPrecision(2));
}

function layer(rows: number, features: number, units: number): LinearParams {
  const sizes = { rows, features, units, epochs: 1, data: 'uniform' } as const;
  return { ...sizes, learningRate: stableRate(sizes) };
}

/**
 * Training of y = xW + b by stochastic gradient descent on the mean squared error; one iteration is
 * one step: forward, backward, update. Bound by arithmetic at the larger sizes.
 *
 * The targets are t[:, j] = 2 x[:, j mod features]: the article's y = 2x, unit by unit.
 */
export const linear: Workload<LinearParams> = {
  id: 'linear',
  iteration: 'step',
  summary: 'training step of a linear model, y = xW + b, mean squared error, SGD',
  parameters: [
    { name: 'rows', placeholder: 'n', description: 'examples in the batch', kind: 'count' },
    { name: 'features', placeholder: 'n', description: 'inputs of an example', kind: 'count' },
    { name: 'units', placeholder: 'n', description: 'outputs of the layer', kind: 'count' },
    {
      name: 'epochs',
      placeholder: 'n',
      description: 'training steps of the verified run (a timed iteration is one step)',
      kind: 'count',
    },
    { name: 'learningRate', placeholder: 'x', description: 'learning rate', kind: 'rate' },
  ],
  presets: {
    example: { rows: 4, features: 1, units: 1, epochs: 100, learningRate: 0.01, data: 'sequence' },
    small: layer(256, 256, 256),
    default: layer(4096, 1024, 1024),
    large: layer(8192, 4096, 4096),
  },
  scale: {
    name: 'rows',
    get: ({ rows }) => rows,
    set: (p, rows) => ({ ...p, rows }),
  },

  derive(p, given) {
    const resized = ['rows', 'features', 'units'].some((size) => given.has(size));
    if (!resized || given.has('learningRate')) return p;
    return { ...p, learningRate: stableRate(p) };
  },

  validate() {},

  describeSizes({ rows, features, units }) {
    return `${formatCount(rows)} rows, ${formatCount(features)} features -> ${formatCount(units)} units`;
  },

  graph({ rows, features, units, learningRate }, dtype) {
    const g = new GraphBuilder('linear', dtype);
    const x = g.input('x', [rows, features]);
    const targets = g.input('targets', [rows, units]);
    const weights = g.state('weights', [features, units]);
    const bias = g.state('bias', [units]);

    const product = g.matmul('forward.matmul', x, weights);
    const predictions = g.biasAdd('forward.bias_add', product, bias, 'predictions');
    const loss = g.mseLoss('loss.mse', predictions, targets, 'loss');
    const dPredictions = g.mseGrad('backward.mse_grad', predictions, targets);
    const dWeights = g.matmul('backward.weights', x, dPredictions, { transposeA: true });
    const dBias = g.reduceSum('backward.bias', dPredictions);
    g.sgdUpdate('update.weights', weights, dWeights, learningRate);
    g.sgdUpdate('update.bias', bias, dBias, learningRate);
    return g.build([predictions, loss]);
  },

  values({ rows, features, units, data }, seed) {
    const x =
      data === 'sequence' ? sequence(rows * features, 1) : uniform(rows * features, seed, 0, 1);
    const targets = new Float32Array(rows * units);
    for (let row = 0; row < rows; row++) {
      for (let unit = 0; unit < units; unit++) {
        targets[row * units + unit] = 2 * x[row * features + (unit % features)];
      }
    }
    const weights =
      data === 'sequence'
        ? new Float32Array(features * units)
        : uniform(features * units, seed, 1, 2 ** -6);
    const bias = data === 'sequence' ? new Float32Array(units) : uniform(units, seed, 2, 2 ** -6);
    return new Map([
      ['x', x],
      ['targets', targets],
      ['weights', weights],
      ['bias', bias],
    ]);
  },

  work({ rows, features, units }, dtype) {
    const elements =
      rows * features + // x
      2 * rows * units + // targets, predictions
      2 * (features * units + units); // parameters, read and written
    return {
      // Multiply and add, in the forward pass and in the weight gradient.
      flops: 4 * rows * features * units,
      bytes: elements * bytesPerElement(dtype),
      items: rows,
      itemUnit: 'rows',
    };
  },

  verification(p, dtype) {
    // At 16 bits, small updates are lost or not as an implementation fuses them: the states of two
    // right trainings drift apart, and only a single step has one right answer.
    const exact = dtype === 'f32' || dtype === 'f64';
    if (exact && trajectoryFlops(p) <= TRAJECTORY_FLOPS) return checkInOnePiece(p.epochs);
    const one = trajectoryFlops({ ...p, epochs: 1 });
    const each = one <= TRAJECTORY_FLOPS ? one : stepFlops(p);
    return checkSingly(
      p.epochs,
      Math.min(SINGLE_STEPS.steps, Math.floor(SINGLE_STEPS.flops / each)),
    );
  },

  check(p, precision, before, after, iterations) {
    return trajectoryFlops({ ...p, epochs: iterations }) <= TRAJECTORY_FLOPS
      ? checkTrajectory(p, precision, before, after, iterations)
      : checkStep(p, precision, before, after);
  },

  overflowAdvice:
    'Use a smaller --learning-rate, fewer --epochs, smaller sizes, or a --dtype with a larger range.',

  describeOutput({ features, units, rows, data }, after) {
    const lines = [{ label: 'final loss', value: formatValue(valuesOf(after, 'loss')[0]) }];
    if (features === 1 && units === 1 && data === 'sequence') {
      const [w, b] = [valuesOf(after, 'weights')[0], valuesOf(after, 'bias')[0]];
      const x = rows + 1;
      lines.unshift({ label: `prediction for x = ${x}`, value: formatValue(x * w + b) });
    }
    return lines;
  },
};
