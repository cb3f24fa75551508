import { MpsbenchError } from '../errors.js';
import { didYouMean } from '../text/did-you-mean.js';
import { CHECKS } from './registry.js';
import { type Check, GROUPS } from './types.js';

/** The checks to run, and what of them the user named: ids of checks, and groups. */
export interface CheckSelection {
  readonly checks: readonly Check[];
  readonly named: ReadonlySet<string>;
}

/**
 * Turns names of checks and groups into checks, in the order of the registry; no name means all. A
 * check goes by its id or by what follows the group's name in it. With --probe, whoever names the frameworks or the
 * check of one also wants it asked.
 * @throws MpsbenchError `usage` for a name that is neither, or where nothing is left
 */
export function selectChecks(
  wanted: readonly string[],
  skipped: readonly string[],
  { probe = false }: { readonly probe?: boolean } = {},
  all: readonly Check[] = CHECKS,
): CheckSelection {
  const split = (names: readonly string[]) => names.flatMap((name) => name.split(','));
  const [typed, skip] = [split(wanted), split(skipped)];
  const want = probe ? typed.flatMap((name) => [name, ...probesOf(name, all)]) : typed;
  for (const name of want) requireKnown(name, '', all);
  for (const name of skip) requireKnown(name, '--skip', all);
  const matches = (check: Check, names: readonly string[]) =>
    namesOf(check).some((name) => names.includes(name));
  const checks = all.filter(
    (check) => (want.length === 0 || matches(check, want)) && !matches(check, skip),
  );
  if (checks.length === 0) {
    throw new MpsbenchError('usage', 'No check is left to run.', 'Skip fewer of them.');
  }
  const groups = want.filter((name) => GROUPS.some((group) => group === name));
  const others = want.filter((name) => !groups.includes(name));
  const ids = checks.filter((check) => matches(check, others)).map(({ id }) => id);
  return { checks, named: new Set([...groups, ...ids]) };
}

/** `frameworks` -> `probe`, `frameworks.pytorch` -> `probe.pytorch`; nothing if there is no such probe. */
function probesOf(name: string, all: readonly Check[]): string[] {
  const probe = name.replace(/^frameworks(?=\.|$)/, 'probe');
  return probe !== name && checkNames(all).includes(probe) ? [probe] : [];
}

/** Every name by which checks can be chosen. */
export function checkNames(all: readonly Check[] = CHECKS): readonly string[] {
  return [...new Set([...GROUPS, ...all.flatMap(namesOf)])];
}

/** `probe.tensorflow`, `tensorflow` and `probe`: what a check can be called. */
function namesOf({ id, group }: Check): string[] {
  return [id, id.slice(id.indexOf('.') + 1), group];
}

function requireKnown(name: string, flag: string, all: readonly Check[]): void {
  const names = checkNames(all);
  if (names.includes(name)) return;
  throw new MpsbenchError(
    'usage',
    `${flag ? `${flag}: unknown check` : 'Unknown check'}: ${name || '""'}.${didYouMean(name, names)}`,
    'Run mpsbench verify --list for all checks.',
  );
}
