import { largest } from '../../measure/extremes.js';
import type { Frame } from './frame.js';

/** Something at a place of a chart. */
export interface Dot<T> {
  readonly of: T;
  readonly x: number;
  readonly y: number;
  readonly r: number;
}

/** Radius of a dot where there is room. */
const RADIUS = 3.2;
const SMALLEST = 1;

/**
 * Dots above the base line of a frame, on top of each other where they share a place: a histogram in which each thing
 * is a dot. The more there are, the smaller and the denser they get, so that the highest stack fits.
 * @param xOf where each belongs
 */
export function stacked<T>(
  things: readonly T[],
  xOf: (thing: T) => number,
  { height, bottom, top }: Frame,
): Dot<T>[] {
  const base = height - bottom;
  const room = base - top - 4;
  const placed = things.map((of) => ({ of, x: xOf(of) }));
  let r = RADIUS;
  while (r > SMALLEST && highest(placed, r) * 2 * r > room) r = Math.max(SMALLEST, r * 0.8);
  const step = Math.min(2 * r, room / Math.max(1, highest(placed, r)));
  const counts = new Map<number, number>();
  return placed.map(({ of, x }) => {
    const column = Math.round(x / (2 * r));
    const below = counts.get(column) ?? 0;
    counts.set(column, below + 1);
    return { of, x: column * 2 * r, y: base - 3 - r - below * step, r };
  });
}

function highest(placed: readonly { readonly x: number }[], r: number): number {
  const counts = new Map<number, number>();
  for (const { x } of placed) {
    const column = Math.round(x / (2 * r));
    counts.set(column, (counts.get(column) ?? 0) + 1);
  }
  return largest([...counts.values()]);
}
