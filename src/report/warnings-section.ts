import type { Row, Warning } from '../result/schema.js';
import type { Block } from './document.js';

/** Doubts about a whole result, then about its rows; advice that repeats is given once. */
export function warningBlocks(warnings: readonly Warning[], rows: readonly Row[] = []): Block[] {
  const all = [
    ...warnings.map((warning) => ({ ...warning, about: '' })),
    ...rows.flatMap((row) => {
      const about = `${row.workload} on ${row.device}: `;
      return (row.measurement?.warnings ?? []).map((warning) => ({ ...warning, about }));
    }),
  ];
  if (all.length === 0) return [];
  const lastUse = new Map(all.map(({ advice }, i) => [advice, i]));
  return [
    { kind: 'heading', level: 1, text: 'Warnings' },
    ...all.map(({ name, message, advice, about }, i): Block => {
      return {
        kind: 'note',
        tone: 'doubtful',
        text: `${about}${message} [${name}]`,
        ...(advice && lastUse.get(advice) === i && { advice }),
      };
    }),
  ];
}
