import { spawn } from 'node:child_process';
import { closeSync, fstatSync, mkdirSync, openSync, readFileSync, writeSync } from 'node:fs';
import { constants } from 'node:os';
import { dirname } from 'node:path';
import process from 'node:process';
import { ROOT } from './paths.mjs';

const FORWARDED = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/** What a shell would report: the exit code, or 128 + the signal's number. */
const exitCodeOf = (code, signal) => code ?? 128 + (constants.signals[signal] ?? 0);

/**
 * Runs a step of the set-up with its output in a log file. A signal that ends the set-up ends the
 * child too.
 * @param {object} options
 * @param {(text: string) => void} [options.onOutput] also given the output as it comes
 * @returns {Promise<{ code: number, text: string }>} the exit code and what this command has logged;
 *   127 where the command does not exist.
 */
export function runLogged(
  command,
  args,
  { log, cwd = ROOT, env = process.env, append = false, onOutput },
) {
  mkdirSync(dirname(log), { recursive: true });
  const file = openSync(log, append ? 'a' : 'w');
  const before = fstatSync(file).size;
  writeSync(file, `$ ${[command, ...args].join(' ')}\n`);
  return new Promise((resolve) => {
    const output = onOutput ? 'pipe' : file;
    const child = spawn(command, args, { cwd, env, stdio: ['ignore', output, output] });
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text) => {
        writeSync(file, text);
        onOutput(text);
      });
    }
    const stop = (signal) => {
      child.kill(signal);
      process.exit(128 + constants.signals[signal]);
    };
    for (const signal of FORWARDED) process.on(signal, stop);
    const finish = (code) => {
      for (const signal of FORWARDED) process.off(signal, stop);
      closeSync(file);
      resolve({ code, text: readFileSync(log).subarray(before).toString() });
    };
    child.once('error', (error) => {
      writeSync(file, `${error.message}\n`);
      finish(127);
    });
    child.once('close', (code, signal) => finish(exitCodeOf(code, signal)));
  });
}

/**
 * Runs a command in our place: same terminal, same streams. On a terminal Ctrl-C reaches the whole
 * process group, the child included, so we only wait; a signal sent to us alone is passed on.
 * @returns {Promise<number>} the exit code.
 */
export function runForeground(command, args, { cwd = ROOT, env = process.env } = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd, env, stdio: 'inherit' });
    const pass = (signal) => {
      if (signal === 'SIGINT' && process.stdin.isTTY) return;
      child.kill(signal);
    };
    for (const signal of FORWARDED) process.on(signal, pass);
    const finish = (code) => {
      for (const signal of FORWARDED) process.off(signal, pass);
      resolve(code);
    };
    child.once('error', (error) => {
      process.stderr.write(`${command}: ${error.message}\n`);
      finish(127);
    });
    child.once('close', (code, signal) => finish(exitCodeOf(code, signal)));
  });
}
