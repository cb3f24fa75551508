import type { Argument, Option } from 'commander';

/** A word that completions offer, with what it stands for. */
export interface Suggestion {
  readonly name: string;
  readonly description: string;
}

type Suggestions = () =>
  | readonly (Suggestion | string)[]
  | Promise<readonly (Suggestion | string)[]>;

const SUGGESTIONS = new WeakMap<Option | Argument, Suggestions>();

/** Words that completions offer for a value which may also be something else; asked for only then. */
export function suggest<T extends Option | Argument>(value: T, words: Suggestions): T {
  SUGGESTIONS.set(value, words);
  return value;
}

/** What completions offer for a value: its choices, or what was suggested. */
export async function suggestionsFor(value: Option | Argument): Promise<readonly Suggestion[]> {
  const words = value.argChoices ?? (await SUGGESTIONS.get(value)?.()) ?? [];
  return words.map((word) => (typeof word === 'string' ? { name: word, description: '' } : word));
}
