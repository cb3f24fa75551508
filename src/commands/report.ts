import type { Command } from 'commander';
import type { OutputFlags } from '../result/outputs.js';
import { type CiFlags, ciOptions } from './ci/options.js';
import type { Context } from './context.js';
import { detailsOption, formatOptions } from './options.js';
import { present } from './present.js';

/** `mpsbench report FILE`: renders a saved result again. */
export function registerReport(program: Command, { signal }: Context): void {
  const command = program
    .command('report')
    .summary('render a saved result again')
    .description(
      'Renders a result that was saved with --json or --html as a table, or in another format.',
    )
    .argument('<file>', 'the saved result, or - for stdin');
  for (const option of [...formatOptions(), ...ciOptions()]) command.addOption(option);
  command
    .option('--table', 'print the table as well, where another format takes stdout')
    .addOption(detailsOption())
    .addHelpText('after', HELP_EXAMPLES)
    .action((file: string, flags: ReportFlags) => report(file, flags, signal));
}

const HELP_EXAMPLES = `
Examples:
  $ mpsbench report result.json                          the tables again
  $ mpsbench report result.json --markdown               for an issue or a pull request
  $ mpsbench report result.json --csv rows.csv           for a spreadsheet
  $ mpsbench report result.json --html page.html --open  a page with plots, shown in the browser
  $ mpsbench report page.html --json                     the result that is in a page
  $ mpsbench bench cnn --json | mpsbench report -        from a pipe`;

type ReportFlags = OutputFlags & CiFlags & { table?: true; details?: true };

async function report(file: string, flags: ReportFlags, signal: AbortSignal): Promise<void> {
  const [{ readResultText, sourceName }, { parseResult }] = await Promise.all([
    import('../result/read.js'),
    import('../result/parse.js'),
  ]);
  const result = parseResult(await readResultText(file, signal), sourceName(file));
  await present(result, flags, { table: flags.table, saved: true, details: flags.details, signal });
}
