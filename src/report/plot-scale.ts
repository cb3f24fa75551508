import { scaleLinear, scaleLog } from 'd3-scale';
import { largest, smallest } from '../measure/extremes.js';
import { formatNs, formatSi } from '../result/units.js';
import type { Plot } from './document.js';

/** Values that span less than this factor are drawn on a linear axis. */
const LOG_FROM = 4;

/** Places values along an axis, from 0 to 1. */
export interface Axis {
  place(value: number): number;
  /** Round values to label, ascending. */
  ticks(most: number): number[];
}

/** Logarithmic where the values span a factor of 4 or more; 10 % wider than they are where `padded`. */
export function axisOf(values: readonly number[], padded = false): Axis {
  // A file may hold times of zero iterations.
  const finite = values.filter((value) => Number.isFinite(value));
  const low = smallest(finite);
  const high = largest(finite);
  if (finite.length === 0) return linearAxis(0, 1);
  const isLog = low > 0 && high / low >= LOG_FROM;
  if (isLog) {
    const pad = padded ? (high / low) ** 0.05 : 1;
    const top = Math.min(high * pad, Number.MAX_VALUE);
    const scale = scaleLog([low / pad || low, top], [0, 1]);
    const [from, to] = scale.domain();
    return { place: (value) => scale(value), ticks: (most) => logTicks(from, to, most) };
  }
  // A single value goes in the middle.
  const pad = (padded ? (high - low) * 0.1 : 0) || Math.abs(high) * (high === low ? 0.5 : 0);
  return linearAxis(low - pad, high + pad);
}

export function linearAxis(low: number, high: number): Axis {
  const scale = scaleLinear([low, high], [0, 1]);
  return { place: (value) => scale(value), ticks: (most) => scale.ticks(most) };
}

/** 1, 2 and 5 times powers of ten, or fewer where they are too many. */
function logTicks(low: number, high: number, most: number): number[] {
  const [first, last] = [Math.floor(Math.log10(low)), Math.ceil(Math.log10(high))];
  const decades = Array.from({ length: last - first + 1 }, (_, i) => first + i);
  const within = (values: number[]) => values.filter((value) => value >= low && value <= high);
  for (const digits of [[1, 2, 5], [1, 3], [1]]) {
    const ticks = within(decades.flatMap((exponent) => digits.map((d) => d * 10 ** exponent)));
    if (ticks.length <= most) return ticks;
  }
  const ticks = within(decades.map((exponent) => 10 ** exponent));
  const step = Math.ceil(ticks.length / most);
  return ticks.filter((_, i) => i % step === 0);
}

/** `10x`, `0.1x`, `20 µs`: short, without digits that a round value does not need. */
export function tickText(value: number, y: Plot['y']): string {
  if (y === 'time')
    return formatNs(value)
      .replace(/(\.\d*?)0+ /, '$1 ')
      .replace('. ', ' ');
  return `${Number(value.toPrecision(3)).toLocaleString('en-US', { maximumFractionDigits: 9 })}x`;
}

/** `64`, `1,024`, `2^20`, `3 M`: a size on the horizontal axis. */
export function sizeText(size: number): string {
  const exponent = Math.log2(size);
  if (size >= 10_000) return Number.isInteger(exponent) ? `2^${exponent}` : formatSi(size);
  return size.toLocaleString('en-US');
}
