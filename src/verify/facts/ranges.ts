import { satisfies } from './version.js';

/**
 * The specifier that fits every version outside of a range: `>=3.9,<3.13` gives `<3.9 || >=3.13`,
 * `==2.15.*` gives `!=2.15.*`.
 */
export function outside(range: string): string {
  return range
    .split(',')
    .map((clause) => clause.trim())
    .map((clause) => {
      if (clause.startsWith('>=')) return `<${clause.slice(2)}`;
      if (clause.startsWith('==')) return `!=${clause.slice(2)}`;
      return `>=${clause.slice(1)}`;
    })
    .join(' || ');
}

/** The minor versions of Python 3 that any table speaks of. */
const MINORS = Array.from({ length: 15 }, (_, i) => i + 6);

/** The Pythons that several ranges share, as one range: `>=3.9,<3.12`. */
export function pythonSpan(...ranges: readonly string[]): string {
  const shared = MINORS.filter((minor) => ranges.every((range) => satisfies(`3.${minor}`, range)));
  const [first, last] = [shared[0], shared.at(-1)];
  if (first === undefined || last === undefined) return '<3';
  return last === MINORS.at(-1) ? `>=3.${first}` : `>=3.${first},<3.${last + 1}`;
}

/** `>=3.9,<3.13` as people say it: `3.9 to 3.12`. */
export function pythonWords(range: string): string {
  const fitting = MINORS.filter((minor) => satisfies(`3.${minor}`, range));
  const [first, last] = [fitting[0], fitting.at(-1)];
  if (first === undefined || last === undefined) return range;
  if (last === MINORS.at(-1)) return `3.${first} and newer`;
  return first === last ? `3.${first}` : `3.${first} to 3.${last}`;
}
