import type { Command } from 'commander';
import { createProgram } from '../../../src/program.js';

const program = await createProgram({ signal: AbortSignal.abort(), argv: [], exitCode: 0 });

/** What speaks against words behind `mpsbench`: an unknown command or flag of an mpsbench command line. */
export function objectionTo(words: readonly string[]): string | undefined {
  let command: Command = program;
  const flags = words.filter((word) => word.startsWith('--'));
  for (const word of words) {
    const sub = command.commands.find((one) => one.name() === word);
    if (sub === undefined) break;
    command = sub;
  }
  if (command === program) return `no command ${words[0]}`;
  const known = [command, program].flatMap((one) => one.options.map(({ long }) => long));
  const unknown = flags.find((flag) => !known.includes(flag));
  return unknown === undefined ? undefined : `no flag ${unknown}`;
}
