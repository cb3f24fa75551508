import { readFileSync } from 'node:fs';

const TICKS = 20;
const SHORTEST_TICK_MS = 5;
const LONGEST_TICK_MS = 250;
/** A tick that comes later than this many ticks found the process stopped, not busy. */
const LATEST = 8;
/** A stopped worker is waited for, but not forever: someone may be debugging it. */
const LONGEST_STOP_MS = 600_000;

/**
 * Calls `expire` once `timeoutMs` have passed in which this process, and the one it waits for, were
 * running: time for which they were stopped (Ctrl-Z, SIGSTOP) is not counted.
 * @param pid of the process that is waited for
 * @returns ends the waiting
 */
export function activeTimeout(
  timeoutMs: number,
  expire: () => void,
  pid?: number,
  isStopped: (pid: number) => boolean = isStoppedProcess,
): () => void {
  const tickMs = Math.min(LONGEST_TICK_MS, Math.max(SHORTEST_TICK_MS, timeoutMs / TICKS));
  let [last, activeMs, stoppedMs] = [performance.now(), 0, 0];
  const timer = setInterval(() => {
    const now = performance.now();
    const elapsed = now - last;
    last = now;
    if (elapsed > LATEST * Math.max(tickMs, LONGEST_TICK_MS)) activeMs += tickMs;
    else if (pid !== undefined && stoppedMs < LONGEST_STOP_MS && isStopped(pid))
      stoppedMs += elapsed;
    else activeMs += elapsed;
    if (activeMs < timeoutMs) return;
    clearInterval(timer);
    expire();
  }, tickMs);
  // Nothing is kept alive by the end of a limit.
  timer.unref();
  return () => clearInterval(timer);
}

/** Linux only: elsewhere such a process looks like one that hangs. */
function isStoppedProcess(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return /^[Tt]/.test(stat.slice(stat.lastIndexOf(')') + 2));
  } catch {
    return false;
  }
}
