import type { Row, Warning } from '../../report/schema.js';
import type { Discovery } from '../../runner/discover.js';
import type { Selection } from './select-devices.js';

/** Doubts that come from the choice of devices. */
export function selectionWarnings(
  compareCpu: boolean,
  { devices, baseline }: Selection,
  { backends }: Discovery,
): Warning[] {
  const warnings: Warning[] = devices
    .filter(({ kind }) => kind === 'software')
    .map(({ id, name }) => ({
      name: 'software-gpu',
      message: `${id} (${name}) is a software GPU: it runs on the CPU, and its speedup says nothing about a real GPU.`,
      advice: 'Take --device gpu to insist on a hardware GPU.',
    }));
  if (compareCpu && !baseline && !devices.every(({ kind }) => kind === 'cpu')) {
    const cpu = backends.find(({ id }) => id === 'cpu');
    warnings.push({
      name: 'no-baseline',
      message: `There is no CPU device to compare with${cpu?.reason ? `: ${cpu.reason}` : '.'}`,
      advice: cpu?.remedy ?? '',
    });
  }
  return warnings;
}

/** Ops that ran elsewhere than asked: the time is not that of the device alone. */
export function fallbackWarnings(rows: readonly Row[]): Warning[] {
  return rows.flatMap(({ workload, device, placement }) => {
    const moved = placement.filter(({ requested, placed }) => requested !== placed);
    if (moved.length === 0) return [];
    const reasons = [...new Set(moved.map(({ reason }) => reason))].join('; ');
    const whose =
      moved.length === placement.length
        ? `the time is that of ${moved[0].placed}, and there is no speedup to tell`
        : 'the time holds theirs and that of moving tensors';
    return {
      name: 'fallback',
      message: `${workload} on ${device}: ${moved.length} of ${placement.length} ops ran on ${moved[0].placed} (${reasons}), so ${whose}.`,
      advice: 'Take another --dtype, or --placement strict to make a fallback an error.',
    };
  });
}
