import { type Crossover, crossoverOf } from '../../measure/crossover.js';
import { type Overhead, overheadOf } from '../../measure/overhead.js';
import { type Curve, speedupsOf } from '../../result/curves.js';

/** From which size on the device of a curve beats the baseline. */
export function curveCrossover(curve: Curve, over: string): Crossover | undefined {
  return crossoverOf(speedupsOf(curve, over));
}

/** By the clock of the host: what a caller waits for. */
export function curveOverhead({ rows }: Curve): Overhead | undefined {
  return overheadOf(
    rows.flatMap(({ work, measurement }) => {
      if (!measurement) return [];
      const { median, interval } = measurement.wall;
      return [{ work: work.flops, ns: median, interval }];
    }),
  );
}
