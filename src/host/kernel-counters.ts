import { readdirSync } from 'node:fs';
import os from 'node:os';
import { throttleFiles } from './cgroup.js';
import { CounterFiles } from './counter-files.js';
import { parseCpuList } from './cpu-list.js';
import { systemSource } from './source.js';

/**
 * The kernel's counters at one moment; only differences between two readings mean something. What
 * the system does not tell is left out.
 */
export interface CounterReading {
  /** Monotonic clock. */
  readonly atNs: number;
  /** CPU time of this process and of those it has started, all threads. */
  readonly cpuNs: number;
  /** Involuntary context switches of this process. */
  readonly preemptions: number;
  /** By thread: time that it was ready to run and had no CPU. Linux only. */
  readonly waitNs?: ReadonlyMap<string, number>;
  /** CPU time of every program, on the CPUs that this process may use. Counted in ticks of 10 ms. */
  readonly busyNs?: number;
  /** CPU time that the hypervisor gave to others. */
  readonly stolenNs?: number;
  /** Time that the control groups were paused because their CPU quota was used up. */
  readonly throttledNs?: number;
  /** A clock that also counts while the machine is asleep. */
  readonly bootNs?: number;
}

/** What the counters are read from; tests play recorded machines through it. */
export interface CounterSource {
  readonly platform: NodeJS.Platform;
  readonly pid: number;
  nowNs(): number;
  /** Of a file that is read again and again; undefined if there is none, or it cannot be read. */
  readFile(path: string): string | undefined;
  /** Of a file that is read once. */
  readOnce(path: string): string | undefined;
  list(folder: string): readonly string[];
  /** Of this process. */
  usage(): { readonly cpuNs: number; readonly preemptions: number };
  /** CPU time of every program, where no file tells it. */
  busyNs(): number | undefined;
}

/** Of /proc/stat: USER_HZ is 100 on every architecture that Node runs on. */
const TICK_NS = 1e7;
/** Of /proc/<pid>/stat, after the name in parentheses: state, then the parent. */
const PARENT_FIELD = 1;

/** Reads the counters of this process, of those it has started, and of the machine. Never throws. */
export class KernelCounters {
  readonly #source: CounterSource;
  readonly #throttleFiles: readonly string[];
  /** Names in /proc/stat: `cpu` for all of them, or `cpu3`. */
  readonly #cpus: readonly string[];
  #children: readonly string[] = [];

  /** @param throttleFiles cpu.stat of the control groups that have a quota */
  constructor(source: CounterSource, throttleFiles: readonly string[] = []) {
    this.#source = source;
    this.#throttleFiles = throttleFiles;
    this.#cpus = source.platform === 'linux' ? allowedCpus(source) : [];
  }

  /** The counters of this machine. */
  static async open(): Promise<KernelCounters> {
    const files = process.platform === 'linux' ? await throttleFiles(systemSource) : [];
    return new KernelCounters(systemCounters, files);
  }

  /** Whether processes that this one has started are counted too. */
  get seesChildren(): boolean {
    return this.#source.platform === 'linux';
  }

  /** Looks for processes that this one has started; costs some milliseconds. */
  findChildren(): void {
    if (this.seesChildren) this.#children = descendants(this.#source);
  }

  read(): CounterReading {
    const source = this.#source;
    const { cpuNs, preemptions } = source.usage();
    const atNs = source.nowNs();
    if (source.platform !== 'linux') {
      const busyNs = source.busyNs();
      return { atNs, cpuNs, preemptions, ...(busyNs !== undefined && { busyNs }) };
    }
    const waitNs = new Map<string, number>();
    addThreads(source, 'self', waitNs);
    const childrenNs = this.#children.reduce((sum, pid) => {
      return sum + addThreads(source, pid, waitNs);
    }, 0);
    const throttledNs = this.#throttledNs();
    const bootS = Number(source.readFile('/proc/uptime')?.split(' ')[0]);
    return {
      atNs,
      cpuNs: cpuNs + childrenNs,
      preemptions,
      ...(waitNs.size > 0 && { waitNs }),
      ...machineTimes(source.readFile('/proc/stat') ?? '', this.#cpus),
      ...(throttledNs !== undefined && { throttledNs }),
      ...(Number.isFinite(bootS) && { bootNs: bootS * 1e9 }),
    };
  }

  /** Of the group that was paused the longest: those above it are paused at the same time. */
  #throttledNs(): number | undefined {
    const times = this.#throttleFiles.flatMap((path) => {
      const [, unit, value] =
        /^throttled_(usec|time) (\d+)$/m.exec(this.#source.readFile(path) ?? '') ?? [];
      return value === undefined ? [] : [Number(value) * (unit === 'usec' ? 1e3 : 1)];
    });
    return times.length > 0 ? Math.max(...times) : undefined;
  }
}

