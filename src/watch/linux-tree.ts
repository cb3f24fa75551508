import { readdirSync } from 'node:fs';
import { CounterFiles } from '../host/counter-files.js';
import type { ProcessTree, TreeReading } from './process-tree.js';

/** What the tree is read from; tests play recorded processes through it. */
export interface ProcSource {
  /** Of a file that is read again and again; undefined where there is none. */
  readFile(path: string): string | undefined;
  /** Of a file that is read once. */
  readOnce(path: string): string | undefined;
  list(folder: string): readonly string[];
}

/** /proc/<pid>/stat, after the name in parentheses. */
interface Stat {
  readonly parent: number;
  /** Tells a process from a later one of the same id. */
  readonly startedTicks: string;
  /** Its own CPU time and that of children that it has waited for. */
  readonly cpuTicks: number;
  readonly rssPages: number;
}

/** USER_HZ is 100 on every architecture that Node runs on. */
const TICK_NS = 1e7;
/** Of every Linux that drivers of GPUs support, but for ARM servers with pages of 64 KiB. */
const PAGE_BYTES = 4096;
/** Every so often all processes are looked through, for children that another thread started. */
const READS_PER_SCAN = 10;
/** More processes are not followed one by one; their CPU time counts once their parent has waited for them. */
const MOST_PROCESSES = 4000;

/** A process and its descendants, from /proc. A child whose parent has ended stays one of them. */
export class LinuxTree implements ProcessTree {
  readonly #source: ProcSource;
  readonly #root: number;
  /** Start time by id. */
  readonly #known = new Map<number, string>();
  /** Of the latest scan: who is a stranger stays one, so only new processes are looked at. */
  #strangers: ReadonlySet<number> = new Set();
  #reads = 0;
  #cpuNs = 0;

  constructor(root: number, source: ProcSource = systemSource) {
    this.#source = source;
    this.#root = root;
    const stat = parseStat(source.readOnce(`/proc/${root}/stat`));
    if (stat) this.#known.set(root, stat.startedTicks);
  }

  read(): TreeReading {
    if (this.#reads++ % READS_PER_SCAN === 0) this.#scan();
    let [ticks, pages] = [0, 0];
    // A set that grows while it is walked: children of children are found in the same read.
    const due = new Set(this.#known.keys());
    for (const pid of due) {
      const stat = parseStat(this.#source.readFile(`/proc/${pid}/stat`));
      if (!stat || this.#isAnother(pid, stat)) {
        this.#known.delete(pid);
        continue;
      }
      this.#known.set(pid, stat.startedTicks);
      ticks += stat.cpuTicks;
      pages += stat.rssPages;
      for (const child of this.#childrenOf(pid)) if (due.size < MOST_PROCESSES) due.add(child);
    }
    // The time of a child that nobody waited for is lost when it ends.
    this.#cpuNs = Math.max(this.#cpuNs, ticks * TICK_NS);
    return {
      pids: new Set(this.#known.keys()),
      sample: {
        processes: this.#known.size,
        cpuNs: this.#cpuNs,
        memoryBytes: pages * PAGE_BYTES,
      },
      gone: !this.#known.has(this.#root),
    };
  }

  #isAnother(pid: number, { startedTicks }: Stat): boolean {
    const known = this.#known.get(pid);
    return known !== undefined && known !== startedTicks;
  }

  /** Children of the main thread: one small file. */
  #childrenOf(pid: number): number[] {
    const text = this.#source.readFile(`/proc/${pid}/task/${pid}/children`) ?? '';
    return text.split(' ').flatMap((word) => (word.trim() === '' ? [] : [Number(word)]));
  }

  /** Looks at the parent of every process that is new on this machine. */
  #scan(): void {
    const names = this.#source.list('/proc').filter((name) => /^\d+$/.test(name));
    const pids = new Set(names.map(Number));
    const strangers = new Set<number>();
    for (const pid of pids) {
      if (this.#known.has(pid)) continue;
      if (this.#strangers.has(pid)) {
        strangers.add(pid);
        continue;
      }
      const stat = parseStat(this.#source.readOnce(`/proc/${pid}/stat`));
      if (!stat) continue;
      const { parent, startedTicks } = stat;
      if (this.#known.has(parent)) {
        if (this.#known.size < MOST_PROCESSES) this.#known.set(pid, startedTicks);
      } else if (strangers.has(parent) || !pids.has(parent)) strangers.add(pid);
      // Else ids have wrapped around, and its parent comes later: the next scan tells.
    }
    this.#strangers = strangers;
  }
}

function parseStat(text: string | undefined): Stat | undefined {
  if (text === undefined) return undefined;
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const [state, parent] = fields;
  // A zombie has ended: it only waits for its parent to ask.
  if (fields.length < 22 || state === 'Z' || state === 'X') return undefined;
  const [user, system, childUser, childSystem] = fields.slice(11, 15).map(Number);
  return {
    parent: Number(parent),
    startedTicks: fields[19],
    cpuTicks: user + system + childUser + childSystem,
    rssPages: Number(fields[21]),
  };
}

const files = new CounterFiles();
const once = new CounterFiles(0);

const systemSource: ProcSource = {
  readFile: (path) => files.read(path),
  readOnce: (path) => once.read(path),
  list: (folder) => {
    try {
      return readdirSync(folder);
    } catch {
      return [];
    }
  },
};
