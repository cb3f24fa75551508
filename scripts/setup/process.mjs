/** What the steps of the set-up share: places, messages, and child processes. Node built-ins only. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, fstatSync, mkdirSync, openSync, readFileSync, writeSync } from 'node:fs';
import { availableParallelism, constants } from 'node:os';
import { join, relative } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));
/** Ignored by git: the CMake tree and the logs. */
export const BUILD = join(ROOT, 'build');
export const BIN = join(ROOT, 'bin', 'mpsbench.js');

/** How much of a failed command's output is shown. */
const TAIL_LINES = 40;
/** Steps that end sooner are not mentioned. */
const QUIET_MS = 1000;
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'];

const jobs = String(availableParallelism());
const PARALLEL = { CMAKE_BUILD_PARALLEL_LEVEL: jobs, CTEST_PARALLEL_LEVEL: jobs };

export const say = (text) => process.stderr.write(`${text}\n`);

/** The environment variable that keeps the set-up from changing anything outside this checkout. */
export const setUpIsOff = (env = process.env) =>
  /^(off|0|false|no)$/i.test(env.MPSBENCH_SETUP ?? '');

/** A step that failed: what happened, the end of the output that shows it, and what to do. */
export class StepError extends Error {
  constructor(message, { output = '', log = '', advice = '' } = {}) {
    super(message);
    Object.assign(this, { output, log, advice });
  }

  print() {
    const lines = this.output.trimEnd().split('\n');
    if (this.output)
      say(
        lines
          .slice(-TAIL_LINES)
          .map((line) => `  ${line}`)
          .join('\n'),
      );
    say(this.message);
    if (lines.length > TAIL_LINES) say(`Full log: ${relative(ROOT, this.log)}`);
    if (this.advice) say(this.advice);
  }
}

/** Says what is being done and how long it took, unless it was over at once. */
export async function step(label, work) {
  const start = performance.now();
  const notice = setTimeout(() => say(`${label} ...`), QUIET_MS);
  try {
    return await work();
  } finally {
    clearTimeout(notice);
    const ms = performance.now() - start;
    if (ms > QUIET_MS) say(`${label}: ${(ms / 1000).toFixed(ms < 10_000 ? 1 : 0)} s`);
  }
}

/**
 * Runs a command with its output appended to build/LOG.log.
 * @throws StepError with `failure` and `advice`, and the end of the output
 */
export async function run(command, args, { log, env = {}, failure, advice } = {}) {
  const path = join(BUILD, `${log}.log`);
  mkdirSync(BUILD, { recursive: true });
  const file = openSync(path, 'a');
  writeSync(file, `$ ${[command, ...args].join(' ')}\n`);
  const start = fstatSync(file).size;
  try {
    const code = await exitCode(command, args, { env, stdio: ['ignore', file, file] });
    if (code === 0) return;
    throw new StepError(failure ?? `${command} exited with code ${code}.`, {
      output: readFileSync(path).subarray(start).toString(),
      log: path,
      advice,
    });
  } finally {
    closeSync(file);
  }
}

/**
 * Runs a command on this terminal, or where `stdio` says.
 * @returns {Promise<number>} what a shell would report: 128 + N after signal N, 127 for no such command
 */
export async function exitCode(command, args, { env = {}, stdio = 'inherit' } = {}) {
  const child = spawn(command, args, {
    cwd: ROOT,
    env: { ...PARALLEL, ...process.env, ...env },
    stdio,
  });
  // A terminal sends Ctrl-C to the child itself; other signals reach only this process.
  const pass = (signal) => (signal === 'SIGINT' && process.stdin.isTTY) || child.kill(signal);
  for (const signal of SIGNALS) process.on(signal, pass);
  try {
    const [code, signal] = await once(child, 'close');
    return code ?? 128 + constants.signals[signal];
  } catch (error) {
    if (error.code === 'ENOENT') return 127;
    throw error;
  } finally {
    for (const signal of SIGNALS) process.off(signal, pass);
  }
}
