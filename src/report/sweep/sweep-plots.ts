import { type Curve, curveKey, sizeOf, speedupsOf } from '../../result/curves.js';
import type { SweepRecord } from '../../result/schema.js';
import { iterationOf } from '../answer.js';
import type { Plot, PlotSeries } from '../document.js';
import { coordinatesText, words } from './sentences.js';

/** Speedup over size where there is a baseline, else time over size; with all details, both. */
export function sweepPlots(sweep: SweepRecord, curves: readonly Curve[], details: boolean): Plot[] {
  const { over } = sweep;
  if (over === undefined) return [];
  const speedups = speedupPlot(sweep, curves, over);
  const times = timePlot(sweep, curves, over);
  const isDrawable = ({ series }: Plot) => series.some(({ points }) => points.length > 1);
  return [speedups, ...(details || !isDrawable(speedups) ? [times] : [])].filter(isDrawable);
}

/** How many times as fast as the baseline each device is, by size. */
export function speedupPlot(sweep: SweepRecord, curves: readonly Curve[], over: string): Plot {
  const compared = curves.filter(({ device }) => device !== sweep.baseline);
  return {
    kind: 'plot',
    title: `Speedup over ${sweep.baseline}`,
    x: words(over),
    y: 'ratio',
    level: 1,
    series: compared.map((curve): PlotSeries => {
      const record = sweep.curves.find(({ device, at }) => {
        return curveKey(device, at) === curveKey(curve.device, curve.at);
      });
      const crossing =
        record?.crossover?.state === 'between'
          ? ([record.crossover.below, record.crossover.from] as const)
          : undefined;
      return {
        name: `${nameOf(curve)} vs ${sweep.baseline}`,
        color: curves.indexOf(curve),
        points: speedupsOf(curve, over).map(({ size, value, interval }) => {
          return { x: size, y: value, ...(interval && { interval }) };
        }),
        ...(crossing && { crossing }),
      };
    }),
  };
}

/** Time per iteration of each device, by size. */
export function timePlot({ workload }: SweepRecord, curves: readonly Curve[], over: string): Plot {
  return {
    kind: 'plot',
    title: `Time per ${iterationOf(workload)}`,
    x: words(over),
    y: 'time',
    series: curves.map((curve, color) => ({
      name: nameOf(curve),
      color,
      points: curve.rows.flatMap((row) => {
        const wall = row.measurement?.wall;
        if (!wall) return [];
        const { median, interval } = wall;
        return [{ x: sizeOf(row, over), y: median, ...(interval && { interval }) }];
      }),
    })),
  };
}

function nameOf({ device, at }: Curve): string {
  return [device, coordinatesText(at)].filter(Boolean).join(', ');
}
