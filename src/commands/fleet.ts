import type { Command } from 'commander';
import { MpsbenchError } from '../errors.js';
import type { Context } from './context.js';
import { type FleetFlags, fleetOptions, startFleet } from './fleet/report-fleet.js';
import { registerFleetRun } from './fleet/run.js';
import { requireOutputs } from './present.js';

/** `mpsbench fleet RESULT...`: which of many hosts is unlike the others? */
export function registerFleet(program: Command, context: Context): void {
  const command = program
    .command('fleet')
    .summary('find the odd one among the results of many hosts')
    .description(
      'Groups the results of bench of many hosts by like machines, and names the hosts that are slower than the others, wrong, missing, or could not measure.',
    )
    .usage('[options] RESULT...')
    .argument(
      '[results...]',
      'files of one result or one per line, folders of them, or - for stdin',
    );
  for (const option of fleetOptions()) command.addOption(option);
  command.addHelpText('after', EXAMPLES).action(async (results: string[], flags: FleetFlags) => {
    if (results.length === 0) {
      throw new MpsbenchError(
        'usage',
        'fleet needs results.',
        'Give it files or folders of results, or run it everywhere: mpsbench fleet run --help',
      );
    }
    await requireOutputs(flags);
    const { readFleet } = await import('../fleet/read.js');
    const started = startFleet(flags, context);
    const input = await readFleet(results, context.signal);
    await started.present(input);
  });
  registerFleetRun(command, context);
}

const EXAMPLES = `
Examples:
  $ mpsbench fleet results/                                one file per host
  $ mpsbench fleet results.jsonl --expect 'node[01-64]'    one line per host, and who is missing
  $ cat */bench.json | jq -c . | mpsbench fleet -          from a pipe
  $ mpsbench fleet run --launcher slurm --nodes 4 -- bench all --quick

Exit codes: 0 all hosts are sound and alike, 1 outliers or wrong results, 2 missing hosts, hosts that could not
measure, or results that could not be read, 64 usage error.`;
