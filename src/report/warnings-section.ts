import type { Row, Warning } from '../result/schema.js';
import type { Block } from './document.js';
import { coordinatesText } from './sweep/sentences.js';

/** Of a disturbed row these say nothing new; the JSON has them. */
const FOLLOWS_FROM_DISTURBANCE: ReadonlySet<string> = new Set([
  ...['few-samples', 'not-converged', 'noisy', 'outliers', 'unsettled'],
]);

/** Each warning once, with the rows it concerns; those about the whole result come first. */
export function warningBlocks(warnings: readonly Warning[], rows: readonly Row[] = []): Block[] {
  const about = rows.flatMap((row) => {
    const at = row.point ? ` ${coordinatesText(row.point)}` : '';
    const where = `${row.workload}${at} on ${row.device}`;
    const own = row.measurement?.warnings ?? [];
    const isDisturbed = own.some(({ name }) => name === 'disturbed');
    return own
      .filter(({ name }) => !(isDisturbed && FOLLOWS_FROM_DISTURBANCE.has(name)))
      .map((warning) => ({ ...warning, where }));
  });
  const byName = new Map<string, (Warning & { where?: string })[]>();
  for (const warning of [...warnings, ...about]) {
    const group = byName.get(warning.name);
    if (group) group.push(warning);
    else byName.set(warning.name, [warning]);
  }
  if (byName.size === 0) return [];
  return [...byName].flatMap(([name, group]) => {
    return group.length > MOST_MESSAGES ? manyBlocks(name, group) : noteBlocks(name, group);
  });
}

/** Beyond this, only an example is shown: a sweep has hundreds of rows. */
const MOST_MESSAGES = 6;
const NAMED_ROWS = 3;
/** About the whole result: input that was left out. */
const MOST_SENTENCES = 20;

/** One note for a warning of many rows, with the first of them; of many messages about the whole result, the first few. */
function manyBlocks(name: string, group: readonly (Warning & { where?: string })[]): Block[] {
  const [{ message, advice, where }] = group;
  const rows = [...new Set(group.flatMap((one) => one.where ?? []))];
  const named = rows.slice(0, NAMED_ROWS).join('; ');
  const more = rows.length > NAMED_ROWS ? `; and ${rows.length - NAMED_ROWS} more` : '';
  const others = new Set(group.map((one) => one.message));
  const few = [...others].slice(0, MOST_SENTENCES).join(' ');
  const text =
    where === undefined
      ? `${few}${others.size > MOST_SENTENCES ? ` And ${others.size - MOST_SENTENCES} more (--json lists them).` : ''}`
      : rows.length < 2
        ? message
        : `${group.length} measurements (${named}${more}), the first: ${message}`;
  return [{ kind: 'note', tone: 'doubtful', text: `${text} [${name}]`, ...(advice && { advice }) }];
}

/** One note for rows of the same warning; of several messages, each with its rows. */
function noteBlocks(name: string, group: readonly (Warning & { where?: string })[]): Block[] {
  const byPattern = new Map<string, (Warning & { where?: string })[]>();
  for (const warning of group) {
    const pattern = warning.message.replace(NUMBER, '#');
    const alike = byPattern.get(pattern) ?? [];
    alike.push(warning);
    byPattern.set(pattern, alike);
  }
  const texts = [...byPattern.values()].map((alike) => {
    const wheres = [...new Set(alike.flatMap(({ where }) => where ?? []))];
    const text = withRanges(alike.map(({ message }) => message));
    return wheres.length > 0 ? `${wheres.join(', ')}: ${text}` : text;
  });
  const [{ advice }] = group;
  return [
    {
      kind: 'note',
      tone: 'doubtful',
      text: [...texts, advice, `[${name}]`].filter(Boolean).join(' '),
    },
  ];
}

/** Not those of device ids (`cuda:1`) and dtypes (`f32`). */
const NUMBER = /(?<![\w:.])\d+(?:\.\d+)?/g;

/** Messages that differ in their numbers only, as one: `±19-41 % (requested ±5 %)`. */
function withRanges(messages: readonly string[]): string {
  const numbers = messages.map((message) => message.match(NUMBER) ?? []);
  let position = 0;
  return messages[0].replace(NUMBER, (first) => {
    const here = numbers.map((found) => found[position]).sort((a, b) => Number(a) - Number(b));
    position++;
    const [low, high] = [here[0], here.at(-1)];
    return low === high ? first : `${low}-${high}`;
  });
}
