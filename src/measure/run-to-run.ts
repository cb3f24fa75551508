import type { Summary } from '../result/schema.js';

/**
 * Half the 95 % width by which medians of repeated runs of one program differ beyond what the samples
 * of a single run can tell: where its memory lies, in which state the clocks and the compiler of
 * JavaScript were when it started (Mytkowicz et al. 2009, "Producing wrong data without doing
 * anything obviously wrong"; Kalibera and Jones 2013, "Rigorous benchmarking in reasonable time").
 * For wall time about twice the standard deviation between runs of scripts/check/repeatability.mjs on
 * an H200; for device time what separate runs differed by there (docs/benchmarks.md).
 */
export const RUN_TO_RUN = { wall: 0.02, device: 0.005 } as const;

/** Widens the interval by such a share, as independent errors add up; on the logarithmic scale. */
export function withRunToRun(summary: Summary, share: number): Summary {
  const { median, interval } = summary;
  if (interval === undefined || !(interval[0] > 0)) return summary;
  const reach = (end: number) => Math.exp(Math.hypot(Math.log(end / median), share));
  return { ...summary, interval: [median / reach(interval[0]), median * reach(interval[1])] };
}
