import { spawn } from 'node:child_process';
import { MpsbenchError } from '../errors.js';
import type { FleetHost } from '../result/schema.js';
import type { FleetInput } from './read.js';
import { type Reading, readingOf } from './reading.js';

/** A result is far smaller; what is longer is none. */
const MAX_OUTPUT_BYTES = 64 * 2 ** 20;

const KEPT_STDERR_CHARS = 2000;

/** How a command is run on one host. */
export interface Launcher {
  readonly id: 'slurm' | 'ssh';
  /** The program and its arguments that run `command` on `host` and pass on its stdout. */
  commandOn(
    host: string,
    command: readonly string[],
  ): readonly [program: string, ...args: string[]];
}

export interface LaunchOptions {
  readonly hosts: readonly string[];
  /** `mpsbench bench all --quick --json`, as words. */
  readonly command: readonly string[];
  /** For each host, in milliseconds. */
  readonly timeoutMs: number;
  /** Hosts at the same time. */
  readonly parallel: number;
  readonly signal: AbortSignal;
  onDone?(host: string, done: number): void;
}

export interface Launched {
  readonly input: FleetInput;
  /** Hosts that gave no result, with the reason. */
  readonly failed: readonly FleetHost[];
}

/**
 * Runs the command once on each host and collects what it prints. A host that hangs, dies, prints
 * something else or lacks the program costs itself only.
 */
export async function launchFleet(launcher: Launcher, options: LaunchOptions): Promise<Launched> {
  const { hosts, parallel, signal } = options;
  const readings: Reading[] = [];
  const failed: FleetHost[] = [];
  const waiting = [...hosts];
  let done = 0;
  const work = async () => {
    for (let host = waiting.shift(); host !== undefined; host = waiting.shift()) {
      if (signal.aborted) return;
      const outcome = await runOn(launcher, host, options);
      const reading =
        outcome.text === undefined ? outcome.why : readResult(outcome.text, host, readings.length);
      if (typeof reading === 'string') {
        failed.push({ name: host, state: 'unchecked', why: withStderr(reading, outcome.stderr) });
      } else {
        // The launcher's name for the host is the one that the user knows.
        readings.push({ ...reading, host });
      }
      done += 1;
      options.onDone?.(host, done);
    }
  };
  await Promise.all(Array.from({ length: Math.min(parallel, hosts.length) }, work));
  if (signal.aborted) {
    for (const host of hosts) {
      const known =
        failed.some(({ name }) => name === host) || readings.some((r) => r.host === host);
      if (!known) failed.push({ name: host, state: 'unchecked', why: 'interrupted' });
    }
  }
  return { input: { readings, unreadable: [] }, failed };
}

/** A result may be followed or preceded by what a shell's start-up files print. */
function readResult(text: string, host: string, index: number): Reading | string {
  const start = text.search(/^\{/m);
  const end = text.lastIndexOf('}');
  let value: unknown;
  try {
    value = JSON.parse(start >= 0 ? text.slice(start, end + 1) : text);
  } catch {
    return text.trim() === '' ? 'it printed nothing' : 'it printed no result';
  }
  const reading = readingOf(value, host, index);
  return typeof reading === 'string' ? `its output ${reading}` : reading;
}

function withStderr(why: string, stderr: string): string {
  const last = stderr.trimEnd().split('\n').at(-1)?.trim();
  return last ? `${why}; it last said: ${last}` : why;
}

type Outcome =
  | { readonly text: string; readonly why: ''; readonly stderr: string }
  | { readonly text?: undefined; readonly why: string; readonly stderr: string };

function runOn(
  launcher: Launcher,
  host: string,
  { command, timeoutMs, signal }: LaunchOptions,
): Promise<Outcome> {
  const [program, ...args] = launcher.commandOn(host, command);
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], detached: true });
    const pieces: Buffer[] = [];
    let bytes = 0;
    let stderr = '';
    let ended: string | undefined;
    const stop = (why: string) => {
      ended ??= why;
      killGroup(child.pid);
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
      stderr = (stderr + text).slice(-KEPT_STDERR_CHARS);
    });
    const finish = () => {
      clearTimeout(limit);
      signal.removeEventListener('abort', interrupt);
    };
    child.once('error', (cause: NodeJS.ErrnoException) => {
      finish();
      const advice = `Install ${program}, or choose another --launcher.`;
      reject(
        new MpsbenchError('unavailable', `${program} does not start (${cause.code}).`, advice, {
          cause,
        }),
      );
    });
    child.once('close', (code, signalName) => {
      finish();
      if (ended !== undefined) return resolve({ why: ended, stderr });
      const text = Buffer.concat(pieces).toString('utf8');
      // Findings and hosts that could not check exit with 1 and 2, and print their result all the same.
      if (text.trim() !== '') return resolve({ text, why: '', stderr });
      const how = signalName ? `was ended by ${signalName}` : exitText(code ?? 0);
      resolve({ why: how, stderr });
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

function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It has ended.
  }
}
