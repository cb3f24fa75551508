/** A stretch [start, end) of consecutive samples that is resampled as a whole. */
export interface Unit {
  readonly start: number;
  readonly end: number;
}

/** More units than this bring no better interval, but hide slow correlation (see `unitsOf`). */
export const MAX_UNITS = 20;

/** A single block is cut into this many stretches. */
const CUTS_OF_ONE_BLOCK = 8;

/**
 * Groups a series into the units that can be treated as independent. A unit is a block, as long as
 * there are at most MAX_UNITS of them; beyond that, neighbouring blocks are merged to about equal
 * numbers of samples, so that correlation between neighbours stays inside a unit. These are the
 * batches of simulation practice, of which 10 to 30 are enough: B. Schmeiser, "Batch Size Effects in
 * the Analysis of Simulation Output", Operations Research 30 (1982). A series of one block is cut
 * into contiguous stretches: they keep the correlation of neighbouring samples, though nothing is
 * known about differences between blocks.
 */
export function unitsOf(blocks: readonly number[]): Unit[] {
  const lengths = blocks.length === 1 ? cut(blocks[0] ?? 0) : blocks;
  const ends: number[] = [];
  let total = 0;
  for (const length of lengths) {
    total += length;
    ends.push(total);
  }

  const groups = ends.length > MAX_UNITS ? groupCount(ends.length) : ends.length;
  const units: Unit[] = [];
  let start = 0;
  for (let group = 1; group <= groups; group++) {
    const end = ends[Math.round((group * ends.length) / groups) - 1] ?? total;
    if (end > start) units.push({ start, end });
    start = end;
  }
  return units;
}

/** Half of MAX_UNITS up to MAX_UNITS, so that groups are of nearly equal size. */
function groupCount(blocks: number): number {
  return Math.floor(blocks / Math.ceil(blocks / MAX_UNITS));
}

function cut(samples: number): number[] {
  const cuts = samples >= 2 * CUTS_OF_ONE_BLOCK ? CUTS_OF_ONE_BLOCK : samples;
  return Array.from({ length: cuts }, (_, i) => {
    return Math.floor(((i + 1) * samples) / cuts) - Math.floor((i * samples) / cuts);
  });
}
