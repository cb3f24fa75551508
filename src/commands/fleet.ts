import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { Option } from 'commander';
import { MpsbenchError } from '../errors.js';
import { EXIT, type ExitCode } from '../exit-codes.js';
import type { OutputFlags } from '../result/outputs.js';
import type { FleetRecord } from '../result/schema.js';
import { type CiFlags, ciOptions } from './ci/ci-options.js';
import { exitStyleOption } from './compare/compare-options.js';
import type { Context } from './context.js';
import { registerFleetRun } from './fleet/run.js';
import { present, presentStatus, requireOutputs } from './present.js';
import { detailsOption, formatOptions } from './shared-options.js';

export type FleetFlags = OutputFlags &
  CiFlags & { details?: true; exitStyle?: string; expect?: string };

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

/** The flags that `fleet` and `fleet run` share. */
export function fleetOptions(): Option[] {
  return [
    new Option(
      '--expect <hosts>',
      'hosts that should be there: a file, or a list: node1,node[03-05]',
    ),
    detailsOption(),
    ...formatOptions(),
    ...ciOptions(),
    exitStyleOption(),
  ];
}

const EXAMPLES = `
Examples:
  $ mpsbench fleet results/                                one file per host
  $ mpsbench fleet results.jsonl --expect 'node[01-64]'    one line per host, and who is missing
  $ cat */bench.json | jq -c . | mpsbench fleet -          from a pipe
  $ mpsbench fleet run --launcher slurm --nodes 4 -- bench all --quick

Exit codes: 0 all hosts are sound and alike, 1 outliers or wrong results, 2 missing hosts or hosts that could not
measure, 64 usage error.`;

/** Begins the command's clock; `present` analyses what was read, and writes it. */
export function startFleet(flags: FleetFlags, context: Context) {
  const expected = flags.expect === undefined ? undefined : readExpected(flags.expect);
  const head = import('../result/head.js').then(({ resultHead }) => resultHead(context.argv));
  return {
    async present(
      input: Awaited<ReturnType<typeof import('../fleet/read.js')['readFleet']>>,
      unreached: FleetRecord['hosts'] = [],
    ): Promise<void> {
      const { analyseFleet } = await import('../fleet/analyse.js');
      const { parseNodeList } = await import('../fleet/node-list.js');
      const analysis = analyseFleet(
        input,
        expected === undefined ? undefined : parseNodeList(expected),
        unreached,
      );
      const result: FleetRecord = {
        ...(await head)(),
        command: 'fleet',
        ...analysis,
        exitCode: exitCodeOf(analysis.hosts),
      };
      context.exitCode = result.exitCode as ExitCode;
      await presentStatus(result, flags, context);
      await present(result, flags, { details: flags.details, saved: true });
    },
  };
}

/** The text of a file of names, or the list itself. */
function readExpected(expect: string): string {
  try {
    return readFileSync(expect, 'utf8');
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENAMETOOLONG') return expect;
    throw new MpsbenchError('io', `${expect} could not be read (${code ?? message}).`, '', {
      cause,
    });
  }
}

function exitCodeOf(hosts: FleetRecord['hosts']): ExitCode {
  const states = new Set(hosts.map(({ state }) => state));
  if (states.has('wrong') || states.has('outlier')) return EXIT.finding;
  const sound = hosts.length > 0 && !states.has('missing') && !states.has('unchecked');
  return sound ? EXIT.ok : EXIT.unchecked;
}
