import { mkdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { BUILD } from './paths.mjs';
import { say } from './step.mjs';

const BEAT_MS = 2_000;
/** A holder that has not touched its lock for so long is gone, whoever has its process id now. */
const SILENCE_MS = 15_000;

/**
 * Runs `work` while holding a lock file, so that two set-ups at once do not write the same files.
 * The holder touches the file while it works. A lock is stale when its process is gone or when it
 * has not been touched for a while, as seen by the waiter's own clock.
 */
export async function withLock(
  file,
  work,
  { onWait = () => {}, pollMs = 200, silenceMs = SILENCE_MS } = {},
) {
  await acquire(file, { onWait, pollMs, silenceMs });
  const beat = setInterval(() => touch(file), BEAT_MS);
  const release = () => rmSync(file, { force: true });
  process.once('exit', release);
  try {
    return await work();
  } finally {
    clearInterval(beat);
    process.off('exit', release);
    release();
  }
}

/** What writes under build/ or dist/ or installs packages holds this lock. */
export function withBuildLock(work) {
  return withLock(join(BUILD, 'set-up.lock'), work, {
    onWait: ({ pid }) => say(`waiting for another set-up (process ${pid}) ...`),
  });
}

async function acquire(file, { onWait, pollMs, silenceMs }) {
  mkdirSync(dirname(file), { recursive: true });
  let told = false;
  let seen = { mtimeMs: Number.NaN, since: 0 };
  while (!create(file)) {
    const holder = readHolder(file);
    const mtimeMs = statSync(file, { throwIfNoEntry: false })?.mtimeMs;
    if (mtimeMs === undefined) continue;
    const now = performance.now();
    if (mtimeMs !== seen.mtimeMs) seen = { mtimeMs, since: now };
    if (isGone(holder) || now - seen.since > silenceMs) {
      removeStale(file, mtimeMs);
      continue;
    }
    if (!told) onWait(holder);
    told = true;
    await sleep(pollMs);
  }
}

/** Only one waiter at a time may remove a stale lock, and only the one that it has looked at. */
function removeStale(file, mtimeMs) {
  const guard = `${file}.guard`;
  if (!create(guard)) {
    const age = Date.now() - (statSync(guard, { throwIfNoEntry: false })?.mtimeMs ?? Date.now());
    if (age > SILENCE_MS) rmSync(guard, { force: true });
    return;
  }
  try {
    if (statSync(file, { throwIfNoEntry: false })?.mtimeMs === mtimeMs) rmSync(file);
  } finally {
    rmSync(guard, { force: true });
  }
}

function create(file) {
  try {
    writeFileSync(file, JSON.stringify({ pid: process.pid, host: hostname() }), { flag: 'wx' });
    return true;
  } catch (error) {
    if (error.code === 'EEXIST') return false;
    throw error;
  }
}

function readHolder(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return {};
  }
}

function isGone({ pid, host }) {
  if (typeof pid !== 'number' || host !== hostname()) return false;
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return error.code === 'ESRCH';
  }
}

function touch(file) {
  try {
    const now = new Date();
    utimesSync(file, now, now);
  } catch {
    // Removed by hand: nothing to keep alive.
  }
}
