import { describe, expect, it } from 'vitest';
import { LinuxTree, type ProcSource } from '../../../src/watch/linux-tree.js';

interface Process {
  parent: number;
  /** user, system, and of children that were waited for. */
  ticks: [number, number, number, number];
  pages?: number;
  started?: number;
  state?: string;
  /** Those that its main thread started. */
  children?: number[];
  name?: string;
}

/** A recorded /proc. */
class FakeProc implements ProcSource {
  readonly processes = new Map<number, Process>();
  scans = 0;
  /** Ids of the processes that a scan read. */
  readonly once: number[] = [];

  readFile(path: string): string | undefined {
    const [, pid, file] = /^\/proc\/(\d+)\/(stat|task\/\d+\/children)$/.exec(path) ?? [];
    const process = this.processes.get(Number(pid));
    if (!process) return undefined;
    if (file !== 'stat') return (process.children ?? []).map((child) => `${child} `).join('');
    const { parent, ticks, pages = 10, started = 5, state = 'S', name = 'python' } = process;
    const before = Array(9).fill(0).join(' ');
    const between = Array(4).fill(0).join(' ');
    return `${pid} (${name}) ${state} ${parent} ${before} ${ticks.join(' ')} ${between} ${started} 0 ${pages} 0\n`;
  }

  readOnce(path: string): string | undefined {
    this.once.push(Number(path.split('/')[2]));
    return this.readFile(path);
  }

  list(): readonly string[] {
    this.scans += 1;
    return ['self', ...[...this.processes.keys()].map(String)];
  }
}

const TICK_NS = 1e7;

function tree(processes: Record<number, Process>) {
  const proc = new FakeProc();
  for (const [pid, process] of Object.entries(processes)) proc.processes.set(Number(pid), process);
  return { proc, tree: new LinuxTree(100, proc) };
}

describe('a tree of processes', () => {
  it('has children of children, and no strangers', () => {
    const { tree: own } = tree({
      100: { parent: 1, ticks: [1, 2, 3, 4], children: [101] },
      101: { parent: 100, ticks: [10, 0, 0, 0], children: [102] },
      102: { parent: 101, ticks: [0, 5, 0, 0] },
      999: { parent: 1, ticks: [1000, 0, 0, 0] },
    });
    const { pids, sample, gone } = own.read();
    expect([...pids].sort()).toEqual([100, 101, 102]);
    expect(sample).toMatchObject({ processes: 3, cpuNs: 25 * TICK_NS, memoryBytes: 30 * 4096 });
    expect(gone).toBe(false);
  });

  it('finds children that another thread started, by their parent', () => {
    const { tree: own } = tree({
      100: { parent: 1, ticks: [0, 0, 0, 0] },
      101: { parent: 100, ticks: [0, 0, 0, 0], name: 'a) S 1 (b' },
    });
    expect(own.read().pids.has(101)).toBe(true);
  });

  it('keeps a child whose parent has ended, and counts no CPU time twice', () => {
    const { proc, tree: own } = tree({
      100: { parent: 1, ticks: [1, 0, 0, 0], children: [101] },
      101: { parent: 100, ticks: [7, 0, 0, 0], children: [102] },
      102: { parent: 101, ticks: [5, 0, 0, 0] },
    });
    expect(own.read().sample?.cpuNs).toBe(13 * TICK_NS);
    proc.processes.delete(101);
    proc.processes.set(100, { parent: 1, ticks: [1, 0, 7, 0] });
    proc.processes.set(102, { parent: 1, ticks: [6, 0, 0, 0] });
    const { pids, sample } = own.read();
    expect([...pids].sort()).toEqual([100, 102]);
    expect(sample?.cpuNs).toBe(14 * TICK_NS);
  });

  it('has CPU time that never decreases', () => {
    const { proc, tree: own } = tree({
      100: { parent: 1, ticks: [1, 0, 0, 0], children: [101] },
      101: { parent: 100, ticks: [7, 0, 0, 0] },
    });
    own.read();
    proc.processes.delete(101);
    expect(own.read().sample?.cpuNs).toBe(8 * TICK_NS);
  });

  it('takes a process of the same id for another one, and a zombie for none', () => {
    const { proc, tree: own } = tree({ 100: { parent: 1, ticks: [1, 0, 0, 0] } });
    expect(own.read().gone).toBe(false);
    proc.processes.set(100, { parent: 1, ticks: [9, 0, 0, 0], started: 77 });
    expect(own.read().gone).toBe(true);
    const { tree: zombie } = tree({ 100: { parent: 1, ticks: [1, 0, 0, 0], state: 'Z' } });
    expect(zombie.read().gone).toBe(true);
  });

  it('looks through all processes only now and then', () => {
    const { proc, tree: own } = tree({ 100: { parent: 1, ticks: [1, 0, 0, 0] } });
    for (let i = 0; i < 20; i++) own.read();
    expect(proc.scans).toBe(2);
  });

  it('reads a stranger once, and still finds what starts later', () => {
    const { proc, tree: own } = tree({
      1: { parent: 0, ticks: [0, 0, 0, 0] },
      50: { parent: 1, ticks: [0, 0, 0, 0] },
      51: { parent: 50, ticks: [0, 0, 0, 0] },
      100: { parent: 1, ticks: [1, 0, 0, 0] },
    });
    for (let i = 0; i < 11; i++) own.read();
    // Their ids are smaller than those of their parents.
    proc.processes.set(40, { parent: 41, ticks: [0, 0, 0, 0] });
    proc.processes.set(41, { parent: 100, ticks: [0, 0, 0, 0] });
    for (let i = 0; i < 30; i++) own.read();
    expect(proc.scans).toBe(5);
    expect(proc.once.filter((pid) => [1, 50, 51].includes(pid))).toEqual([1, 50, 51]);
    expect([...own.read().pids].sort()).toEqual([100, 40, 41]);
  });
});
