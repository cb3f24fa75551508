import type { Row } from '../result/schema.js';
import { formatPercent } from '../result/units.js';
import type { Block } from './document.js';

/** `91 % of what this chip's memory allows: normal`; undefined if the row is not judged. */
export function expectationSentence({ expected }: Row): string | undefined {
  if (!expected) return undefined;
  const { share, limit, state } = expected;
  const of =
    limit === 'bandwidth' ? "what this chip's memory allows" : "this chip's peak arithmetic rate";
  return `${formatPercent(share)} of ${of}: ${state}`;
}

/** More devices than this with the same verdict are counted, not named. */
const NAMED = 3;

/** One line per verdict, with the devices that it is about. */
export function expectationFacts(rows: readonly Row[]): Block[] {
  const groups = new Map<string, Row[]>();
  for (const row of rows) {
    if (!row.expected) continue;
    const key = `${row.expected.limit} ${row.expected.state}`;
    groups.set(key, [...(groups.get(key) ?? []), row]);
  }
  const facts = [...groups.values()].map((group) => {
    const ids = group.map(({ device }) => device);
    const label = ids.length > NAMED ? `${ids.length} devices` : ids.join(', ');
    return { label, value: groupSentence(group) };
  });
  return facts.length > 0 ? [{ kind: 'facts', facts }] : [];
}

/** `88-91 % of what this chip's memory allows: normal`. */
function groupSentence(rows: readonly Row[]): string {
  const byShare = rows.toSorted((a, b) => (a.expected?.share ?? 0) - (b.expected?.share ?? 0));
  const [low, high] = [byShare[0], byShare.at(-1)];
  const sentence = high && expectationSentence(high);
  if (!sentence || !low?.expected || !high.expected) return '';
  const [from, to] = [formatPercent(low.expected.share), formatPercent(high.expected.share)];
  return from === to ? sentence : `${from.replace(' %', '')}-${sentence}`;
}
