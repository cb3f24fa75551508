import { type ChildProcess, spawn } from 'node:child_process';
import { MpsbenchError } from '../../errors.js';
import type { ChildEnd } from '../../frameworks/faults/asked.js';
import { activeTimeout } from '../../runner/active-timeout.js';

export interface ChildOutcome {
  readonly end: ChildEnd;
  /** The first `maxOutputBytes` of each, as UTF-8. */
  readonly stdout: string;
  readonly stderr: string;
}

export interface ChildOptions {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
  /** A stream that says more than this is cut and the child is stopped. */
  readonly maxOutputBytes?: number;
}

/** TensorFlow's placement log of the examples takes about 40 kB. */
const MAX_OUTPUT_BYTES = 4 * 2 ** 20;

/** A descendant that outlives its parent may hold the pipes: then what was said so far is all. */
const CLOSE_GRACE_MS = 500;
const STUCK_GRACE_MS = 2_000;

/**
 * Runs a program that nobody vouches for: no stdin, a process group of its own that is killed with
 * everything in it at the end, whatever the end is, and a bound on time and on output.
 * @throws MpsbenchError `interrupted`
 */
export function runChild(
  command: string,
  args: readonly string[],
  options: ChildOptions,
): Promise<ChildOutcome> {
  const { cwd, env, timeoutMs, signal, maxOutputBytes = MAX_OUTPUT_BYTES } = options;
  return new Promise((resolve, reject) => {
    if (signal?.aborted) {
      reject(new MpsbenchError('interrupted', 'Interrupted.'));
      return;
    }
    let child: ChildProcess;
    try {
      child = spawn(command, args, {
        cwd,
        env,
        detached: process.platform !== 'win32',
        stdio: ['ignore', 'pipe', 'pipe'],
      });
    } catch (error) {
      // A path that no program can have, for example one with a NUL character.
      resolve({ end: { state: 'not_started', reason: String(error) }, stdout: '', stderr: '' });
      return;
    }
    const kept = { stdout: [] as Buffer[], stderr: [] as Buffer[] };
    let end: ChildEnd | undefined;

    const finish = () => {
      endLimit();
      signal?.removeEventListener('abort', interrupt);
      child.stdout?.destroy();
      child.stderr?.destroy();
      const text = (chunks: readonly Buffer[]) => Buffer.concat(chunks).toString('utf8');
      if (end) resolve({ end, stdout: text(kept.stdout), stderr: text(kept.stderr) });
    };
    const stop = (reason: ChildEnd) => {
      end ??= reason;
      killGroup(child);
      // A process inside a stuck driver call does not even end by SIGKILL: go on without it.
      setTimeout(finish, STUCK_GRACE_MS).unref();
    };
    const interrupt = () => {
      killGroup(child);
      finish();
      reject(new MpsbenchError('interrupted', 'Interrupted.'));
    };
    const endLimit = activeTimeout(timeoutMs, () =>
      stop({ state: 'timed_out', seconds: timeoutMs / 1000 }),
    );
    signal?.addEventListener('abort', interrupt, { once: true });

    for (const stream of ['stdout', 'stderr'] as const) {
      let bytes = 0;
      child[stream]?.on('data', (chunk: Buffer) => {
        if (bytes >= maxOutputBytes) return;
        kept[stream].push(chunk.subarray(0, maxOutputBytes - bytes));
        bytes += chunk.length;
        if (bytes >= maxOutputBytes) stop({ state: 'flooded', stream, bytes: maxOutputBytes });
      });
    }
    child.once('error', (error: NodeJS.ErrnoException) => {
      end ??= { state: 'not_started', reason: error.code ?? error.message };
      finish();
    });
    child.once('exit', (code, exitSignal) => {
      end ??= exitSignal
        ? { state: 'killed', signal: exitSignal }
        : { state: 'exited', code: code ?? 0 };
      killGroup(child);
      const grace = setTimeout(finish, CLOSE_GRACE_MS);
      child.once('close', () => {
        clearTimeout(grace);
        finish();
      });
    });
  });
}

/** The child and all that it started and did not move into a group of its own. */
function killGroup(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    if (process.platform === 'win32') child.kill('SIGKILL');
    else process.kill(-child.pid, 'SIGKILL');
  } catch {
    // The group is gone.
  }
}
