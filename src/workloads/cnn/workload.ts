import { MpsbenchError } from '../../errors.js';
import { GraphBuilder } from '../../graph/builder.js';
import { bytesPerElement, formatShape } from '../../graph/shapes.js';
import { formatCount, formatValue } from '../format.js';
import { uniform } from '../random.js';
import { checkInOnePiece, valuesOf, type Workload } from '../types.js';
import type { CnnParams } from './geometry.js';
import { CLASSES, flopsPerImage, geometry, KERNEL, STRIDE, WINDOW } from './geometry.js';
import { checkForward } from './reference.js';

/**
 * The batch repeats this many different images, so that the reference computes each of them once
 * and still compares every row. A prime: no tile of a kernel is a multiple of it.
 */
const DISTINCT_IMAGES = 251;

/** What the reference of all distinct images may cost. */
const REFERENCE_FLOPS = 4e8;

const IMAGE_28 = { image: 28, filters: 32 };

/**
 * Forward pass of a small convolutional network:
 * conv 3x3 + bias + ReLU, max-pool 2x2, flatten, dense 10 + bias, softmax.
 */
export const cnn: Workload<CnnParams> = {
  id: 'cnn',
  iteration: 'forward pass',
  summary: 'forward pass of a small convolutional network',
  parameters: [
    { name: 'batch', placeholder: 'n', description: 'images in the batch', kind: 'count' },
    { name: 'image', placeholder: 'n', description: 'height and width of an image', kind: 'count' },
    { name: 'filters', placeholder: 'n', description: 'filters of the convolution', kind: 'count' },
  ],
  presets: {
    example: { batch: 1, ...IMAGE_28 },
    small: { batch: 32, ...IMAGE_28 },
    default: { batch: 4096, ...IMAGE_28 },
    large: { batch: 16384, ...IMAGE_28 },
  },
  scale: {
    name: 'batch',
    get: ({ batch }) => batch,
    set: (p, batch) => ({ ...p, batch }),
  },

  validate({ image, filters }) {
    const smallest = KERNEL + WINDOW - 1;
    if (image < smallest) {
      throw new MpsbenchError(
        'usage',
        `--image ${image} is too small for a ${KERNEL}x${KERNEL} convolution and a ${WINDOW}x${WINDOW} pool.`,
        `Use an image of at least ${smallest}x${smallest} pixels.`,
      );
    }
    if (!Number.isSafeInteger(geometry({ image, filters }).features * CLASSES)) {
      throw new MpsbenchError(
        'usage',
        `--image ${image} with --filters ${filters} has more weights than can be counted exactly.`,
        'Use a smaller image or fewer filters.',
      );
    }
  },

  describeSizes({ batch, image, filters }) {
    return `batch ${formatCount(batch)}, ${image}x${image}x1 images, ${formatCount(filters)} filters`;
  },

  graph(p, dtype) {
    const { batch, image, filters } = p;
    const { features } = geometry(p);
    const g = new GraphBuilder('cnn', dtype);
    const images = g.input('images', [batch, image, image, 1]);
    const kernels = g.weight('filters', [KERNEL, KERNEL, 1, filters]);
    const convBias = g.weight('conv_bias', [filters]);
    const denseWeights = g.weight('dense_weights', [features, CLASSES]);
    const denseBias = g.weight('dense_bias', [CLASSES]);

    const conv = g.conv2d('conv', images, kernels, { strides: [1, 1], padding: 'valid' });
    const biased = g.biasAdd('conv.bias_add', conv, convBias);
    const active = g.relu('conv.relu', biased);
    const pooled = g.maxPool2d('pool', active, {
      window: [WINDOW, WINDOW],
      strides: [STRIDE, STRIDE],
    });
    const flat = g.reshape('flatten', pooled, [batch, features]);
    const dense = g.matmul('dense', flat, denseWeights);
    const logits = g.biasAdd('dense.bias_add', dense, denseBias);
    return g.build([g.softmax('softmax', logits, 'probabilities')]);
  },

  values(p, seed) {
    const { batch, image, filters } = p;
    const { features } = geometry(p);
    const pixels = image * image;
    const distinct = distinctImages(p);
    const base = uniform(distinct * pixels, seed, 0, 1);
    const images = new Float32Array(batch * pixels);
    for (let start = 0; start < images.length; start += base.length) {
      images.set(base.subarray(0, Math.min(base.length, images.length - start)), start);
    }
    return new Map([
      ['images', images],
      ['filters', uniform(KERNEL * KERNEL * filters, seed, 1, 1)],
      ['conv_bias', uniform(filters, seed, 2, 1)],
      // Small enough that the logits stay near 1 and no class gets all the probability.
      ['dense_weights', uniform(features * CLASSES, seed, 3, 2 ** -6)],
      ['dense_bias', uniform(CLASSES, seed, 4, 1)],
    ]);
  },

  work(p, dtype) {
    const { batch, image, filters } = p;
    const { features } = geometry(p);
    const elements =
      batch * (image * image + CLASSES) +
      (KERNEL * KERNEL + 1) * filters +
      (features + 1) * CLASSES;
    return {
      flops: batch * flopsPerImage(p),
      bytes: elements * bytesPerElement(dtype),
      items: batch,
      itemUnit: 'images',
    };
  },

  verification: () => checkInOnePiece(1),

  check(p, precision, before, after) {
    return checkForward(p, precision, before, after, distinctImages(p));
  },

  overflowAdvice: 'Use smaller sizes, or a --dtype with a larger range.',

  describeOutput({ batch }, after) {
    const probabilities = valuesOf(after, 'probabilities');
    let low = Number.POSITIVE_INFINITY;
    let high = Number.NEGATIVE_INFINITY;
    for (let row = 0; row < batch; row++) {
      let sum = 0;
      for (let c = 0; c < CLASSES; c++) sum += probabilities[row * CLASSES + c];
      low = Math.min(low, sum);
      high = Math.max(high, sum);
    }
    const sums =
      formatValue(low) === formatValue(high)
        ? formatValue(low)
        : `${formatValue(low)} to ${formatValue(high)}`;
    return [
      { label: 'output shape', value: formatShape([batch, CLASSES]) },
      { label: 'row sums', value: sums },
    ];
  },
};

function distinctImages(p: CnnParams): number {
  const affordable = Math.max(2, Math.floor(REFERENCE_FLOPS / flopsPerImage(p)));
  return Math.min(p.batch, DISTINCT_IMAGES, affordable);
}
