import type { Disturbance } from '../result/schema.js';

/**
 * `off the CPU 62 % of the time`: what disturbed a measurement most; undefined if it is reliable.
 * @param isBrief for a table: without `of the time`
 */
export function disturbanceText(
  disturbance: Disturbance | undefined,
  isBrief = false,
): string | undefined {
  if (!disturbance?.unreliable) return undefined;
  const { offCpu, stolen, throttled, ownCpus, otherCpus = 0 } = disturbance;
  const shares = [
    { share: throttled, text: 'paused by the CPU quota' },
    { share: stolen, text: 'stopped by the hypervisor' },
    { share: offCpu, text: 'off the CPU' },
  ];
  // A pause by the quota or the hypervisor is also time off the CPU: the cause says more.
  const cause = shares.find(({ share }) => share > 0 && share >= offCpu / 2);
  if (cause && cause.share >= SHOWN_SHARE)
    return `${cause.text} ${percent(cause.share)}${isBrief ? '' : ' of the time'}`;
  return `other programs used ${cpus(otherCpus)}, mpsbench ${cpus(ownCpus)}`;
}

/** Below this, the load of other programs is the better explanation. */
const SHOWN_SHARE = 0.01;

const percent = (share: number) => `${Math.round(share * 100)} %`;
const cpus = (number: number) => `${number.toFixed(1)} CPUs`;
