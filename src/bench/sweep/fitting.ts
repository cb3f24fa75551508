import type { DeviceInfo, SkippedPoint } from '../../result/schema.js';
import { fits } from '../../runner/memory.js';
import type { Workload } from '../../workloads/types.js';
import type { SweepPoint } from './plan.js';

/**
 * The points of an automatic sweep that can fit into the memory of every device, and the smallest one that cannot:
 * the sweep ends there, and larger ones are not worth a line.
 */
export function fittingPoints(
  workload: Workload,
  points: readonly SweepPoint[],
  devices: readonly DeviceInfo[],
): { points: SweepPoint[]; skipped: SkippedPoint[] } {
  const fitting: SweepPoint[] = [];
  const skipped: SkippedPoint[] = [];
  for (const point of points) {
    const full = devices.find((device) => !fits(workload, point.params, point.dtype, { device }));
    if (!full) {
      fitting.push(point);
    } else if (skipped.length === 0) {
      const { at } = point;
      const reason = `it and larger ones do not fit into the memory of ${full.id}`;
      skipped.push({ at, device: full.id, code: 'memory', reason });
    }
  }
  return { points: fitting, skipped };
}
