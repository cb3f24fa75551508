/** C[m, n] = op(A)[m, k] op(B)[k, n]. */
export interface MatmulShape {
  readonly m: number;
  readonly n: number;
  readonly k: number;
  /** A is stored as [k, m]. */
  readonly transposeA: boolean;
  /** B is stored as [n, k]. */
  readonly transposeB: boolean;
}

/** What runs on the products before they are written. */
export interface MatmulEpilogue {
  /** Adds bias[n] to every row. */
  readonly bias: boolean;
  /**
   * `relu`: max(x, 0). `sgd`: C is a parameter and the product its gradient, C <- C - rate * AB.
   * `softmax`: over each row.
   */
  readonly finish: 'none' | 'relu' | 'sgd' | 'softmax';
  readonly learningRate?: number;
}

export const PLAIN: MatmulEpilogue = { bias: false, finish: 'none' };

/** `matmul.wgsl 128x128 tn + bias`: file (with its tile), transposes and epilogue. */
export function matmulName(
  file: string,
  { transposeA, transposeB }: MatmulShape,
  { bias, finish }: MatmulEpilogue,
): string {
  const layout = `${transposeA ? 't' : 'n'}${transposeB ? 't' : 'n'}`;
  const parts = [
    `${file} ${layout}`,
    bias && 'bias',
    finish !== 'none' && finish.replace('sgd', 'sgd_update'),
  ];
  return parts.filter(Boolean).join(' + ');
}
