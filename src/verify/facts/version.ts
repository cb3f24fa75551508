/**
 * The release part of a version: `2.16.0rc1+cpu` is [2, 16, 0]. A pre-release counts as its release,
 * which it resembles more than the one before. Undefined where there is none.
 */
export function releaseOf(version: string): readonly number[] | undefined {
  const [, release] = /^\s*v?(?:\d+!)?(\d+(?:\.\d+)*)/.exec(version) ?? [];
  return release?.split('.').map(Number);
}

/** Negative, zero or positive; missing parts count as zero. */
export function compareReleases(a: readonly number[], b: readonly number[]): number {
  for (let i = 0; i < Math.max(a.length, b.length); i++) {
    const difference = (a[i] ?? 0) - (b[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** A specifier of PEP 440: clauses with `>= > <= < == != ~=`, and `.*` after `==` and `!=`. */
export function satisfies(version: string, specifier: string): boolean {
  const release = releaseOf(version);
  if (!release) return false;
  return specifier
    .split(',')
    .map((clause) => clause.trim())
    .filter((clause) => clause !== '')
    .every((clause) => holds(release, clause));
}

function holds(release: readonly number[], clause: string): boolean {
  const [, operator, text = ''] = /^(===|~=|>=|<=|==|!=|>|<)\s*(.+)$/.exec(clause) ?? [];
  const wanted = releaseOf(text);
  if (!wanted) return false;
  const order = compareReleases(release, wanted);
  const isPrefix = () => wanted.every((part, i) => (release[i] ?? 0) === part);
  switch (operator) {
    case '>=':
      return order >= 0;
    case '<=':
      return order <= 0;
    case '>':
      return order > 0;
    case '<':
      return order < 0;
    case '!=':
      return text.endsWith('.*') ? !isPrefix() : order !== 0;
    case '~=':
      return order >= 0 && wanted.slice(0, -1).every((part, i) => (release[i] ?? 0) === part);
    default:
      return text.endsWith('.*') ? isPrefix() : order === 0;
  }
}
