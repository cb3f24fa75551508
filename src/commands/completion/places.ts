import type { Command, Option } from 'commander';
import { defaultOf, type Suggestion, suggestionsFor } from '../suggestions.js';

/** A place on the command line, such as behind `mpsbench bench cnn`, and what can follow there. */
export interface Place {
  /** The commands so far: `bench cnn`; empty at the start. */
  readonly path: string;
  readonly commands: readonly Suggestion[];
  readonly flags: readonly Flag[];
  /** Words for the command's arguments; undefined if it takes none. */
  readonly words?: readonly Suggestion[];
}

/** `--dtype <type>`, with the values to offer. */
export interface Flag extends Suggestion {
  readonly value: 'none' | 'optional' | 'required' | 'variadic';
  readonly values: readonly Suggestion[];
}

/** Every place of the program, from the commands themselves; global flags are in each. */
export async function placesOf(program: Command): Promise<Place[]> {
  const places: Place[] = [];
  const visit = async (command: Command, path: string): Promise<void> => {
    const options = [
      ...command.options,
      ...(defaultOf(command)?.options ?? []),
      ...(command === program ? [] : program.options),
    ];
    places.push({
      path,
      commands: command.commands.map((sub) => ({
        name: sub.name(),
        description: sub.summary() || sub.description(),
      })),
      flags: [...(await Promise.all(options.map(flagOf))), HELP],
      words: await wordsOf(command),
    });
    for (const sub of command.commands) await visit(sub, `${path} ${sub.name()}`.trim());
  };
  await visit(program, '');
  return places.flatMap((place) => (place.path === 'help' ? helpPlaces(place, places) : place));
}

/** Behind `help` the commands follow as they do without it, but none of their flags. */
function helpPlaces({ flags }: Place, all: readonly Place[]): Place[] {
  return all.map(({ path, commands }) => ({ path: `help ${path}`.trim(), commands, flags }));
}

const HELP: Flag = { name: '--help', description: 'show help', value: 'none', values: [] };

async function flagOf(option: Option): Promise<Flag> {
  return {
    name: option.long ?? option.flags,
    description: option.description,
    value: parameterOf(option),
    values: await suggestionsFor(option),
  };
}

function parameterOf({ variadic, required, optional }: Option): Flag['value'] {
  if (variadic) return 'variadic';
  if (required) return 'required';
  return optional ? 'optional' : 'none';
}

/** An argument without a description only catches mistakes. */
async function wordsOf(command: Command): Promise<readonly Suggestion[] | undefined> {
  const taken = command.registeredArguments.filter(({ description }) => description !== '');
  return taken.length > 0 ? (await Promise.all(taken.map(suggestionsFor))).flat() : undefined;
}
