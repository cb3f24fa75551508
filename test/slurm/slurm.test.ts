import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { fleetResultSchema } from '../../src/result/schema.js';
import { expectNoTrace, FAKE_BACKEND, mpsbench } from '../cli/run.js';
import { noCluster, SlurmCluster } from './cluster.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const PAGE = readFileSync(join(ROOT, 'docs', 'slurm.md'), 'utf8');

/** The script of docs/slurm.md whose fence has this name. */
function documented(name: string): string {
  const [, script] = PAGE.match(new RegExp(`\`\`\`sh ${name}\n([\\s\\S]+?)\`\`\``)) ?? [];
  if (script === undefined) throw new Error(`docs/slurm.md has no script named ${name}`);
  return script;
}

const NODES = ['n1', 'n2', 'n3', 'n4', 'n5', 'n6'];

/** What is wrong with which node; the others are sound. */
type Faults = Readonly<Record<string, 'slow' | 'hangs' | 'lacks-addon' | 'wrong'>>;

/** mpsbench as each node has it: with a scripted GPU, and with what is wrong there. */
const PROGRAM = `#!/bin/sh
fault=$(sed -n "s/^\${SLURMD_NODENAME:-$MPSBENCH_TEST_NODE} //p" "$(dirname "$0")/faults")
export MPSBENCH_BACKENDS='fake=${FAKE_BACKEND}' MPSBENCH_FAKE=none MPSBENCH_HIDE=webgpu MPSBENCH_HISTORY=off
case $fault in
  slow) export MPSBENCH_FAKE_NS=2e6;;
  wrong) export MPSBENCH_FAKE=wrong:7;;
  hangs) sleep 600;;
  lacks-addon) export MPSBENCH_ADDON=/nowhere; unset MPSBENCH_BACKENDS;;
esac
exec '${process.execPath}' '${join(ROOT, 'bin', 'mpsbench.js')}' "$@"
`;

