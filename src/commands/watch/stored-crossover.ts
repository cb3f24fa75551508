import { storedResult } from '../../result/result-store.js';
import type { Crossover } from '../../watch/findings.js';

/** How many of the latest results are looked through. */
const LOOKED_AT = 5;

/** From which batch on a GPU of this machine is faster, by the latest sweep of bench that is kept. */
export async function storedCrossover(): Promise<Crossover | undefined> {
  for (let n = 1; n <= LOOKED_AT; n++) {
    const stored = await storedResult(n, 'bench').catch(() => undefined);
    if (stored?.result.command !== 'bench') return undefined;
    for (const { workload, over, curves } of stored.result.sweeps ?? []) {
      const found = curves.find(({ crossover }) => crossover?.state === 'between');
      if (over === undefined || found?.crossover?.state !== 'between') continue;
      return { workload, axis: over, from: found.crossover.from };
    }
  }
  return undefined;
}
