import { tableOf } from '../../report/document.js';
import { stdoutOptions } from '../../report/stdout.js';
import { printTerminal } from '../../report/terminal.js';
import { type Check, GROUPS } from '../../verify/types.js';

/** Prints the checks with their ids, by group. */
export function printList(checks: readonly Check[]): void {
  const options = stdoutOptions();
  const ordered = GROUPS.flatMap((group) => checks.filter((check) => check.group === group));
  const table = tableOf(ordered, [
    { header: 'check', align: 'left', cell: ({ id }) => ({ text: id, tone: 'strong' }) },
    { header: 'group', align: 'left', cell: ({ group }) => group },
    { header: 'what it verifies', align: 'left', wraps: true, cell: ({ title }) => title },
  ]);
  options.write(printTerminal([table], options.colour, options.width));
}
