import type { DType } from '../result/dtypes.js';
import type { Conv2dOp, Graph, MaxPool2dOp, Shape, Tensor } from './types.js';

const BYTES_OF: Readonly<Record<DType, number>> = { f64: 8, f32: 4, f16: 2, bf16: 2 };

export function bytesPerElement(dtype: DType): number {
  return BYTES_OF[dtype];
}

/**
 * Unit roundoff: half the distance from 1 to the next larger value (2^-p for p significant bits,
 * IEEE 754; bfloat16 has 8).
 */
export function unitRoundoff(dtype: DType): number {
  return { f64: 2 ** -53, f32: 2 ** -24, f16: 2 ** -11, bf16: 2 ** -8 }[dtype];
}

/** The smallest positive value (subnormal). */
export function smallestSubnormal(dtype: DType): number {
  return { f64: 2 ** -1074, f32: 2 ** -149, f16: 2 ** -24, bf16: 2 ** -133 }[dtype];
}

/** The smallest positive value that is not subnormal. */
export function smallestNormal(dtype: DType): number {
  return { f64: 2 ** -1022, f32: 2 ** -126, f16: 2 ** -14, bf16: 2 ** -126 }[dtype];
}

/** The largest finite value. */
export function largestFinite(dtype: DType): number {
  return {
    f64: Number.MAX_VALUE,
    f32: (2 - 2 ** -23) * 2 ** 127,
    f16: 65504,
    bf16: (2 - 2 ** -7) * 2 ** 127,
  }[dtype];
}

/** Number of elements; may exceed Number.MAX_SAFE_INTEGER, so compare before use. */
export function elementCount(shape: Shape): number {
  return shape.reduce((product, extent) => product * extent, 1);
}

export function tensorBytes(tensor: Pick<Tensor, 'shape' | 'dtype'>): number {
  return elementCount(tensor.shape) * bytesPerElement(tensor.dtype);
}

/** The memory that all tensors of a graph need if none is fused away. */
export function graphBytes(graph: Graph): number {
  return graph.tensors.reduce((sum, tensor) => sum + tensorBytes(tensor), 0);
}

export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((extent, axis) => extent === b[axis]);
}

/** `(1, 28, 28, 1)`: as NumPy writes a shape. */
export function formatShape(shape: Shape): string {
  return shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(', ')})`;
}

/** The spatial output extent of a window that moves over `extent` without padding. */
function windowCount(extent: number, window: number, stride: number): number {
  return Math.floor((extent - window) / stride) + 1;
}

/** Output shape [n, oh, ow, f] of a convolution of x [n, h, w, c] with filters [kh, kw, c, f]. */
export function conv2dShape(
  x: Shape,
  filters: Shape,
  { strides, padding }: Pick<Conv2dOp, 'strides' | 'padding'>,
): Shape {
  const out = (axis: 0 | 1): number =>
    padding === 'same'
      ? Math.ceil(x[axis + 1] / strides[axis])
      : windowCount(x[axis + 1], filters[axis], strides[axis]);
  return [x[0], out(0), out(1), filters[3]];
}

/** Output shape [n, oh, ow, c] of max-pooling x [n, h, w, c]. */
export function maxPool2dShape(
  x: Shape,
  { window, strides }: Pick<MaxPool2dOp, 'window' | 'strides'>,
): Shape {
  return [
    x[0],
    windowCount(x[1], window[0], strides[0]),
    windowCount(x[2], window[1], strides[1]),
    x[3],
  ];
}
