import { EXIT, type ExitCode } from '../exit-codes.js';
import type { Row } from '../result/schema.js';

/** What `mpsbench bench` exits with: the worst of its rows. */
export function exitCodeOf(
  rows: readonly Pick<Row, 'state' | 'error' | 'measurement'>[],
  interrupted: boolean,
): ExitCode {
  if (interrupted) return EXIT.interrupted;
  if (rows.some(({ error }) => error?.code === 'internal')) return EXIT.internal;
  if (rows.some(({ state }) => state === 'wrong' || state === 'implausible')) return EXIT.finding;
  // What the device says of itself cannot be, though the wall time holds.
  if (rows.some(({ measurement }) => measurement?.invalidReadings)) return EXIT.finding;
  if (rows.some(({ error }) => error?.code === 'usage')) return EXIT.usage;
  const measured = rows.length > 0 && rows.every(({ state }) => state === 'measured');
  return measured ? EXIT.ok : EXIT.unchecked;
}
