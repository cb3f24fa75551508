import { closest, distance } from 'fastest-levenshtein';

/** ` Did you mean "cnn"?` where one of the names is close to what was typed, else nothing. */
export function didYouMean(typed: string, names: readonly string[]): string {
  if (names.length === 0) return '';
  const name = closest(typed, names);
  const close = distance(typed, name) <= Math.max(1, Math.ceil(name.length / 3));
  return close ? ` Did you mean "${name}"?` : '';
}
