import { type Command, Option } from 'commander';
import { MpsbenchError } from '../errors.js';
import type { OutputFlags } from '../result/outputs.js';
import type { Result } from '../result/schema.js';
import { type CiFlags, ciOptions } from './ci/ci-options.js';
import type { Context } from './context.js';
import { count } from './numbers.js';
import { present } from './present.js';
import { detailsOption, formatOptions } from './shared-options.js';

/** `mpsbench report FILE`: renders a saved result again. */
export function registerReport(program: Command, { signal }: Context): void {
  const command = program
    .command('report')
    .summary('render a saved result again')
    .description(
      'Renders a result that was saved with --json or --html, or with --last the latest one, as a table or in another format.',
    )
    .argument('[file]', 'the saved result, or - for stdin')
    .addOption(
      new Option(
        '--last [n]',
        'the latest result of bench, verify or watch; with N the Nth latest',
      ).argParser((text) => count('--last', text, '2')),
    );
  for (const option of [...formatOptions(), ...ciOptions()]) command.addOption(option);
  command
    .option('--table', 'also print the table if another format uses stdout')
    .addOption(detailsOption())
    .addHelpText('after', HELP_EXAMPLES)
    .action((file: string | undefined, flags: ReportFlags) => report(file, flags, signal));
}

const HELP_EXAMPLES = `
Examples:
  $ mpsbench report --last                               the latest result again
  $ mpsbench report result.json                          the tables again
  $ mpsbench report result.json --markdown               for an issue or a pull request
  $ mpsbench report result.json --csv rows.csv           for a spreadsheet
  $ mpsbench report result.json --html page.html --open  a page with plots, shown in the browser
  $ mpsbench report page.html --json                     the result that is in a page
  $ mpsbench bench cnn --json | mpsbench report -        from a pipe`;

interface ReportFlags extends OutputFlags, CiFlags {
  last?: number | true;
  table?: true;
  details?: true;
}

async function report(
  file: string | undefined,
  flags: ReportFlags,
  signal: AbortSignal,
): Promise<void> {
  const { last, table, details } = flags;
  const result = await chosenResult(file, last, signal);
  await present(result, flags, { table, saved: true, details, signal });
}

/** @throws MpsbenchError `usage` unless either a file or --last says which */
async function chosenResult(
  file: string | undefined,
  last: number | true | undefined,
  signal: AbortSignal,
): Promise<Result> {
  if ((file === undefined) === (last === undefined)) {
    throw new MpsbenchError(
      'usage',
      file === undefined ? 'report needs a file, or --last.' : 'Use either a file or --last.',
      'Use mpsbench report FILE or mpsbench report --last.',
    );
  }
  if (file === undefined) {
    const { storedResult } = await import('../result/result-store.js');
    return (await storedResult(last === true ? 1 : last)).result;
  }
  const [{ readResultText, sourceName }, { parseResult }] = await Promise.all([
    import('../result/read.js'),
    import('../result/parse.js'),
  ]);
  return parseResult(await readResultText(file, signal), sourceName(file));
}
