/** `[[6, 8], [10, 12]]`: a tensor as nested lists, values to 6 significant digits. */
export function formatTensor(values: ArrayLike<number>, shape: readonly number[]): string {
  const [extent, ...rest] = shape;
  const stride = rest.reduce((product, e) => product * e, 1);
  const parts = Array.from({ length: extent }, (_, i) => {
    if (rest.length === 0) return formatValue(values[i]);
    return formatTensor(Array.prototype.slice.call(values, i * stride, (i + 1) * stride), rest);
  });
  return `[${parts.join(', ')}]`;
}

/** Up to 6 significant digits, without trailing zeros. */
export function formatValue(value: number): string {
  return Number.isFinite(value) ? String(Number(value.toPrecision(6))) : String(value);
}

/** 4096 -> `4,096`, 2^26 -> `2^26`: large powers of two are written as such. */
export function formatCount(count: number): string {
  const exponent = Math.log2(count);
  return Number.isInteger(exponent) && exponent >= 14
    ? `2^${exponent}`
    : count.toLocaleString('en-US');
}
