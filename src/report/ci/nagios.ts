import { EXIT, type NagiosState, nagiosState } from '../../exit-codes.js';
import type { Result, Row } from '../../result/schema.js';
import { printable } from '../../text/printable.js';
import { answerOf } from '../answer.js';
import { comparisonAnswer } from '../compare-document.js';
import { fleetAnswer } from '../fleet-document.js';

/** Whether a result that exits with 0 deserves a look nevertheless. */
export function isDoubtful(result: Result): boolean {
  switch (result.command) {
    case 'bench':
      return (
        (result.comparison?.rows ?? []).some(({ verdict }) => verdict === 'unclear') ||
        result.rows.some(({ expected, measurement }) => {
          return expected?.state === 'low' || measurement?.disturbance?.unreliable;
        })
      );
    case 'compare':
      return result.rows.some(({ verdict }) => verdict === 'unclear');
    case 'verify':
      return result.findings.some(({ state }) => state === 'warning');
    default:
      return false;
  }
}

/**
 * The first line of a plugin's output: `MPSBENCH OK - text | 'cnn on cpu:0'=0.00115s`, with the times
 * as performance data (Monitoring Plugins guidelines).
 */
export function nagiosStatus(result: Result): string {
  const state = nagiosState(result.exitCode, isDoubtful(result));
  const data = result.command === 'bench' ? result.rows.flatMap(performanceOf).join(' ') : '';
  return statusLine(state, textOf(result)) + (data === '' ? '' : ` | ${data}`);
}

/** A status without a result. */
export function statusLine(state: NagiosState, text: string): string {
  // A bar begins the performance data.
  return `MPSBENCH ${state} - ${printable(text).replaceAll('|', '/')}`;
}

function textOf(result: Result): string {
  switch (result.command) {
    case 'bench': {
      const missed = (result.thresholds ?? []).filter(({ state }) => state !== 'met');
      const verdict = result.comparison && comparisonAnswer(result.comparison.rows);
      const said = [...missed.map(({ message }) => message), ...(verdict ? [verdict] : [])];
      return said.length > 0 ? said.join(' ') : (result.error?.message ?? answerOf(result));
    }
    case 'compare':
      return comparisonAnswer(result.rows);
    case 'fleet':
      return fleetAnswer(result);
    case 'watch':
      return result.verdict.message;
    case 'verify': {
      const failed = result.findings.filter(({ state }) => state === 'fail');
      const counted = failed.length > 0 ? failed : result.findings.filter(isUnchecked);
      if (result.exitCode === EXIT.ok || counted.length === 0) {
        return `${result.findings.filter(({ state }) => state === 'pass').length} checks passed.`;
      }
      return counted.map(({ message }) => message).join(' ');
    }
    default:
      return `${result.devices.length} devices.`;
  }
}

const isUnchecked = ({ state }: { readonly state: string }) => state === 'unchecked';

function performanceOf({ workload, device, state, measurement }: Row): string[] {
  if (state !== 'measured' || !measurement) return [];
  const label = `${workload} on ${device}`.replace(/[^\w :.@-]/g, '_');
  return [`'${label}'=${Number((measurement.wall.median / 1e9).toPrecision(6))}s`];
}
