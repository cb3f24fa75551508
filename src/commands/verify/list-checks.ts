import { MpsbenchError } from '../../errors.js';
import { tableOf } from '../../report/document.js';
import { stdoutOptions } from '../../report/stdout.js';
import { printTerminal } from '../../report/terminal.js';
import { writeOutput } from '../../report/write.js';
import { outputsOf } from '../../result/outputs.js';
import { SCHEMA_VERSION } from '../../result/version.js';
import { type Check, GROUPS, startsInterpreters } from '../../verify/types.js';
import type { VerifyFlags } from './flags.js';

/**
 * Lists the checks by group: as JSON where --json says, and as a table on stdout unless JSON goes there.
 * @throws MpsbenchError `usage` for the other formats, `io`, `interrupted`
 */
export async function list(
  checks: readonly Check[],
  flags: VerifyFlags,
  signal: AbortSignal,
): Promise<void> {
  const options = stdoutOptions();
  const ordered = GROUPS.flatMap((group) => checks.filter((check) => check.group === group));
  const outputs = outputsOf(flags);
  for (const { format, target } of outputs) {
    if (format !== 'json') {
      throw new MpsbenchError('usage', `--list cannot be written as --${format}.`, 'Use --json.');
    }
    const text = renderList(ordered);
    if (target === 'stdout') options.write(text);
    else await writeOutput(target.path, text, signal);
  }
  if (outputs.some(({ target }) => target === 'stdout')) return;
  const table = tableOf(ordered, [
    { header: 'check', align: 'left', cell: ({ id }) => ({ text: id, tone: 'strong' }) },
    { header: 'group', align: 'left', cell: ({ group }) => group },
    { header: 'what it verifies', align: 'left', wraps: true, cell: ({ title }) => title },
  ]);
  options.write(printTerminal([table], options));
}

/** `check` and `group` are those of the findings (docs/results.md). */
function renderList(checks: readonly Check[]): string {
  const entries = checks.map((check) => ({
    check: check.id,
    group: check.group,
    title: check.title,
    startsInterpreters: startsInterpreters(check),
  }));
  return `${JSON.stringify({ schema: SCHEMA_VERSION, checks: entries }, null, 2)}\n`;
}
