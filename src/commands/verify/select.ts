import { MpsbenchError } from '../../errors.js';
import { didYouMean } from '../../nearest.js';
import { CHECKS } from '../../verify/registry.js';
import { type Check, GROUPS } from '../../verify/types.js';

/** The checks to run, and those among them that the user named one by one. */
export interface CheckSelection {
  readonly checks: readonly Check[];
  readonly named: ReadonlySet<string>;
}

/**
 * Turns names of checks and groups into checks, in the order of the registry; no name means all.
 * @throws MpsbenchError `usage` for a name that is neither, or where nothing is left
 */
export function selectChecks(
  wanted: readonly string[],
  skipped: readonly string[],
  all: readonly Check[] = CHECKS,
): CheckSelection {
  const split = (names: readonly string[]) =>
    names.flatMap((name) => name.split(',')).filter(Boolean);
  const [want, skip] = [split(wanted), split(skipped)];
  for (const name of want) requireKnown(name, '', all);
  for (const name of skip) requireKnown(name, '--skip ', all);
  const matches = ({ id, group }: Check, names: readonly string[]) =>
    names.includes(id) || names.includes(group);
  const checks = all.filter(
    (check) => (want.length === 0 || matches(check, want)) && !matches(check, skip),
  );
  if (checks.length === 0) {
    throw new MpsbenchError('usage', 'No check is left to run.', 'Skip fewer of them.');
  }
  return { checks, named: new Set(want) };
}

function requireKnown(name: string, flag: string, all: readonly Check[]): void {
  const names = [...GROUPS, ...all.map(({ id }) => id)];
  if (names.includes(name)) return;
  throw new MpsbenchError(
    'usage',
    `${flag}${name} is no check.${didYouMean(name, names)}`,
    'mpsbench verify --list names them all.',
  );
}
