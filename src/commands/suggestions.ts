import type { Argument, Option } from 'commander';

type Names = () => readonly string[] | Promise<readonly string[]>;

const NAMES = new WeakMap<Option | Argument, Names>();

/** Names that completions offer for a value which may also be something else; asked for only then. */
export function suggest<T extends Option | Argument>(value: T, names: Names): T {
  NAMES.set(value, names);
  return value;
}

/** What completions offer for a value: its choices, or what was suggested. */
export async function suggestionsFor(value: Option | Argument): Promise<readonly string[]> {
  return value.argChoices ?? (await NAMES.get(value)?.()) ?? [];
}
