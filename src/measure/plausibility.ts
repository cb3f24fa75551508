import type { NumberFormat } from '../result/dtypes.js';
import type { Peak, Summary } from '../result/schema.js';
import { formatBandwidth, formatFlops } from '../result/units.js';

/** What one iteration does. */
export interface IterationWork {
  readonly flops: number;
  /** The fewest bytes an iteration must move. */
  readonly bytes: number;
  readonly items: number;
}

export interface Rates {
  readonly itemsPerS: number;
  readonly gflops: number;
  readonly gbPerS: number;
  /** Of min(peak FLOP/s, intensity x bandwidth); only if the peak is known. */
  readonly rooflineShare?: number;
  readonly rooflineBound?: 'bandwidth' | 'arithmetic';
}

export interface Implausible {
  readonly message: string;
  readonly advice: string;
}

export interface Plausibility {
  readonly rates: Rates;
  readonly implausible?: Implausible;
}

/**
 * Peaks are stated at a nominal boost clock; chips exceed it by a few percent when they are cool,
 * and the interval of a median has a width of its own.
 */
const TOLERANCE = 1.1;

/**
 * Work that moves fewer bytes than this may stay in a cache, and is then rightly faster than the
 * memory. Larger than the last-level cache of any GPU and of nearly any CPU.
 */
const CACHEABLE_BYTES = 512 * 2 ** 20;

/**
 * Rates from the median time of an iteration, and whether they are possible at all. The roofline is
 * that of S. Williams, A. Waterman and D. Patterson, "Roofline", CACM 52 (2009).
 * @param format what products are computed in; its peak is the limit
 */
export function plausibility(
  summary: Pick<Summary, 'median'>,
  work: IterationWork,
  format: NumberFormat,
  peak?: Peak,
): Plausibility | undefined {
  // A clock that saw no time at all gives no rate.
  if (!(summary.median > 0)) return undefined;
  // FLOP per nanosecond is GFLOP/s, and bytes per nanosecond GB/s.
  const gflops = work.flops / summary.median;
  const gbPerS = work.bytes / summary.median;
  const itemsPerS = (work.items / summary.median) * 1e9;
  const measured = { itemsPerS, gflops, gbPerS };

  const shares = sharesOf(measured, work, format, peak);
  const bound = shares[0];
  if (bound === undefined || peak === undefined) return { rates: measured };

  const broken = shares.find(({ share }) => share > TOLERANCE);
  if (broken !== undefined) {
    return { rates: measured, implausible: describe(broken, peak.source) };
  }
  return { rates: { ...measured, rooflineShare: bound.share, rooflineBound: bound.bound } };
}

interface Share {
  readonly bound: 'bandwidth' | 'arithmetic';
  readonly rate: string;
  readonly limit: string;
  readonly share: number;
}

/** The share of each known peak, the binding one (the largest) first. */
function sharesOf(
  { gflops, gbPerS }: { gflops: number; gbPerS: number },
  work: IterationWork,
  format: NumberFormat,
  peak: Peak | undefined,
): Share[] {
  const shares: Share[] = [];
  const peakGflops = peak?.gflops?.[format];
  if (peakGflops !== undefined) {
    shares.push({
      bound: 'arithmetic',
      rate: formatFlops(gflops),
      limit: `${formatFlops(peakGflops)} in ${format}`,
      share: gflops / peakGflops,
    });
  }
  const peakGbPerS = peak?.gbPerS;
  if (peakGbPerS !== undefined) {
    const share = gbPerS / peakGbPerS;
    if (share <= 1 || work.bytes >= CACHEABLE_BYTES) {
      shares.push({
        bound: 'bandwidth',
        rate: formatBandwidth(gbPerS),
        limit: formatBandwidth(peakGbPerS),
        share,
      });
    }
  }
  return shares
    .filter(({ share }) => Number.isFinite(share))
    .sort((left, right) => right.share - left.share);
}

function describe({ rate, limit }: Share, source: string): Implausible {
  return {
    message: `${rate} is more than the hardware can do (${limit}, ${source}).`,
    advice:
      'The device had probably not finished when the clock was read, or its peak is not the one we ' +
      'know. Please report it with the JSON result.',
  };
}
