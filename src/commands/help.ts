import { Argument, type Command } from 'commander';
import { MpsbenchError } from '../errors.js';
import { didYouMean } from '../text/did-you-mean.js';
import { suggest } from './suggestions.js';

/** `mpsbench help bench cnn`: the help of any command, which commander's own finds at the top only. */
export function registerHelp(program: Command): void {
  program
    .command('help')
    .description('show the help of a command')
    .addArgument(suggest(new Argument('[command...]', 'such as bench cnn'), () => namesOf(program)))
    .addHelpText('after', EXAMPLES)
    .action((words: readonly string[]) => {
      words.reduce(subcommand, program).help();
    });
}

const EXAMPLES = `
Examples:
  $ mpsbench help verify
  $ mpsbench help bench cnn`;

function subcommand(command: Command, name: string): Command {
  const found = command.commands.find((sub) => sub.name() === name);
  if (found) return found;
  const names = namesOf(command);
  throw new MpsbenchError(
    'usage',
    `Unknown command: ${name}.${didYouMean(name, names)}`,
    names.length > 0 ? `Use one of ${names.join(', ')}.` : `${command.name()} has no commands.`,
  );
}

function namesOf({ commands }: Command): string[] {
  return commands.map((sub) => sub.name());
}
