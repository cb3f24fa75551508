import { execFile } from 'node:child_process';
import type { ProcessTree, TreeReading } from './process-tree.js';
import type { TreeSample } from './sampler-protocol.js';

/** `ps` costs some 10 ms of CPU time. */
const PERIOD_MS = 1500;
const LIMIT_MS = 5000;

/** Prints pid, parent, resident KiB and CPU time of every process. */
type Ps = () => Promise<string>;

interface PsProcess {
  readonly pid: number;
  readonly parent: number;
  readonly memoryBytes: number;
  readonly cpuNs: number;
}

/** A process and its descendants from `ps`, for systems without /proc; what it says is up to two seconds old. */
export class PsTree implements ProcessTree {
  readonly #root: number;
  readonly #ps: Ps;
  #pids: ReadonlySet<number>;
  #sample: TreeSample | undefined;
  #askedAt = Number.NEGATIVE_INFINITY;
  #isAsking = false;
  /** By process; one that has ended keeps its last. */
  readonly #cpuNs = new Map<number, number>();

  constructor(root: number, ps: Ps = systemPs) {
    this.#root = root;
    this.#ps = ps;
    this.#pids = new Set([root]);
  }

  read(): TreeReading {
    const now = performance.now();
    if (!this.#isAsking && now - this.#askedAt >= PERIOD_MS) {
      this.#askedAt = now;
      void this.#ask();
    }
    return {
      pids: this.#pids,
      ...(this.#sample && { sample: this.#sample }),
      gone: !isAlive(this.#root),
    };
  }

  async #ask(): Promise<void> {
    this.#isAsking = true;
    const text = await this.#ps().catch(() => '');
    this.#isAsking = false;
    const all = parsePs(text);
    const pids = new Set(this.#pids);
    // Children of children: until no more are found.
    for (let size = 0; size !== pids.size; ) {
      size = pids.size;
      for (const { pid, parent } of all) if (pids.has(parent)) pids.add(pid);
    }
    const own = all.filter(({ pid }) => pids.has(pid));
    if (own.length === 0) return;
    for (const { pid, cpuNs } of own) this.#cpuNs.set(pid, cpuNs);
    this.#pids = new Set(own.map(({ pid }) => pid));
    this.#sample = {
      processes: own.length,
      cpuNs: [...this.#cpuNs.values()].reduce((sum, ns) => sum + ns, 0),
      memoryBytes: own.reduce((sum, { memoryBytes }) => sum + memoryBytes, 0),
    };
  }
}

/** Lines of `ps -axo pid=,ppid=,rss=,time=`: `  501   1  12345   0:01.50`. */
export function parsePs(text: string): PsProcess[] {
  return [...text.matchAll(/^ *(\d+) +(\d+) +(\d+) +([\d:.-]+) *$/gm)].map(
    ([, pid, parent, kibibytes, time]) => ({
      pid: Number(pid),
      parent: Number(parent),
      memoryBytes: Number(kibibytes) * 1024,
      cpuNs: nsOf(time),
    }),
  );
}

/** `1:02.50`, `1:00:00`, `2-03:00:00`. */
function nsOf(time: string): number {
  const [clock = '', days = '0'] = time.split('-').reverse();
  const seconds = clock.split(':').reduce((sum, part) => sum * 60 + Number(part), 0);
  return (Number(days) * 86_400 + seconds) * 1e9;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

const systemPs: Ps = () =>
  new Promise((resolve, reject) => {
    const options = { timeout: LIMIT_MS, maxBuffer: 2 ** 24, env: { ...process.env, LC_ALL: 'C' } };
    execFile('ps', ['-axo', 'pid=,ppid=,rss=,time='], options, (error, stdout) => {
      if (error) reject(error);
      else resolve(stdout);
    });
  });
