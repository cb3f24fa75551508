import type { Finding, PlacementRow } from '../../result/schema.js';
import { finding, fix } from '../finding.js';
import { perContext } from '../memo.js';
import type { Check } from '../types.js';
import { findWrongResults, type Outputs } from './examples.js';
import { fallbacksOf } from './placement.js';

/** What a framework said of itself, in the terms that all share. */
export interface Report {
  readonly version: string;
  /** Where it computed, as it names it: `GPU:0`, `mps`. */
  readonly device: string;
  /** Whether that is a GPU. */
  readonly usesGpu: boolean;
  /** All that is known of the device is that it was registered: it may have computed nothing. */
  readonly isOnlyRegistered?: boolean;
  readonly outputs: Outputs;
  /** Wrong results besides those of the examples. */
  readonly wrong: readonly string[];
  readonly placement: readonly PlacementRow[];
  readonly details: NonNullable<Finding['details']>;
  /** Why there is no GPU, where the framework says so. */
  readonly whyNoGpu?: string;
}

/** Wrong results outweigh ops that fell back, and these a GPU that is not used. */
export function judge(
  check: Check,
  title: string,
  report: Report,
  gpu: string | undefined,
): Finding {
  const name = `${title} ${report.version}`;
  const { device } = report;
  const where = report.isOnlyRegistered ? `with ${device} registered` : `on ${device}`;
  const wrong = [...findWrongResults(report.outputs), ...report.wrong];
  if (wrong.length > 0) {
    return finding(check, 'fail', `${name} computes wrong results ${where}: ${wrong.join('; ')}.`, {
      fixes: [
        fix('Do not use this device with this release: run on the CPU, or use another release.'),
        fix('See which releases work together.', 'mpsbench verify frameworks'),
      ],
    });
  }
  const fallbacks = fallbacksOf(report.placement);
  if (report.usesGpu && fallbacks.length > 0) {
    return finding(
      check,
      'warning',
      `${name} computes correct results, but not all ${where}: ${fallbacks.join(', ')} ran elsewhere.`,
      { fixes: [fix('Move these ops and their inputs together, or use a release that has them.')] },
    );
  }
  const why = report.whyNoGpu ? `: ${report.whyNoGpu}` : '';
  if (!report.usesGpu && gpu !== undefined) {
    return finding(
      check,
      'warning',
      `${name} computes correct results, but ${where}, although this machine has ${gpu}${why}.`,
      { fixes: [fix('See what keeps it from the GPU.', 'mpsbench verify frameworks')] },
    );
  }
  const note = report.usesGpu ? '' : ` (no GPU${why})`;
  const computed = listed(Object.keys(report.outputs));
  return finding(check, 'pass', `${name} computes ${computed} correctly ${where}${note}`);
}

/** `add, linear and cnn`. */
function listed(words: readonly string[]): string {
  const last = words.at(-1) ?? 'nothing';
  return words.length < 2 ? last : `${words.slice(0, -1).join(', ')} and ${last}`;
}

/** The name of a GPU that a framework could use; undefined where there is none or nobody knows. */
export const hardwareGpu = perContext(async (context) => {
  try {
    const { devices } = await context.discovery();
    return devices.find(({ kind }) => kind === 'gpu' || kind === 'integrated')?.name;
  } catch {
    // Its own check reports it.
    return undefined;
  }
});
