import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { say } from './process.mjs';

/**
 * Runs `work` while holding a lock file: npm and CMake do not expect a second one in the same folder.
 * A lock whose process has ended is taken over.
 * @template T
 * @param {string} file
 * @param {() => Promise<T>} work
 * @param {{ pollMs?: number, onWait?: (holder: number, file: string) => void }} options
 * @returns {Promise<T>}
 */
export async function withLock(file, work, { pollMs = 200, onWait = sayWho } = {}) {
  mkdirSync(dirname(file), { recursive: true });
  for (let waits = 0; !create(file); waits++) {
    const holder = Number(readText(file));
    if (holder > 0 && !isRunning(holder)) rmSync(file, { force: true });
    else await sleep(pollMs);
    if (waits === 1) onWait(holder, file);
  }
  const release = () => rmSync(file, { force: true });
  process.once('exit', release);
  try {
    return await work();
  } finally {
    process.off('exit', release);
    release();
  }
}

const sayWho = (pid, file) =>
  say(`Waiting for another set-up (process ${pid}). If there is none, delete ${file}.`);

function create(file) {
  try {
    writeFileSync(file, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if (error.code === 'EEXIST') return false;
    throw error;
  }
}

/** Empty while the holder has not written yet, or has just released it. */
function readText(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

function isRunning(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code !== 'ESRCH';
  }
}
