import type { Command } from 'commander';

export interface Separated {
  /** The words for mpsbench itself. */
  readonly own: readonly string[];
  /** The command to run, word by word. */
  readonly watched: readonly string[];
}

/**
 * Cuts off the command that `mpsbench watch [options] [--] COMMAND...` runs, so that none of its words are taken for flags
 * of ours: `watch --ops all python -m train --json x` has one flag.
 * @param isValue whether a word may be the value of a flag that has one or none: `--require-gpu 20%`
 */
export function separateCommand(
  argv: readonly string[],
  program: Command,
  isValue: (word: string) => boolean,
): Separated {
  const at = argv.findIndex((word) => !word.startsWith('-'));
  const command = program.commands.find((one) => one.name() === argv[at]);
  if (command?.name() !== 'watch') return { own: argv, watched: [] };
  const options = [...command.options, ...program.options];
  let next = at + 1;
  while (next < argv.length) {
    const word = argv[next];
    if (word === '--') {
      return { own: argv.slice(0, next), watched: argv.slice(next + 1) };
    }
    if (!word.startsWith('-') || word === '-') break;
    next += 1;
    const option = options.find(({ long, short }) => word === long || word === short);
    if (option?.required || (option?.optional && isValue(argv[next] ?? ''))) next += 1;
  }
  return { own: argv.slice(0, next), watched: argv.slice(next) };
}