describe.skipIf(noCluster)(
  `a Slurm cluster of six nodes (skipped where: ${noCluster || 'there is none'})`,
  { timeout: 120_000 },
  () => {
    let cluster: SlurmCluster;
    /** In the PATH of the cluster's daemons, and thus of its jobs, prologs and health checks. */
    let bin: string;
    let env: Record<string, string | undefined>;

    beforeAll(async () => {
      bin = mkdtempSync(join(tmpdir(), 'mpsbench-slurm-bin-'));
      executable('mpsbench', PROGRAM);
      setFaults({});
      process.env.PATH = `${bin}${delimiter}${process.env.PATH}`;
      cluster = await SlurmCluster.start(NODES);
      env = { SLURM_CONF: cluster.env.SLURM_CONF };
    });

    afterAll(async () => {
      await cluster?.stop();
      rmSync(bin, { recursive: true, force: true });
    });

    beforeEach((context) => {
      context.onTestFailed(() => console.error(cluster.logs()));
    });

    afterEach(async () => {
      await cluster.configure();
      setFaults({});
      const states = await cluster.states();
      const unusable = NODES.filter((node) => /^(?:drain|down)/.test(states[node]));
      if (unusable.length > 0) await cluster.resume(...unusable);
      await until(async () => {
        const now = Object.values(await cluster.states());
        return now.every((state) => /^idle /.test(state));
      });
    });

    function executable(name: string, text: string): string {
      const path = join(bin, name);
      writeFileSync(path, text);
      chmodSync(path, 0o755);
      return path;
    }

    function setFaults(faults: Faults): void {
      const lines = Object.entries(faults).map(([node, fault]) => `${node} ${fault}\n`);
      writeFileSync(join(bin, 'faults'), lines.join(''));
    }

    /** A documented script with the paths of this cluster in place of those of a real one. */
    function installed(name: string): string {
      const text = documented(name).replace(
        'export PATH=/opt/mpsbench/bin',
        `export SLURM_CONF=${cluster.env.SLURM_CONF} PATH=${bin}`,
      );
      return executable(name, text);
    }

    /** What became of a batch job, once it has ended: `sbatch --wait` looks seldom. */
    async function stateOf(id: string): Promise<string | undefined> {
      let state: string | undefined;
      await until(async () => {
        const job = await cluster.run('scontrol', 'show', 'job', id);
        state = /JobState=(\w+)/.exec(job)?.[1];
        return !/^(?:PENDING|RUNNING|COMPLETING|CONFIGURING)$/.test(state ?? '');
      });
      return state;
    }

    const isQuiet = async () => (await cluster.run('squeue', '--noheader')).trim() === '';

    const bench = ['--', 'bench', 'linear', '--quick', '--device', 'gpu'];

    test('fleet run names the slow node, the one that hangs, the one without the addon, and the drained one', async () => {
      setFaults({ n4: 'slow', n5: 'hangs', n6: 'lacks-addon' });
      const run = ['fleet', 'run', '--launcher', 'slurm', '--host-timeout', '25', '--json', '-'];
      const outcome = await mpsbench([...run, ...bench], { env });
      expectNoTrace(outcome);
      const { hosts, outliers } = fleetResultSchema.parse(JSON.parse(outcome.stdout));
      expect(outcome.code).toBe(1);
      expect(hosts.map(({ name, state, why }) => [name, state, why])).toEqual([
        ['n1', 'ok', undefined],
        ['n2', 'ok', undefined],
        ['n3', 'ok', undefined],
        ['n4', 'outlier', undefined],
        ['n5', 'unchecked', 'no answer within 25 s'],
        ['n6', 'unchecked', expect.stringContaining('the native addon does not load')],
      ]);
      expect(outliers).toMatchObject([{ host: 'n4', workload: 'linear', slower: true }]);
      // The step that hung is cancelled, and its node is free.
      await until(isQuiet);
    });

    test('a drained node, an unknown one, and one without mpsbench have their reason at once', async () => {
      await cluster.run('scontrol', 'update', 'NodeName=n2', 'State=DRAIN', 'Reason=fan | broken');
      const run = ['fleet', 'run', '--launcher', 'slurm', '--nodelist', 'n[1-2],n9'];
      const outcome = await mpsbench(
        [...run, '--program', 'no-such-mpsbench', '--json', '-', ...bench],
        { env },
      );
      const { hosts } = fleetResultSchema.parse(JSON.parse(outcome.stdout));
      expect(hosts.map(({ name, why }) => [name, why])).toEqual([
        ['n1', 'mpsbench is not installed there'],
        ['n2', 'drained in Slurm: fan | broken'],
        ['n9', 'Slurm refused it: Invalid node name specified'],
      ]);
      expect(outcome.code).toBe(2);
    });

    test('the documented HealthCheckProgram drains the slow node only', async () => {
      setFaults({ n6: 'slow', n5: 'lacks-addon' });
      const program = installed('health-check');
      await cluster.configure(`HealthCheckProgram=${program}`, 'HealthCheckInterval=10');
      await until(async () => (await cluster.states()).n6.startsWith('drained'));
      const { n6, ...others } = await cluster.states();
      expect(n6).toMatch(/^drained MPSBENCH CRITICAL - .*linear on fake:0/);
      for (const state of Object.values(others)) expect(state).not.toMatch(/^drain/);
    });

    test('the documented Prolog keeps a job from a GPU that computes wrong results', async () => {
      setFaults({ n2: 'wrong', n3: 'lacks-addon' });
      const program = installed('prolog');
      await cluster.configure(`Prolog=${program}`, 'PrologFlags=Alloc');
      const on = (node: string) => cluster.run('srun', '--nodes=1', `--nodelist=${node}`, 'true');
      await Promise.all([on('n1'), on('n3'), expect(on('n2')).rejects.toThrow()]);
      await until(async () => (await cluster.states()).n2.startsWith('drain'));
      const { n1, n2, n3 } = await cluster.states();
      for (const state of [n1, n3]) expect(state).not.toMatch(/drain|down/);
      expect(n2).toMatch(/^drain(ed|ing) Prolog error/);
    });

    test('the documented job stops for a slow node before it starts its work', async () => {
      setFaults({ n2: 'slow' });
      const script = executable('job.sh', documented('job').replace('./train', 'touch trained'));
      const batch = async (...words: string[]) => {
        const id = await cluster.run('sbatch', '--parsable', `--chdir=${bin}`, ...words, script);
        return stateOf(id.trim());
      };
      expect(await batch('--nodelist=n[1-3]')).toBe('FAILED');
      expect(existsSync(join(bin, 'trained'))).toBe(false);
      const text = readFileSync(join(bin, 'fleet.json'), 'utf8');
      const { hosts } = fleetResultSchema.parse(JSON.parse(text));
      expect(hosts.map(({ name, state }) => [name, state])).toEqual([
        ['n1', 'ok'],
        ['n2', 'outlier'],
        ['n3', 'ok'],
      ]);
      expect(await batch('--nodes=1', '--nodelist=n4')).toBe('COMPLETED');
      expect(existsSync(join(bin, 'trained'))).toBe(true);
    });
  },
);

/** Waits for what Slurm does in its own time; the limit of the test ends it. */
async function until(isSo: () => Promise<boolean>): Promise<void> {
  while (!(await isSo())) await new Promise((resolve) => setTimeout(resolve, 300));
}
