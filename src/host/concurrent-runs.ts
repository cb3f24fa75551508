/**
 * Measurements of mpsbench that run at the same time, by this user on this machine, know of each other by
 * small files in the user's runtime folder, one per process. A file whose process is gone counts for
 * nothing; a folder that cannot be used costs the notice and nothing else.
 */
import { lstatSync, mkdirSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import os from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { writeFileAtomic } from '../files/atomic-file.js';

/** A process that measures, or waits for others to end. */
export interface Entry {
  readonly pid: number;
  /** Tells two processes that had the same id apart; Linux only. */
  readonly started?: string;
  /** Ids of processes mean something only within one of these; Linux only. */
  readonly namespace?: string;
  /** What it measures on: `cpu`, `gpu-0`. */
  readonly resources: readonly string[];
  /** When it came, in milliseconds since 1970. */
  readonly since: number;
  readonly state: 'waiting' | 'measuring';
  readonly command: string;
}

export interface BeginOptions {
  readonly resources: readonly string[];
  /** As the user typed it. */
  readonly command: string;
  /** Wait until nobody else measures on these resources. */
  readonly wait: boolean;
  readonly signal?: AbortSignal;
  readonly onWait?: (other: Entry) => void;
  readonly folder?: string | undefined;
}

const POLL_MS = 200;
/** After this, a process that started at the same moment has written its file. */
const SETTLE_MS = 50;
const LONGEST_COMMAND = 200;
/** No measurement takes longer. */
const LONGEST_RUN_MS = 24 * 3_600_000;
/** More than a folder of ours ever holds. */
const MOST_FILES = 1000;

/** This process's entry among those that measure. */
export class ConcurrentRuns {
  readonly #folder: string | undefined;
  readonly #met = new Map<number, Entry>();
  #own: Entry;

  private constructor(folder: string | undefined, own: Entry) {
    this.#folder = folder;
    this.#own = own;
  }

  /** Makes itself known, and with `wait` waits for its turn: first come, first served. Never throws. */
  static async begin(options: BeginOptions): Promise<ConcurrentRuns> {
    const { resources, command, wait, signal, onWait } = options;
    const runs = new ConcurrentRuns(options.folder ?? runtimeFolder(), {
      ...identity(),
      resources,
      since: Date.now(),
      state: wait ? 'waiting' : 'measuring',
      command: command.slice(0, LONGEST_COMMAND),
    });
    runs.#write();
    while (runs.#own.state === 'waiting' && !signal?.aborted) {
      const ahead = runs.#others().find((other) => isAhead(other, runs.#own));
      if (ahead) {
        onWait?.(ahead);
        await setTimeout(POLL_MS);
        continue;
      }
      runs.#change('measuring');
      await setTimeout(SETTLE_MS);
      // Two that started at the same moment: the later one keeps waiting.
      if (runs.#others().some((other) => other.state === 'measuring' && precedes(other, runs.#own)))
        runs.#change('waiting');
    }
    runs.#note();
    return runs;
  }

  /** Those that measured on the same resources at the same time, once all is over. Never throws. */
  end(): Entry[] {
    this.#note();
    // Whoever is still measuring learns of this process when it ends.
    for (const other of this.#met.values()) this.#leaveWord(other);
    this.#remove(fileOf(this.#own.pid));
    return [...this.#met.values()];
  }

  #note(): void {
    for (const other of [...this.#others(), ...this.#words()]) {
      if (other.state === 'measuring') this.#met.set(other.pid, other);
    }
  }

  /** Everyone else alive on the same resources. */
  #others(): Entry[] {
    return this.#files(/^\d+\.json$/).flatMap((name) => {
      const entry = this.#read(name);
      if (!entry || entry.pid === this.#own.pid || !overlap(entry, this.#own)) return [];
      if (entry.namespace !== this.#own.namespace) return [];
      if (isAlive(entry)) return [entry];
      this.#remove(name);
      return [];
    });
  }

  /** What those that ended before this process have left for it. */
  #words(): Entry[] {
    return this.#files(/^\d+\.met-\d+\.json$/).flatMap((name) => {
      if (!name.endsWith(`.met-${this.#own.pid}.json`)) return [];
      const entry = this.#read(name);
      this.#remove(name);
      // One for an earlier process with this id.
      return entry && entry.since + LONGEST_RUN_MS > this.#own.since ? [entry] : [];
    });
  }

  #leaveWord({ pid }: Entry): void {
    const isHere = this.#others().some((other) => other.pid === pid);
    if (isHere) this.#save(`${this.#own.pid}.met-${pid}.json`, this.#own);
  }

  #change(state: Entry['state']): void {
    this.#own = { ...this.#own, state };
    this.#write();
  }

  #write(): void {
    this.#save(fileOf(this.#own.pid), this.#own);
  }

  #save(name: string, entry: Entry): void {
    this.#attempt((folder) => writeFileAtomic(join(folder, name), JSON.stringify(entry)));
  }

  #read(name: string): Entry | undefined {
    return this.#attempt((folder) => {
      const entry = JSON.parse(readFileSync(join(folder, name), 'utf8')) as Partial<Entry>;
      const isEntry =
        Number.isInteger(entry.pid) &&
        typeof entry.since === 'number' &&
        typeof entry.command === 'string' &&
        Array.isArray(entry.resources);
      return isEntry ? (entry as Entry) : undefined;
    });
  }

  #files(pattern: RegExp): string[] {
    const names = this.#attempt((folder) => readdirSync(folder)) ?? [];
    return names.slice(0, MOST_FILES).filter((name) => pattern.test(name));
  }

  #remove(name: string): void {
    this.#attempt((folder) => rmSync(join(folder, name), { force: true }));
  }

  #attempt<T>(work: (folder: string) => T): T | undefined {
    if (this.#folder === undefined) return undefined;
    try {
      return work(this.#folder);
    } catch {
      return undefined;
    }
  }
}

