import { spawn } from 'node:child_process';
import { MpsbenchError } from '../errors.js';

/** A result is far smaller; what is longer is none. */
const MAX_OUTPUT_BYTES = 64 * 2 ** 20;

const KEPT_STDERR_CHARS = 4000;

/** srun needs a moment to end what runs on its node; a job that it leaves behind goes on for ever. */
const GRACE_MS = 10_000;

export interface ProgramLimits {
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

export type ProgramOutcome = {
  /** Until the program was stopped: what follows is about that. */
  readonly stderr: string;
  /** Whether it was stopped, and did not end by itself. */
  readonly isStopped: boolean;
} & ({ readonly text: string } | { readonly text?: undefined; readonly why: string });

/**
 * Runs a program in a process group of its own and keeps what it prints.
 * @throws MpsbenchError `unavailable` where it does not start
 */
export function runProgram(
  [program, ...args]: readonly [program: string, ...args: string[]],
  { timeoutMs, signal }: ProgramLimits,
): Promise<ProgramOutcome> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], detached: true });
    const pieces: Buffer[] = [];
    let bytes = 0;
    let stderr = '';
    let stopped: string | undefined;
    let grace: NodeJS.Timeout | undefined;
    const stop = (why: string) => {
      if (stopped !== undefined) return;
      stopped = why;
      signalGroup(child.pid, 'SIGTERM');
      grace = setTimeout(() => signalGroup(child.pid, 'SIGKILL'), GRACE_MS);
    };
    const limit = setTimeout(() => stop(`no answer within ${timeoutMs / 1000} s`), timeoutMs);
    const interrupt = () => stop('interrupted');
    signal.addEventListener('abort', interrupt, { once: true });
    child.stdout.on('data', (piece: Buffer) => {
      bytes += piece.length;
      if (bytes > MAX_OUTPUT_BYTES) stop('it prints without end');
      else pieces.push(piece);
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      if (stopped === undefined) stderr = (stderr + text).slice(-KEPT_STDERR_CHARS);
    });
    const finish = () => {
      clearTimeout(limit);
      clearTimeout(grace);
      signal.removeEventListener('abort', interrupt);
    };
    child.once('error', (cause: NodeJS.ErrnoException) => {
      finish();
      const advice = `Install ${program}, or choose another --launcher.`;
      const message = `${program} does not start (${cause.code}).`;
      reject(new MpsbenchError('unavailable', message, advice, { cause }));
    });
    child.once('close', (code, signalName) => {
      finish();
      if (stopped !== undefined) {
        // Whatever outlived the program.
        signalGroup(child.pid, 'SIGKILL');
        return resolve({ why: stopped, stderr, isStopped: true });
      }
      const text = Buffer.concat(pieces).toString('utf8');
      // Findings and hosts that could not check exit with 1 and 2, and print their result all the same.
      if (text.trim() !== '') return resolve({ text, stderr, isStopped: false });
      const why = signalName ? `was ended by ${signalName}` : exitText(code ?? 0);
      resolve({ why, stderr, isStopped: false });
    });
  });
}

/** What shells and launchers mean by their exit codes. */
function exitText(code: number): string {
  if (code === 127) return 'mpsbench is not installed there (exit code 127)';
  if (code === 126) return 'mpsbench cannot be run there (exit code 126)';
  if (code === 255) return 'it could not be reached (exit code 255)';
  return code === 0 ? 'it printed nothing' : `it exited with ${code}`;
}

function signalGroup(pid: number | undefined, signal: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch {
    // It has ended.
  }
}
