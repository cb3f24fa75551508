import type { Argument, Command, Option } from 'commander';

/** A word that completions offer, with its meaning. */
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

const DEFAULTS = new WeakMap<Command, Command>();

/** Says which subcommand runs where none is named: its flags are offered behind the parent too. */
export function markDefault(parent: Command, subcommand: Command): void {
  DEFAULTS.set(parent, subcommand);
}

/** The subcommand that runs where none is named. */
export function defaultOf(command: Command): Command | undefined {
  return DEFAULTS.get(command);
}
