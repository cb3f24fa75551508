import { readFileSync } from 'node:fs';
import { type Command, Option } from 'commander';
import { MpsbenchError } from '../../errors.js';
import type { LauncherId } from '../../fleet/launchers.js';
import type { SlurmHosts } from '../../fleet/slurm.js';
import type { Context } from '../context.js';
import { count, seconds } from '../numbers.js';
import { requireOutputs } from '../present.js';
import { startProgress } from '../progress/start-progress.js';
import { choiceOption } from '../shared-options.js';
import { type FleetFlags, fleetOptions, startFleet } from './report-fleet.js';

interface RunFlags extends FleetFlags {
  launcher: LauncherId;
  nodes?: number;
  nodelist?: string;
  hosts?: string;
  parallel: number;
  hostTimeout: number;
  program: string;
}

/** `mpsbench fleet run --launcher slurm -- bench all --quick`: runs it everywhere, then compares. */
export function registerFleetRun(fleet: Command, context: Context): void {
  const command = fleet
    .command('run')
    .summary('run bench on many hosts through Slurm or SSH, then find the odd one')
    .description(
      'Runs `mpsbench bench` once per host through srun or ssh, collects the results, and reports like fleet.',
    )
    .usage('--launcher slurm|ssh [options] -- bench ...')
    .argument('<command...>', 'what each host runs, for example bench all --quick');
  const options = [
    choiceOption('--launcher', 'name', 'how hosts are reached', [
      'slurm',
      'ssh',
    ] as const).makeOptionMandatory(),
    new Option('--nodes <n>', 'Slurm: this many nodes, idle ones first').argParser((text) =>
      count('--nodes', text, '4'),
    ),
    new Option('--nodelist <list>', 'Slurm: these nodes: node[01-04]'),
    new Option('--hosts <file>', 'SSH: host names, one per line or as node[01-04]'),
    new Option('--parallel <n>', 'hosts at the same time')
      .argParser((text) => count('--parallel', text, '64'))
      .default(64),
    new Option('--host-timeout <seconds>', 'time limit for each host, waiting for it included')
      .argParser((text) => seconds('--host-timeout', text))
      .default(600),
    new Option('--program <path>', 'mpsbench on the hosts').default('mpsbench'),
    ...fleetOptions(),
  ];
  for (const option of options) command.addOption(option);
  command.addHelpText('after', EXAMPLES).action(async (words: string[]) => {
    // Commander gives the flags that both commands have to the outer one.
    const flags = command.optsWithGlobals<RunFlags>();
    await requireOutputs(flags);
    requireBench(words);
    const [{ launchFleet }, { LAUNCHERS }] = await Promise.all([
      import('../../fleet/launch.js'),
      import('../../fleet/launchers.js'),
    ]);
    const started = startFleet(flags, context);
    const { hosts, failed: unusable } = await hostsOf(flags);
    const progress = await startProgress(`running on ${hosts.length} hosts`);
    const { input, failed } = await launchFleet(LAUNCHERS[flags.launcher], {
      hosts,
      command: [flags.program, ...words, ...budgetOf(words, flags.hostTimeout), '--json'],
      timeoutMs: flags.hostTimeout * 1000,
      parallel: flags.parallel,
      signal: context.signal,
      onDone: (host, done) => progress.update(`${done} of ${hosts.length} hosts done (${host})`),
    }).finally(() => progress.stop());
    await started.present(input, [...unusable, ...failed]);
    if (context.signal.aborted) context.exitCode = 130;
  });
}

const EXAMPLES = `
Examples:
  $ mpsbench fleet run --launcher slurm --nodelist 'node[01-64]' -- bench all --quick
  $ mpsbench fleet run --launcher ssh --hosts hosts.txt --json fleet.json -- bench cnn --device gpu`;

/** Only bench has times, and it has to print its result to stdout. */
function requireBench(words: readonly string[]): void {
  const advice = 'For example: mpsbench fleet run --launcher slurm --nodes 4 -- bench all --quick';
  if (words[0] !== 'bench') {
    throw new MpsbenchError('usage', `fleet run runs bench, not "${words[0] ?? ''}".`, advice);
  }
  const output = words.find((word) => /^--(json|csv|markdown|html)(=|$)/.test(word));
  if (output) {
    throw new MpsbenchError('usage', `${output} belongs to fleet run, before the --.`, advice);
  }
}

/** The share of a host's time limit that is kept for reaching it and for its answer. */
const LAUNCH_SHARE = 0.1;

/**
 * A host that is slow, or of which a device hangs, reports what it has in time: and what a broken
 * connection leaves behind there ends by itself.
 */
function budgetOf(words: readonly string[], hostTimeout: number): string[] {
  if (words.some((word) => /^--budget(=|$)/.test(word))) return [];
  return ['--budget', `${Math.max(1, Math.floor(hostTimeout * (1 - LAUNCH_SHARE)))}s`];
}

/** Where to run, and which hosts it makes no sense to try. */
async function hostsOf({ launcher, hosts, nodelist, nodes }: RunFlags): Promise<SlurmHosts> {
  if (launcher === 'ssh') {
    if (hosts === undefined) throw missing('--launcher ssh needs --hosts FILE.');
    const { parseNodeList } = await import('../../fleet/node-list.js');
    return nonEmpty({ hosts: parseNodeList(readHosts(hosts)), failed: [] }, hosts);
  }
  if (hosts !== undefined) throw missing('--hosts belongs to --launcher ssh.');
  const { slurmHosts } = await import('../../fleet/slurm.js');
  return nonEmpty(await slurmHosts(nodelist, nodes), '--nodelist');
}

function readHosts(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    throw new MpsbenchError('usage', `${file} could not be read (${code}).`, '', { cause });
  }
}

function nonEmpty(found: SlurmHosts, where: string): SlurmHosts {
  if (found.hosts.length + found.failed.length > 0) return found;
  throw missing(`${where} names no host.`);
}

function missing(message: string): MpsbenchError {
  const advice = 'Use --nodelist for Slurm, or --hosts FILE for SSH.';
  return new MpsbenchError('usage', message, advice);
}
