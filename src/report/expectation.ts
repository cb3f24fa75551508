import type { Row } from '../result/schema.js';
import { formatPercent } from '../result/units.js';
import type { Block } from './document.js';

/** `91 % of what this chip's memory allows: normal`; undefined where the row is not judged. */
export function expectationSentence({ expected }: Row): string | undefined {
  if (!expected) return undefined;
  const { share, limit, state } = expected;
  const of =
    limit === 'bandwidth' ? "what this chip's memory allows" : "this chip's peak arithmetic rate";
  return `${formatPercent(share)} of ${of}: ${state}`;
}

/** One line per device whose speed can be judged. */
export function expectationFacts(rows: readonly Row[]): Block[] {
  const facts = rows.flatMap((row) => {
    const value = expectationSentence(row);
    return value ? [{ label: row.device, value }] : [];
  });
  return facts.length > 0 ? [{ kind: 'facts', facts }] : [];
}
