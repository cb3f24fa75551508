import type { Finding } from '../result/schema.js';
import type { Finding as FindingBlock } from './document.js';

/** A passing finding is one line; others also show their fixes, id and source. */
export function findingBlock(found: Finding, text: string, depth: 0 | 1): FindingBlock {
  const { state, check, fixes } = found;
  return isFine(found)
    ? { kind: 'finding', state: isLimit(found) ? 'note' : state, text, depth, fixes: [] }
    : { kind: 'finding', state, text, depth, check, fixes, ...sourceOf(found) };
}

/** Nothing is wrong, and nothing is left to do. */
export function isFine({ state }: Finding): boolean {
  return state === 'pass' || state === 'not-applicable';
}

/** What a framework cannot do on any such machine: nothing is set up wrong. */
function isLimit({ details }: Finding): boolean {
  return details?.effect === 'limit';
}

/** The rule of a finding, and where it comes from. */
export function sourceOf({ sources, rule, confidence }: Finding): Pick<FindingBlock, 'source'> {
  const trust = confidence && confidence !== 'high' ? `${confidence} confidence` : undefined;
  const known = [rule, trust, sources.slice(0, SHOWN_SOURCES).join('; ')].filter(Boolean);
  return known.length > 0 ? { source: known.join(', ') } : {};
}

/** The JSON and docs/verify.md have the others. */
const SHOWN_SOURCES = 2;

/** The states, the worst first. */
const STATES = ['fail', 'warning', 'unchecked', 'pass', 'not-applicable'] as const;

/** The worst state of several findings. */
export function worstOf(findings: readonly Finding[]): Finding['state'] {
  return STATES.find((state) => findings.some((one) => one.state === state)) ?? 'unchecked';
}

/** `1 failed, 8 passed`: only real passes count as passed. */
export function countsText(findings: readonly Finding[]): string {
  if (findings.length === 0) return 'nothing was checked';
  const count = (state: Finding['state']) => findings.filter((one) => one.state === state).length;
  const [failed, warnings, unchecked, passed, notApplicable] = STATES.map(count);
  return [
    failed > 0 && `${failed} failed`,
    warnings > 0 && `${warnings} warning${warnings === 1 ? '' : 's'}`,
    unchecked > 0 && `${unchecked} not checked`,
    (passed > 0 || notApplicable < findings.length) && `${passed} passed`,
    notApplicable > 0 && `${notApplicable} not applicable`,
  ]
    .filter((part) => part !== false)
    .join(', ');
}
