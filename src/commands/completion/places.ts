import type { Argument, Command, Option } from 'commander';
import { suggestionsFor } from '../suggestions.js';

/** A place on the command line, such as behind `mpsbench bench cnn`, and what can follow there. */
export interface Place {
  /** The commands so far: `bench cnn`; empty at the start. */
  readonly path: string;
  readonly commands: readonly Named[];
  readonly flags: readonly Flag[];
  /** Names for the command's arguments; undefined where it takes none. */
  readonly names?: readonly string[];
}

export interface Named {
  readonly name: string;
  readonly description: string;
}

/** `--dtype <type>`, with the values to offer. */
export interface Flag extends Named {
  readonly value: 'none' | 'optional' | 'required' | 'variadic';
  readonly values: readonly string[];
}

/** Every place of the program, from the commands themselves; global flags are in each. */
export async function placesOf(program: Command): Promise<Place[]> {
  const places: Place[] = [];
  const visit = async (command: Command, path: string): Promise<void> => {
    const options = command === program ? [] : program.options;
    places.push({
      path,
      commands: command.commands.map((sub) => ({
        name: sub.name(),
        description: sub.summary() || sub.description(),
      })),
      flags: [...(await Promise.all([...command.options, ...options].map(flagOf))), HELP],
      names: await namesOf(command.registeredArguments),
    });
    for (const sub of command.commands) await visit(sub, `${path} ${sub.name()}`.trim());
  };
  await visit(program, '');
  return places;
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

async function namesOf(taken: readonly Argument[]): Promise<readonly string[] | undefined> {
  return taken.length > 0 ? (await Promise.all(taken.map(suggestionsFor))).flat() : undefined;
}
