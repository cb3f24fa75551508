/** Numbers with units, as the field writes them: three or four significant digits. */

/** `12.34 ms`, from nanoseconds. */
export function formatNs(ns: number): string {
  if (ns === 0) return '0 ns';
  for (const [unit, size] of TIME_UNITS) {
    if (Math.abs(ns) >= size * 0.99995) return `${significant(ns / size, 4)} ${unit}`;
  }
  return `${significant(ns, 3)} ns`;
}

const TIME_UNITS = [
  ['s', 1e9],
  ['ms', 1e6],
  ['µs', 1e3],
  ['ns', 1],
] as const;

/** `83.1 k`, `1.23 M`: a number with an SI prefix, to go under its unit. */
export function formatSi(value: number): string {
  for (const [prefix, size] of SI_PREFIXES) {
    if (Math.abs(value) >= size * 0.9995) return `${significant(value / size, 3)} ${prefix}`.trim();
  }
  return value === 0 ? '0' : significant(value, 3);
}

const SI_PREFIXES = [
  ['T', 1e12],
  ['G', 1e9],
  ['M', 1e6],
  ['k', 1e3],
  ['', 1],
] as const;

/** `79.2 GFLOP/s`, `1.49 TFLOP/s`, from 10^9 operations per second. */
export function formatFlops(gflops: number): string {
  return withUnit(formatSi(gflops * 1e9), 'FLOP/s');
}

/** `83.1 GB/s`, `4.80 TB/s`, from 10^9 bytes per second. */
export function formatBandwidth(gbPerS: number): string {
  return withUnit(formatSi(gbPerS * 1e9), 'B/s');
}

/** A prefix goes right before its unit: `12.0 M` and `B/s` give `12.0 MB/s`. */
function withUnit(number: string, unit: string): string {
  return /[a-zA-Z]$/.test(number) ? number + unit : `${number} ${unit}`;
}

/** `1,234`, `83.1`, `0.0412`: three significant digits, and every digit before the point. */
export function formatRate(value: number): string {
  if (Math.abs(value) >= 99.95) return Math.round(value).toLocaleString('en-US');
  return value === 0 ? '0' : significant(value, 3);
}

/** `0.05 %`, `0.8 %`, `12 %`, from a share of 1. */
export function formatPercent(share: number): string {
  const percent = share * 100;
  if (percent === 0) return '0 %';
  if (percent < 0.01) return '<0.01 %';
  if (percent < 0.095) return `${percent.toFixed(2)} %`;
  if (percent > 999) return '>999 %';
  return `${percent < 9.95 ? percent.toFixed(1) : Math.round(percent)} %`;
}

/**
 * `takes 19 % longer`, `takes 4.0x as long`.
 * @param ratio of two times, above 1
 * @param other what has the shorter time: `takes 19 % longer than cuda:1`
 */
export function formatLonger(ratio: number, other?: string): string {
  return ratio < 2
    ? `takes ${formatPercent(ratio - 1)} longer${other ? ` than ${other}` : ''}`
    : `takes ${ratio.toPrecision(2)}x as long${other ? ` as ${other}` : ''}`;
}

/** `15.6 GiB`: memory is sold in powers of two. */
export function formatBytes(bytes: number): string {
  const units = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];
  let unit = 0;
  let value = bytes;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${unit === 0 ? value : Number(value.toPrecision(3))} ${units[unit]}`;
}

/** Half of the width of an interval over its middle: `±0.8 %`; `±?` if there is none. */
export function formatInterval(
  middle: number,
  interval: readonly [number, number] | undefined,
): string {
  if (interval === undefined) return '±?';
  return `±${formatPercent(middle > 0 ? (interval[1] - interval[0]) / 2 / middle : 0)}`;
}

/** Never in exponent form, and with its zeros, so that columns line up. */
function significant(value: number, digits: number): string {
  const exponent = value === 0 ? 0 : Math.floor(Math.log10(Math.abs(value)));
  const text = value.toFixed(Math.min(20, Math.max(0, digits - 1 - exponent)));
  // Rounding may have added a digit: 9.9996 -> 10.000.
  const decimals = text.split('.')[1]?.length ?? 0;
  const grown = Math.floor(Math.log10(Math.abs(Number(text)))) > exponent && decimals > 0;
  return grown ? value.toFixed(decimals - 1) : text;
}
