import { LinuxTree } from './linux-tree.js';
import { PsTree } from './ps-tree.js';
import type { TreeSample } from './sampler-protocol.js';

/** The watched processes at one moment. */
export interface TreeReading {
  readonly pids: ReadonlySet<number>;
  readonly sample?: TreeSample;
  /** The first process is there no longer. */
  readonly gone: boolean;
}

/** A process and all that it started, directly or not. */
export interface ProcessTree {
  /** Never throws. */
  read(): TreeReading;
}

/** The processes below and including `pid` on this system. */
export function processTree(pid: number): ProcessTree {
  return process.platform === 'linux' ? new LinuxTree(pid) : new PsTree(pid);
}
