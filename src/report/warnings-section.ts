import type { Row, Warning } from '../result/schema.js';
import type { Block } from './document.js';
import { coordinatesText } from './sweep/sentences.js';

/** Each warning once, with the rows that it concerns; those about the whole result first. */
export function warningBlocks(warnings: readonly Warning[], rows: readonly Row[] = []): Block[] {
  const about = rows.flatMap((row) => {
    const at = row.point ? ` ${coordinatesText(row.point)}` : '';
    const where = `${row.workload}${at} on ${row.device}`;
    return (row.measurement?.warnings ?? []).map((warning) => ({ ...warning, where }));
  });
  const byName = new Map<string, (Warning & { where?: string })[]>();
  for (const warning of [...warnings, ...about]) {
    const group = byName.get(warning.name);
    if (group) group.push(warning);
    else byName.set(warning.name, [warning]);
  }
  if (byName.size === 0) return [];
  return [
    { kind: 'heading', level: 1, text: 'Warnings' },
    ...[...byName].flatMap(([name, group]) => {
      return group.length > MOST_MESSAGES ? manyBlocks(name, group) : noteBlocks(name, group);
    }),
  ];
}

/** Beyond this, only an example is shown: a sweep has hundreds of rows. */
const MOST_MESSAGES = 6;
const NAMED_ROWS = 3;

/** One note for a warning of many rows, with the first of them. */
function manyBlocks(name: string, group: readonly (Warning & { where?: string })[]): Block[] {
  const [{ message, advice, where }] = group;
  const rows = [...new Set(group.flatMap((one) => one.where ?? []))];
  const named = rows.slice(0, NAMED_ROWS).join('; ');
  const more = rows.length > NAMED_ROWS ? `; and ${rows.length - NAMED_ROWS} more` : '';
  const text =
    where === undefined || rows.length < 2
      ? message
      : `${group.length} measurements (${named}${more}), the first: ${message}`;
  return [{ kind: 'note', tone: 'doubtful', text: `${text} [${name}]`, ...(advice && { advice }) }];
}

/** One note for rows of the same warning; of several messages, each with its rows. */
function noteBlocks(name: string, group: readonly (Warning & { where?: string })[]): Block[] {
  const byMessage = new Map<string, string[]>();
  for (const { message, where } of group) {
    const wheres = byMessage.get(message) ?? [];
    if (where) wheres.push(where);
    byMessage.set(message, wheres);
  }
  const texts = [...byMessage].map(([message, wheres]) => {
    return wheres.length > 0 ? `${wheres.join(', ')}: ${message}` : message;
  });
  const [{ advice }] = group;
  return [
    {
      kind: 'note',
      tone: 'doubtful',
      text: `${texts.join(' ')} [${name}]`,
      ...(advice && { advice }),
    },
  ];
}
