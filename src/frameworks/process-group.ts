import process from 'node:process';

/** A process group that this process started, with the folder that it may write to. */
export interface StartedGroup {
  /** Of the first process, and so of the group. */
  readonly pid: number;
  /** Removed when the group has ended. */
  readonly folder: string;
}

type Listener = (group: StartedGroup) => void;

const listeners = new Set<Listener>();

/**
 * Tells of every group that `announceGroup` names: a worker passes it on, since what ends a worker at
 * once must end the Python that it started too.
 */
export function onGroupStarted(listener: Listener): void {
  listeners.add(listener);
}

export function announceGroup(group: StartedGroup): void {
  for (const listener of listeners) listener(group);
}

/** Kills a process and all that it started and that did not move into a group of its own. */
export function killGroup(pid: number): void {
  try {
    // Windows has no groups: the process alone is ended there.
    process.kill(process.platform === 'win32' ? pid : -pid, 'SIGKILL');
  } catch {
    // The group is gone.
  }
}
