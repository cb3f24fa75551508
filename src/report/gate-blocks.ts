import type { BenchResult, Threshold } from '../result/schema.js';
import { comparisonAnswer, comparisonBlocks } from './compare-document.js';
import type { Block, Finding } from './document.js';

const STATES = {
  met: 'pass',
  missed: 'fail',
  unchecked: 'unchecked',
} as const satisfies Record<Threshold['state'], Finding['state']>;

/** Right after the answer: what was required and missed, and the verdict against the baseline. */
export function gateAnswer({ comparison, thresholds = [] }: BenchResult): Block[] {
  const findings = thresholds.map(({ state, message }): Block => {
    return { kind: 'finding', state: STATES[state], text: message, fixes: [] };
  });
  if (!comparison) return findings;
  const text = `Compared with the baseline: ${comparisonAnswer(comparison.rows)}`;
  return [{ kind: 'text', text }, ...findings];
}

/** The table of the comparison, with likely causes and what was refused. */
export function gateDetails({ comparison }: BenchResult, details: boolean): Block[] {
  if (!comparison) return [];
  const files = comparison.base.files.map(({ name, startedAt }) => `${name} (${startedAt})`);
  return [
    { kind: 'heading', level: 1, text: 'Baseline', detail: files.join(', ') },
    ...comparisonBlocks(comparison, details),
  ];
}
