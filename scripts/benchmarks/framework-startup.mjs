#!/usr/bin/env node
/**
 * How long `bench cnn` with a framework next to `cpu` takes until it begins to measure, against the import of the framework alone, in
 * alternation. Linux only: the CPU time is that of every process until then. On a busy machine, it says more than the
 * wall time.
 *
 * Usage: node scripts/benchmarks/framework-startup.mjs [ROUNDS] [FRAMEWORK...]
 */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import process from 'node:process';
import { FRAMEWORKS } from '../../dist/frameworks/catalog.js';
import { median } from '../../dist/measure/statistics.js';
import { BIN } from '../setup/process.mjs';
import { testPython } from '../setup/test-pythons.mjs';

/** Of /proc/PID/stat, in clock ticks. */
const TICKS_PER_S = 100;

/** Makes stderr look like a terminal, where the progress says what is going on. */
const TERMINAL = `data:text/javascript,${encodeURIComponent(
  'const e = process.stderr; e.isTTY = true; e.columns = 200; e.cursorTo = e.clearLine = e.moveCursor = () => true;',
)}`;

/** What the progress shows first when everything is compiled and verified. */
const MEASURING = /: warming up|: \d+ samples/;

const [rounds = '5', ...named] = process.argv.slice(2);
const say = (...cells) =>
  console.log(cells.map((cell, at) => (at ? cell.padStart(11) : cell.padEnd(13))).join(''));
const seconds = (value) => `${value.toFixed(2)} s`;

say('', 'import', 'measuring', 'more', 'CPU import', 'measuring', 'more');
for (const framework of named.length > 0 ? named : Object.keys(FRAMEWORKS)) {
  const { python, reason } = testPython(framework);
  if (!python) {
    console.log(`${framework}: ${reason}`);
    continue;
  }
  const args = ['bench', 'cnn', '--device', `cpu,${framework}`, '--python', python, '--runs', '1'];
  // The first of each reads from the disk.
  importOf(framework, python);
  await untilMeasuring(args);
  const turns = [];
  for (let round = 0; round < Number(rounds); round++) {
    turns.push([importOf(framework, python), await untilMeasuring(args)]);
  }
  const columns = ['wallS', 'cpuS'].flatMap((name) => {
    const of = (pick) => seconds(median(turns.map(pick)));
    return [
      of(([one]) => one[name]),
      of(([, two]) => two[name]),
      of(([a, b]) => b[name] - a[name]),
    ];
  });
  say(framework, ...columns);
}

function importOf(framework, python) {
  const code = `import time, ${FRAMEWORKS[framework].module}; print(time.process_time())`;
  const start = performance.now();
  const { stdout, stderr, status } = spawnSync(python, ['-E', '-B', '-c', code], {
    encoding: 'utf8',
  });
  const wallS = (performance.now() - start) / 1000;
  if (status !== 0) throw new Error(stderr);
  return { wallS, cpuS: Number(stdout.trim().split('\n').at(-1)) };
}

/** @returns {Promise<{wallS: number, cpuS: number}>} */
async function untilMeasuring(args) {
  const start = performance.now();
  // Where CI is set, even to nothing, there is no progress.
  const { CI, ...env } = process.env;
  const child = spawn(process.execPath, ['--import', TERMINAL, BIN, ...args], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...env, TERM: 'xterm' },
  });
  let shown = '';
  let found;
  child.stderr.setEncoding('utf8').on('data', (text) => {
    shown += text;
    if (found || !MEASURING.test(shown)) return;
    found = { wallS: (performance.now() - start) / 1000, cpuS: cpuOf(child.pid) };
    child.kill('SIGINT');
  });
  await once(child, 'close');
  if (!found) throw new Error(`${args.join(' ')} did not begin to measure: ${shown}`);
  return found;
}

/** CPU time of a process, its descendants, and those of them that have ended. */
function cpuOf(root) {
  const parents = new Map();
  const ticks = new Map();
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    const fields = statOf(pid);
    if (!fields) continue;
    parents.set(Number(pid), Number(fields[1]));
    ticks.set(
      Number(pid),
      fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0),
    );
  }
  const isOwn = (pid) => pid === root || (parents.has(pid) && isOwn(parents.get(pid)));
  let total = 0;
  for (const [pid, used] of ticks) if (isOwn(pid)) total += used;
  return total / TICKS_PER_S;
}

/** The fields after the name, which may hold spaces: state, parent, ...; undefined once it has ended. */
function statOf(pid) {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ');
  } catch {
    return undefined;
  }
}
