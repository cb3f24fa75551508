import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const SCRIPT = fileURLToPath(new URL('cluster.sh', import.meta.url));
const PROGRAMS = ['munged', 'slurmctld', 'slurmd', 'srun', 'sbatch', 'scontrol', 'sinfo'];

/** Why there can be no cluster here; empty if there can. */
export const noCluster = whyNot();

function whyNot(): string {
  if (process.platform !== 'linux') return 'Slurm needs Linux';
  if (process.getuid?.() !== 0) return 'the daemons of Slurm need root';
  const folders = (process.env.PATH ?? '').split(delimiter);
  const missing = PROGRAMS.filter((name) => !folders.some((path) => existsSync(join(path, name))));
  return missing.length > 0
    ? `no ${missing.join(', ')} is installed (Debian: slurm-wlm munge)`
    : '';
}

/** A real Slurm cluster on this machine: see cluster.sh. */
export class SlurmCluster {
  /** With SLURM_CONF; for the programs that talk to the cluster. */
  readonly env: NodeJS.ProcessEnv;
  readonly folder: string;
  readonly #daemons: ChildProcess;

  private constructor(folder: string, daemons: ChildProcess) {
    this.folder = folder;
    this.#daemons = daemons;
    this.env = { ...process.env, SLURM_CONF: join(folder, 'slurm.conf') };
  }

  /** @returns once every node is idle. @throws Error with the logs where that fails */
  static async start(nodes: readonly string[]): Promise<SlurmCluster> {
    const folder = mkdtempSync(join(tmpdir(), 'mpsbench-slurm-'));
    const [first, ...ports] = await freePorts(nodes.length + 1);
    const words = [folder, String(first), ...nodes.map((node, i) => `${node}=${ports[i]}`)];
    const daemons = spawn(SCRIPT, words, { stdio: ['pipe', 'pipe', 'pipe'] });
    const cluster = new SlurmCluster(folder, daemons);
    let [said, complaints] = ['', ''];
    daemons.stderr?.setEncoding('utf8').on('data', (text) => {
      complaints += text;
    });
    await new Promise<void>((resolve, reject) => {
      daemons.stdout?.setEncoding('utf8').on('data', (text) => {
        said += text;
        if (said.includes('ready')) resolve();
      });
      daemons.once('close', (code) =>
        reject(new Error(`The cluster did not start (${code}).\n${complaints}`)),
      );
    });
    return cluster;
  }

  /** Ends all jobs and daemons, and removes the folder. */
  async stop(): Promise<void> {
    const ended = new Promise((resolve) => this.#daemons.once('close', resolve));
    this.#daemons.stdin?.end();
    await ended;
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** Runs a program of Slurm. @throws where it fails */
  async run(program: string, ...args: readonly string[]): Promise<string> {
    const { stdout } = await promisify(execFile)(program, args, { env: this.env });
    return stdout;
  }

  /** Replaces the settings that a test adds to slurm.conf. */
  async configure(...lines: readonly string[]): Promise<void> {
    writeFileSync(join(this.folder, 'extra.conf'), `# of a test\n${lines.join('\n')}\n`);
    await this.run('scontrol', 'reconfigure');
  }

  /** State and reason of each node, by name: `{ n1: 'idle none' }`. */
  async states(): Promise<Record<string, string>> {
    const lines = await this.run('sinfo', '--noheader', '--Node', '--format=%N %T %E');
    const nodes = lines.split('\n').filter(Boolean);
    return Object.fromEntries(nodes.map((line) => [line.split(' ')[0], line.replace(/^\S+ /, '')]));
  }

  /** Makes every node usable again. */
  async resume(...nodes: readonly string[]): Promise<void> {
    await this.run('scontrol', 'update', `NodeName=${nodes.join(',')}`, 'State=RESUME');
  }

  /** The ends of all logs, for the message of a test that fails. */
  logs(): string {
    const names = readdirSync(this.folder).filter((name) => name.endsWith('.log'));
    const ends = names.map((name) => {
      return `${name}:\n${readFileSync(join(this.folder, name), 'utf8')
        .replace(/^.*(?:pmix|hardware|Include|CPU frequency).*\n/gm, '')
        .slice(-800)}`;
    });
    return ends.join('\n');
  }
}

/** Ports that nobody listens on, all found before any is given away. */
async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer());
  const ports = await Promise.all(
    servers.map(
      (server) =>
        new Promise<number>((resolve, reject) => {
          server.once('error', reject);
          server.listen(0, '127.0.0.1', () => {
            const address = server.address();
            resolve(typeof address === 'object' && address ? address.port : 0);
          });
        }),
    ),
  );
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}
