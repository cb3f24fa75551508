import type { Finding, PlacementRow } from '../../result/schema.js';
import { finding, fix } from '../finding.js';
import { perContext } from '../memo.js';
import type { Check } from '../types.js';
import type { FrameworkResult } from './answer.js';
import { findWrongResults, type Outputs } from './examples.js';
import { fallbacksOf } from './placement.js';

/** What a framework computed, and where. */
export interface Report extends Pick<FrameworkResult, 'version' | 'device' | 'whyNoGpu'> {
  readonly outputs: Outputs;
  readonly placement: readonly PlacementRow[];
}

/** `cpu`, `gpu (METAL)`, `cuda:1 (NVIDIA H200)`. */
export function nameOfDevice({ kind, index, name }: FrameworkResult['device']): string {
  const id = index === 0 ? kind : `${kind}:${index}`;
  return name.toLowerCase() === kind ? id : `${id} (${name})`;
}

/** Wrong results outweigh ops that fell back, and these a GPU that is not used. */
export function judge(
  check: Check,
  title: string,
  report: Report,
  gpu: string | undefined,
): Finding {
  const name = `${title} ${report.version}`;
  const where = `on ${nameOfDevice(report.device)}`;
  const usesGpu = report.device.isGpu;
  const wrong = findWrongResults(report.outputs);
  if (wrong.length > 0) {
    return finding(check, 'fail', `${name} computes wrong results ${where}: ${wrong.join('; ')}.`, {
      fixes: [
        fix('Do not use this device with this release: run on the CPU, or use another release.'),
        fix('See which releases work together.', 'mpsbench verify frameworks'),
      ],
    });
  }
  const fallbacks = fallbacksOf(report.placement);
  if (usesGpu && fallbacks.length > 0) {
    return finding(
      check,
      'warning',
      `${name} computes correct results, but not all ${where}: ${fallbacks.join(', ')} ran elsewhere.`,
      { fixes: [fix('Move these ops and their inputs together, or use a release that has them.')] },
    );
  }
  const why = report.whyNoGpu ? `: ${report.whyNoGpu}` : '';
  if (!usesGpu && gpu !== undefined) {
    return finding(
      check,
      'warning',
      `${name} computes correct results, but ${where}, although this machine has ${gpu}${why}.`,
      { fixes: [fix('See what keeps it from the GPU.', 'mpsbench verify frameworks')] },
    );
  }
  const note = usesGpu ? '' : ` (no GPU${why})`;
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
