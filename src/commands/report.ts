import { readFile } from 'node:fs/promises';
import { text as textOf } from 'node:stream/consumers';
import type { Command } from 'commander';
import { MpsbenchError } from '../errors.js';
import type { OutputFlags } from '../result/outputs.js';
import { detailsOption, formatOptions } from './options.js';
import { present } from './present.js';

/** `mpsbench report FILE`: renders a saved result again. */
export function registerReport(program: Command): void {
  const command = program
    .command('report')
    .summary('render a saved result again')
    .description('Renders a result that was saved with --json as a table, or in another format.')
    .argument('<file>', 'the saved result, or - for stdin');
  for (const option of formatOptions()) command.addOption(option);
  command
    .option('--table', 'print the table as well, where another format takes stdout')
    .addOption(detailsOption())
    .addHelpText('after', HELP_EXAMPLES)
    .action(report);
}

const HELP_EXAMPLES = `
Examples:
  $ mpsbench report result.json                          the tables again
  $ mpsbench report result.json --markdown               for an issue or a pull request
  $ mpsbench report result.json --csv rows.csv           for a spreadsheet
  $ mpsbench bench cnn --json | mpsbench report -        from a pipe`;

async function report(
  file: string,
  flags: OutputFlags & { table?: true; details?: true },
): Promise<void> {
  const text = await readInput(file);
  const { parseResult } = await import('../result/parse.js');
  const result = parseResult(text, file === '-' ? 'Standard input' : file);
  await present(result, flags, { table: flags.table, saved: true, details: flags.details });
}

/** A path that leads to no file is wrong usage, as is a file that holds no result. */
const NO_FILE = ['ENOENT', 'ENOTDIR', 'EISDIR'];

async function readInput(file: string): Promise<string> {
  try {
    return file === '-' ? await textOf(process.stdin) : await readFile(file, 'utf8');
  } catch (cause) {
    const { code = '', message } = cause as NodeJS.ErrnoException;
    throw new MpsbenchError(
      NO_FILE.includes(code) ? 'usage' : 'io',
      `${file} could not be read (${code || message}).`,
      code === 'ENOENT'
        ? 'Check the path; results are saved with --json FILE.'
        : 'Give it a file that was written with --json.',
      { cause },
    );
  }
}
