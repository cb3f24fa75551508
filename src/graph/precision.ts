import type { DType, NumberFormat } from '../result/dtypes.js';
import type { Op, OpKind } from './types.js';

/** How a run rounds: what its tensors are held in, and what its products are computed from. */
export interface Precision {
  readonly dtype: DType;
  /** The factors of f32 products are rounded to TF32; sums and tensors stay f32. */
  readonly tf32: boolean;
}

/** TF32 keeps 10 bits of fraction and the exponent of f32 (NVIDIA A100 whitepaper, 2020). */
const TF32_UNIT_ROUNDOFF = 2 ** -11;

/** Products are computed from the factors as they are held. */
export function strict(dtype: DType): Precision {
  return { dtype, tf32: false };
}

/** The format that products of this precision are computed in. */
export function productFormat({ dtype, tf32 }: Precision): NumberFormat {
  return dtype === 'f32' && tf32 ? 'tf32' : dtype;
}

/** Unit roundoff of the factors of a product beyond that of the tensors: 0 if there is none. */
export function factorRoundoff(precision: Precision): number {
  return productFormat(precision) === 'tf32' ? TF32_UNIT_ROUNDOFF : 0;
}

/** Ops that are sums of products: what tensor cores compute, and what TF32 concerns. */
const PRODUCTS: readonly OpKind[] = ['matmul', 'conv2d'];

export function isProduct({ kind }: Pick<Op, 'kind'>): boolean {
  return PRODUCTS.includes(kind);
}
