import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { MpsbenchError } from '../errors.js';
import type { FleetHost } from '../result/schema.js';
import type { Launcher } from './launch.js';
import { parseNodeList } from './node-list.js';

/** One task on one node, inside the allocation that there is or in one of its own. */
export const slurmLauncher: Launcher = {
  id: 'slurm',
  commandOn: (host, command) => [
    'srun',
    ...['--nodes=1', '--ntasks=1', `--nodelist=${host}`, '--exact', '--job-name=mpsbench'],
    ...command,
  ],
  explain: explainSrun,
  isChatter: (line) => /^srun: (?:job \d|error: .*task \d+: |launch\/slurm|Force)/.test(line),
};

/** What srun and slurmstepd say where a node gives no result; undefined where they say nothing. */
function explainSrun(stderr: string): string | undefined {
  const [, refusal] = /Unable to (?:allocate|create step).*?: (.+)/.exec(stderr) ?? [];
  if (refusal !== undefined) return `Slurm refused it: ${refusal.trim()}`;
  const [, failure] = /execve\(\): .*: (.+)/.exec(stderr) ?? [];
  if (failure !== undefined) {
    return /no such file/i.test(failure)
      ? 'mpsbench is not installed there'
      : `mpsbench cannot be run there (${failure.trim()})`;
  }
  if (!stderr.includes('queued and waiting') || stderr.includes('has been allocated')) return;
  const [, state] = /Required node not available \((.+)\)/.exec(stderr) ?? [];
  return state ? `Slurm did not allocate it: ${state}` : 'Slurm did not allocate it: it was busy';
}

/** What `sinfo` knows about a node. */
interface SlurmNode {
  readonly name: string;
  /** `idle`, `allocated`, `drained*`, ... */
  readonly state: string;
  /** Why it is down or drained; `none` where no reason was given. */
  readonly reason: string;
}

export interface SlurmHosts {
  readonly hosts: readonly string[];
  /** Nodes that Slurm runs nothing on, with its reason. */
  readonly failed: readonly FleetHost[];
}

/** States in which a node starts no job, however long one waits; `*` means that it does not respond. */
const UNUSABLE = /^(?:down|drain|fail|error|inval|unknown|future)|\*$/;

/**
 * The nodes to run on: those of the job that this is, else those that are named, else all. Nodes that are
 * down or drained are told apart at once, instead of being waited for.
 * @param most of them, idle ones first
 * @throws MpsbenchError `unavailable` where no nodes are named and Slurm does not answer
 */
export async function slurmHosts(
  nodelist: string | undefined,
  most = Number.POSITIVE_INFINITY,
): Promise<SlurmHosts> {
  const ofJob = process.env.SLURM_JOB_NODELIST;
  const named = nodelist ?? ofJob;
  const names = named === undefined ? undefined : parseNodeList(named);
  // Inside a job its nodes are ours, whatever sinfo calls them.
  if (names !== undefined && ofJob) return { hosts: names.slice(0, most), failed: [] };
  const known = await sinfo().catch((cause: unknown) => {
    if (names !== undefined) return new Map<string, SlurmNode>();
    throw new MpsbenchError(
      'unavailable',
      'sinfo does not list the nodes of a Slurm cluster here.',
      'Name them with --nodelist, or run on a machine that reaches the cluster.',
      { cause },
    );
  });
  return choose(names ?? [...known.keys()], known, most);
}

function choose(
  names: readonly string[],
  known: ReadonlyMap<string, SlurmNode>,
  most: number,
): SlurmHosts {
  const failed = names.flatMap((name): FleetHost[] => {
    const node = known.get(name);
    return node && UNUSABLE.test(node.state)
      ? [{ name, state: 'unchecked', why: whyOf(node) }]
      : [];
  });
  const unusable = new Set(failed.map(({ name }) => name));
  const usable = names.filter((name) => !unusable.has(name));
  const isIdle = (name: string) => known.get(name)?.state.startsWith('idle') ?? false;
  const idleFirst = [...usable.filter(isIdle), ...usable.filter((name) => !isIdle(name))];
  // Of a number of nodes that is asked for, none has to be one that is down.
  return Number.isFinite(most)
    ? { hosts: idleFirst.slice(0, most), failed: [] }
    : { hosts: usable, failed };
}

function whyOf({ state, reason }: SlurmNode): string {
  const name = state.replace(/\*$/, ', not responding');
  return reason === 'none' || reason === '' ? `${name} in Slurm` : `${name} in Slurm: ${reason}`;
}

/** Every node once, however many partitions it is in. */
async function sinfo(): Promise<Map<string, SlurmNode>> {
  const args = ['--noheader', '--Node', '--format=%N|%T|%E'];
  const { stdout } = await promisify(execFile)('sinfo', args, { timeout: 20_000 });
  const nodes = stdout.split('\n').flatMap((line): [string, SlurmNode][] => {
    const [, name, state, reason] = /^([^|]+)\|([^|]*)\|(.*)$/.exec(line.trim()) ?? [];
    return name === undefined ? [] : [[name, { name, state, reason }]];
  });
  return new Map(nodes);
}
