import type { PlacementRow } from '../result/schema.js';

/** What a device says of its choice after the kernel's name: how it was ranked at compile time. */
const RANKING = /(?:, [\d.]+x as fast as |; the fastest of ).*$/s;

/**
 * The kernels that ran the ops, as one text to compare. Of candidates that are nearly equally fast, each
 * process may choose another one.
 */
export function kernelsThatRan(placement: readonly Pick<PlacementRow, 'op' | 'kernel'>[]): string {
  return placement.map(({ op, kernel }) => `${op}: ${kernel.replace(RANKING, '')}`).join('\n');
}

/** What to do about two times of different kernels. */
export const OTHER_KERNELS_ADVICE =
  'Repeat it, with more runs (--runs): each process chooses its kernels by measuring them.';