/** Adds the waiting time of each thread of a process. @returns the CPU time of all of them */
function addThreads(source: CounterSource, pid: string, waitNs: Map<string, number>): number {
  const folder = `/proc/${pid}/task`;
  let cpuNs = 0;
  for (const thread of source.list(folder)) {
    const [ran, waited] = (source.readFile(`${folder}/${thread}/schedstat`) ?? '').split(' ');
    if (waited === undefined) continue;
    cpuNs += Number(ran);
    waitNs.set(`${pid}/${thread}`, Number(waited));
  }
  return cpuNs;
}

/** user, nice, system, idle, iowait, irq, softirq, steal; guests are counted in user. */
function machineTimes(
  stat: string,
  cpus: readonly string[],
): Pick<CounterReading, 'busyNs' | 'stolenNs'> {
  let [busy, stolen] = [0, 0];
  for (const cpu of cpus) {
    const line = stat.slice(stat.startsWith(`${cpu} `) ? 0 : stat.indexOf(`\n${cpu} `) + 1);
    const [name, ...ticks] = line.slice(0, line.indexOf('\n')).split(/ +/);
    // A CPU that was taken offline has no line.
    if (name !== cpu || ticks.length < 8) return {};
    const [user, nice, system, , , irq, softirq, steal] = ticks.map(Number);
    busy += user + nice + system + irq + softirq;
    stolen += steal;
  }
  return { busyNs: busy * TICK_NS, stolenNs: stolen * TICK_NS };
}

/** The CPUs in the mask of this process (taskset, cpuset): `cpu` if it has them all. */
function allowedCpus(source: CounterSource): string[] {
  const online = parseCpuList(source.readOnce('/sys/devices/system/cpu/online'));
  const status = source.readOnce('/proc/self/status') ?? '';
  const allowed = parseCpuList(/^Cpus_allowed_list:\s*(.+)$/m.exec(status)?.[1]);
  const usable = allowed.filter((cpu) => online.includes(cpu));
  const isAll = usable.length === 0 || usable.length === online.length;
  return isAll ? ['cpu'] : usable.map((cpu) => `cpu${cpu}`);
}

/** Ids of the processes that this one has started, directly or not. */
function descendants(source: CounterSource): string[] {
  const childrenOf = new Map<string, string[]>();
  for (const pid of source.list('/proc').filter((name) => /^\d+$/.test(name))) {
    const stat = source.readOnce(`/proc/${pid}/stat`) ?? '';
    const parent = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[PARENT_FIELD];
    if (parent !== undefined) childrenOf.set(parent, [...(childrenOf.get(parent) ?? []), pid]);
  }
  const found: string[] = [];
  const due = [String(source.pid)];
  for (let parent = due.pop(); parent !== undefined; parent = due.pop()) {
    const children = childrenOf.get(parent) ?? [];
    found.push(...children);
    due.push(...children);
  }
  return found;
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

const files = new CounterFiles();

const systemCounters: CounterSource = {
  platform: process.platform,
  pid: process.pid,
  nowNs: () => Number(process.hrtime.bigint()),
  readFile: (path) => files.read(path),
  readOnce: (path) => new CounterFiles(0).read(path),
  list: namesIn,
  usage: () => {
    const { userCPUTime, systemCPUTime, involuntaryContextSwitches } = process.resourceUsage();
    return {
      cpuNs: (userCPUTime + systemCPUTime) * 1e3,
      preemptions: involuntaryContextSwitches,
    };
  },
  busyNs: () => {
    const cpus = os.cpus();
    if (cpus.length === 0) return undefined;
    const busyMs = cpus.map(({ times }) => times.user + times.nice + times.sys + times.irq);
    return busyMs.reduce((sum, ms) => sum + ms, 0) * 1e6;
  },
};
