import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { PASSED_SIGNALS } from './sampler-protocol.js';

/** How a command ended. */
export interface Ended {
  readonly by: 'itself' | 'signal' | 'duration' | 'not-started';
  /** What a shell would report: its exit code, 128 + the signal, 126 or 127 where it did not start. */
  readonly code: number;
  readonly signal?: NodeJS.Signals;
  /** Why it did not start, as the end of a sentence. */
  readonly reason?: string;
}

export interface RunOptions {
  readonly env: NodeJS.ProcessEnv;
  /** Ends the command after this time. */
  readonly durationMs?: number;
  /** Called when signals are passed on from now on: whoever handled them lets go. */
  takeSignals(): void;
  onStarted(pid: number): void;
  /**
   * Whether a signal that came here went to the whole process group; undefined where that is not known.
   */
  reachedGroup(signal: NodeJS.Signals): Promise<boolean | undefined>;
}

/** After SIGTERM, for a command that --duration ends. */
const KILL_AFTER_MS = 10_000;

/** A terminal sends these to the whole foreground group: where nothing else is known, they have arrived. */
const FROM_TERMINAL: readonly NodeJS.Signals[] = ['SIGINT', 'SIGQUIT'];

/**
 * Runs a command as if it had been started by itself: with the same streams, terminal and process group. Signals that
 * come to this process alone are passed on; those that came to the group have reached the command already.
 */
export function runCommand(
  [file = '', ...args]: readonly string[],
  { env, durationMs, takeSignals, onStarted, reachedGroup }: RunOptions,
): Promise<Ended> {
  return new Promise((resolve) => {
    const timers: NodeJS.Timeout[] = [];
    let isOver = false;
    const passOn = async (signal: NodeJS.Signals) => {
      const reached = await reachedGroup(signal);
      if (!(reached ?? FROM_TERMINAL.includes(signal))) child.kill(signal);
    };
    // Before the command exists: from its first moment on, no signal may end this process.
    for (const signal of PASSED_SIGNALS) process.on(signal, passOn);
    takeSignals();
    const child = spawn(file, args, { stdio: 'inherit', env });
    const end = (ended: Ended) => {
      for (const timer of timers) clearTimeout(timer);
      for (const signal of PASSED_SIGNALS) process.off(signal, passOn);
      resolve(ended);
    };
    child.once('error', (error: NodeJS.ErrnoException) => {
      if (child.pid === undefined) end(notStarted(error));
    });
    child.once('exit', (code, signal) => {
      if (isOver) end({ by: 'duration', code: 0, ...(signal && { signal }) });
      else if (signal) end({ by: 'signal', code: 128 + constants.signals[signal], signal });
      else end({ by: 'itself', code: code ?? 0 });
    });
    if (child.pid === undefined) return;
    onStarted(child.pid);
    if (durationMs === undefined) return;
    const stop = () => {
      isOver = true;
      child.kill('SIGTERM');
      timers.push(setTimeout(() => child.kill('SIGKILL'), KILL_AFTER_MS));
    };
    timers.push(setTimeout(stop, durationMs));
  });
}

/** As `env` and shells have it. */
function notStarted({ code, message }: NodeJS.ErrnoException): Ended {
  if (code === 'ENOENT' || code === 'ENOTDIR') {
    return { by: 'not-started', code: 127, reason: 'command not found' };
  }
  const reason = code === 'EACCES' ? 'permission denied' : (code ?? message);
  return { by: 'not-started', code: 126, reason };
}