const fileOf = (pid: number) => `${pid}.json`;

function isAhead(other: Entry, own: Entry): boolean {
  return other.state === 'measuring' || precedes(other, own);
}

/** First come, first served. */
function precedes(other: Entry, own: Entry): boolean {
  return other.since === own.since ? other.pid < own.pid : other.since < own.since;
}

function overlap(one: Entry, other: Entry): boolean {
  return one.resources.some((resource) => other.resources.includes(resource));
}

function isAlive({ pid, started }: Entry): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  return started === undefined || startOf(pid) === started;
}

function identity(): Pick<Entry, 'pid' | 'started' | 'namespace'> {
  const started = startOf(process.pid);
  const namespace = attempt(() => readlinkSync('/proc/self/ns/pid'));
  return {
    pid: process.pid,
    ...(started !== undefined && { started }),
    ...(namespace !== undefined && { namespace }),
  };
}

/** Of /proc/<pid>/stat, after the name in parentheses: when the process was started. */
const START_FIELD = 19;

function startOf(pid: number): string | undefined {
  const stat = attempt(() => readFileSync(`/proc/${pid}/stat`, 'latin1'));
  return stat?.slice(stat.lastIndexOf(')') + 2).split(' ')[START_FIELD];
}

/** A folder of this user alone; undefined if there can be none. */
function runtimeFolder(): string | undefined {
  const given = process.env.XDG_RUNTIME_DIR;
  const uid = process.getuid?.() ?? attempt(() => os.userInfo().username) ?? 'user';
  return (
    (given ? ownFolder(join(given, 'mpsbench')) : undefined) ??
    ownFolder(join(os.tmpdir(), `mpsbench-runs-${uid}`))
  );
}

/** Made where it is missing; one that others may write to is not trusted. */
function ownFolder(path: string): string | undefined {
  return (
    attempt(() => {
      mkdirSync(path, { mode: 0o700, recursive: false });
      return path;
    }) ?? (isOwn(path) ? path : undefined)
  );
}

function isOwn(path: string): boolean {
  const facts = attempt(() => lstatSync(path));
  if (!facts?.isDirectory()) return false;
  return (
    process.getuid === undefined || (facts.uid === process.getuid() && (facts.mode & 0o022) === 0)
  );
}

function attempt<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}
