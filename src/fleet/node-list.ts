import { MpsbenchError } from '../errors.js';

/** More names than any cluster has nodes. */
const MOST_NAMES = 1_000_000;

/**
 * Host names of a list: one per line or separated by commas and blanks, `#` begins a comment, and
 * ranges as Slurm writes them: `node[01-03,7],login`.
 * @throws MpsbenchError `usage` for a bracket that is not closed, or a range that runs backwards
 */
export function parseNodeList(text: string): string[] {
  const names = text
    .split(/\r?\n/)
    .map((line) => line.replace(/#.*/, ''))
    .flatMap((line) => line.match(/(?:[^\s,[\]]|\[[^\]]*\]|[[\]])+/g) ?? [])
    .flatMap(expand);
  return [...new Set(names)];
}

/** `node[01-03]-ib` -> `node01-ib`, `node02-ib`, `node03-ib`. */
function expand(word: string): string[] {
  const match = /^(?<before>[^[\]]*)\[(?<ranges>[^\]]*)\](?<after>.*)$/.exec(word);
  if (!match?.groups) {
    if (/[[\]]/.test(word)) throw unreadable(word);
    return [word];
  }
  const { before = '', ranges = '', after = '' } = match.groups;
  const tails = expand(after);
  return ranges
    .split(',')
    .flatMap((range) => numbersOf(range, word))
    .flatMap((number) => tails.map((tail) => `${before}${number}${tail}`));
}

/** `01-03` -> 01, 02, 03: as wide as the first number. */
function numbersOf(range: string, word: string): string[] {
  const [, from, to = from] = /^(\d+)(?:-(\d+))?$/.exec(range.trim()) ?? [];
  if (from === undefined) throw unreadable(word);
  const count = Number(to) - Number(from) + 1;
  if (!(count >= 1) || count > MOST_NAMES) throw unreadable(word);
  return Array.from({ length: count }, (_, i) =>
    String(Number(from) + i).padStart(from.length, '0'),
  );
}

function unreadable(word: string): MpsbenchError {
  return new MpsbenchError(
    'usage',
    `The host list has "${word}", which is no name and no range.`,
    'Write names or ranges as Slurm does: node1,node[03-05].',
  );
}
