import { readFile } from 'node:fs/promises';
import { text as textOf } from 'node:stream/consumers';
import type { Command } from 'commander';
import { MpsbenchError } from '../errors.js';
import type { OutputFlags } from '../report/write.js';
import { formatOptions } from './options.js';

interface ReportFlags extends OutputFlags {
  readonly table?: true;
}

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
    .addHelpText('after', HELP_EXAMPLES)
    .action((file: string, flags: ReportFlags) => {
      return report(file, flags, program.opts().color !== false);
    });
}

const HELP_EXAMPLES = `
Examples:
  $ mpsbench report result.json                          the tables again
  $ mpsbench report result.json --markdown               for an issue or a pull request
  $ mpsbench report result.json --csv rows.csv           for a spreadsheet
  $ mpsbench bench cnn --json | mpsbench report -        from a pipe`;

async function report(file: string, flags: ReportFlags, colour: boolean): Promise<void> {
  const text = await readInput(file);
  const [{ parseResult }, { emit, outputsOf }, { stdoutOptions }] = await Promise.all([
    import('../report/parse.js'),
    import('../report/write.js'),
    import('../report/stdout.js'),
  ]);
  const result = parseResult(text, file === '-' ? 'Standard input' : file);
  const outputs = outputsOf(flags);
  if (flags.table) outputs.unshift({ format: 'table', target: 'stdout' });
  emit(outputs, result, stdoutOptions(colour));
}

async function readInput(file: string): Promise<string> {
  try {
    return file === '-' ? await textOf(process.stdin) : await readFile(file, 'utf8');
  } catch (cause) {
    const { code = '', message } = cause as NodeJS.ErrnoException;
    throw new MpsbenchError(
      'io',
      `${file} could not be read (${code || message}).`,
      code === 'ENOENT'
        ? 'Check the path; results are saved with --json FILE.'
        : 'Give it a file that was written with --json.',
      { cause },
    );
  }
}
