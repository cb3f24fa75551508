import { conv2dShape, maxPool2dShape } from '../../graph/shapes.js';
import type { Params } from '../types.js';

/** The sizes that a user chooses. */
export interface CnnParams extends Params {
  readonly batch: number;
  /** Height and width of an image, in pixels; one channel. */
  readonly image: number;
  readonly filters: number;
}

export const KERNEL = 3;
export const WINDOW = 2;
export const STRIDE = 2;
export const CLASSES = 10;

/** Extents of the feature map before and after pooling, and of the flattened features. */
export function geometry({ image, filters }: Pick<CnnParams, 'image' | 'filters'>) {
  const conv = conv2dShape([1, image, image, 1], [KERNEL, KERNEL, 1, filters], {
    strides: [1, 1],
    padding: 'valid',
  });
  const pool = maxPool2dShape(conv, { window: [WINDOW, WINDOW], strides: [STRIDE, STRIDE] });
  return { conv: conv[1], pool: pool[1], features: pool[1] * pool[2] * filters };
}

/** A multiply and an add for each tap of the convolution and each weight of the dense layer. */
export function flopsPerImage(p: Pick<CnnParams, 'image' | 'filters'>): number {
  const { conv, features } = geometry(p);
  return 2 * (conv * conv * KERNEL * KERNEL * p.filters + features * CLASSES);
}
