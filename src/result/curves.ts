import type { Coordinates, Row } from './schema.js';

/** The measured rows of one device over the curve axis of a sweep, at fixed values of the other axes. */
export interface Curve {
  readonly device: string;
  readonly at: Coordinates;
  /** Ascending in size. */
  readonly rows: readonly Row[];
}

/** One curve per device and combination of the other axes, in the order of the rows. */
export function curvesOf(rows: readonly Row[], over: string): Curve[] {
  const curves = new Map<string, { device: string; at: Coordinates; rows: Row[] }>();
  for (const row of rows) {
    if (row.state !== 'measured' || typeof row.point?.[over] !== 'number') continue;
    const at = otherAxes(row, over);
    const key = curveKey(row.device, at);
    const curve = curves.get(key) ?? { device: row.device, at, rows: [] };
    curve.rows.push(row);
    curves.set(key, curve);
  }
  return [...curves.values()].map((curve) => ({
    ...curve,
    rows: curve.rows.sort((a, b) => sizeOf(a, over) - sizeOf(b, over)),
  }));
}

/** The values of all axes but the curve axis. */
export function otherAxes({ point = {} }: Pick<Row, 'point'>, over: string): Coordinates {
  return Object.fromEntries(Object.entries(point).filter(([name]) => name !== over));
}

/** The same for curves of the same device at the same values of the other axes. */
export function curveKey(device: string, at: Coordinates): string {
  return JSON.stringify([device, ...Object.entries(at).sort(([a], [b]) => (a < b ? -1 : 1))]);
}

/** The value of a row on the curve axis. */
export function sizeOf({ point }: Pick<Row, 'point'>, over: string): number {
  return Number(point?.[over]);
}

/** The speedups of a curve, for `crossoverOf`; sizes without one are left out. */
export function speedupsOf({ rows }: Curve, over: string) {
  return rows.flatMap((row) => {
    if (!row.speedup) return [];
    const { value, interval } = row.speedup;
    return [{ size: sizeOf(row, over), value, interval }];
  });
}
