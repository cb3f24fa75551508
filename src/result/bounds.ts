import { MpsbenchError } from '../errors.js';
import { formatBytes } from './units.js';

/** Far more than any run writes, and little enough that a report of it ends within seconds. */
export const BOUNDS = {
  /** JavaScript cannot hold a text of more than 512 MiB. */
  bytes: 256 * 2 ** 20,
  /** Objects and arrays inside each other; a result has about ten. */
  depth: 100,
  /** Devices, rows, findings, warnings, ops of a row: each is a line or more of a report. */
  entries: 10_000,
  /** Raw samples and numbers, which are only counted. */
  numbers: 10_000_000,
} as const;

const ADVICE = 'Give it a file that was written with --json or --html.';

/** Arrays whose length is how often something was measured. */
const MEASURED = ['samples', 'warmup', 'blocks', 'outliers', 'data', 'members', 'timesNs'];

/** @throws MpsbenchError `usage` for more bytes than a result can have */
export function requireSize(bytes: number, source: string): void {
  if (bytes <= BOUNDS.bytes) return;
  throw new MpsbenchError(
    'usage',
    `${source} is larger than ${formatBytes(BOUNDS.bytes)}: it is not an mpsbench result.`,
    ADVICE,
  );
}

/**
 * Refuses a value that is nested too deeply, or lists too much: what renders it may recurse and take time for each.
 * @throws MpsbenchError `usage`
 */
export function requireBounds(value: unknown, source: string): void {
  const open: { readonly name: string; readonly value: object; readonly depth: number }[] = [];
  const visit = (name: string, child: unknown, depth: number) => {
    if (typeof child === 'object' && child !== null) open.push({ name, value: child, depth });
  };
  visit('', value, 1);
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    const { name, value, depth } = at;
    if (depth > BOUNDS.depth) {
      throw refusal(source, `is nested more than ${BOUNDS.depth} levels deep`);
    }
    const isList = Array.isArray(value);
    const entries: readonly (readonly [string, unknown])[] = isList
      ? value.map((child) => [name, child])
      : Object.entries(value);
    const most = isList && MEASURED.includes(name) ? BOUNDS.numbers : BOUNDS.entries;
    if (entries.length > most) {
      const counts = `${entries.length.toLocaleString('en-US')} ${isList ? 'entries' : 'fields'}`;
      throw refusal(
        source,
        `has ${counts} in "${name}"; mpsbench reads at most ${most.toLocaleString('en-US')}`,
      );
    }
    for (const [key, child] of entries) visit(key, child, depth + 1);
  }
}

function refusal(source: string, what: string): MpsbenchError {
  return new MpsbenchError('usage', `${source} ${what}.`, ADVICE);
}
