/** Element types of tensors. */
export const DTYPES = ['f32', 'f16', 'bf16', 'f64'] as const;
export type DType = (typeof DTYPES)[number];

/** Formats that hardware multiplies in; a peak is given for each. */
export const NUMBER_FORMATS = [...DTYPES, 'tf32'] as const;
export type NumberFormat = (typeof NUMBER_FORMATS)[number];
