import type { FleetHost } from '../result/schema.js';
import type { FleetInput } from './read.js';
import { hostResultOf, type Reading, readingOf } from './reading.js';
import { type ProgramOutcome, runProgram } from './run-program.js';

/** How a command is run on one host. */
export interface Launcher {
  readonly id: 'slurm' | 'ssh';
  /** The program and its arguments that run `command` on `host` and pass on its stdout. */
  commandOn(
    host: string,
    command: readonly string[],
  ): readonly [program: string, ...args: string[]];
  /** Why a host gave no result, where the launcher itself says so on stderr; the end of a sentence. */
  explain?(stderr: string): string | undefined;
  /** Whether a line of stderr is only the launcher's own noise. */
  isChatter?(line: string): boolean;
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
      const outcome = await runProgram(launcher.commandOn(host, options.command), options);
      const reading = outcome.text === undefined ? outcome.why : readResult(outcome.text, host);
      if (typeof reading === 'string') {
        const why = withStderr(reading, outcome, launcher);
        failed.push({ name: host, state: 'unchecked', why });
      } else readings.push(reading);
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
function readResult(text: string, host: string): Reading | string {
  const start = text.search(/^\{/m);
  const end = text.lastIndexOf('}');
  let value: unknown;
  try {
    value = JSON.parse(start >= 0 ? text.slice(start, end + 1) : text);
  } catch {
    return text.trim() === '' ? 'it printed nothing' : 'it printed no result';
  }
  const result = hostResultOf(value);
  if (typeof result === 'string') return `its output ${result}`;
  // The launcher's name for the host is the one that the user knows.
  return readingOf({ ...result, host }, host);
}

/** The launcher's own explanation, else the last words of the host. */
function withStderr(
  why: string,
  { stderr, isStopped }: ProgramOutcome,
  { explain, isChatter }: Launcher,
): string {
  const known = explain?.(stderr);
  if (known !== undefined) return isStopped ? `${why}; ${known}` : known;
  const lines = stderr.split('\n').map((line) => line.trim());
  const last = lines.findLast((line) => line !== '' && !isChatter?.(line));
  return last ? `${why}; it last said: ${last}` : why;
}
