#!/usr/bin/env node
/**
 * What `mpsbench watch` costs the program that it runs: the plain command and the watched one in turn, with sampling
 * only, with the ops of the first steps counted, and with all ops counted. Prints the median of the ratios of wall times
 * of neighbouring runs, with its 95 % interval; the start of mpsbench, some 0.2 s, is measured with `true` and taken off.
 *
 * Usage: node scripts/benchmarks/watch-overhead.mjs [--rounds N] [--limit PERCENT] [--] COMMAND...
 * Exits with 1 where sampling costs more than 1 %, or more than the limit, with certainty.
 */
import { spawnSync } from 'node:child_process';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { orderStatisticInterval } from '../../dist/measure/median-interval.js';
import { ascending, median } from '../../dist/measure/statistics.js';

const BIN = fileURLToPath(new URL('../../bin/mpsbench.js', import.meta.url));
const WAYS = { 'sampling only': 'off', 'first steps': 'first-steps', 'all ops': 'all' };

const { values, positionals: command } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: 'string', default: '10' },
    limit: { type: 'string', default: '1' },
  },
});
if (command.length === 0) {
  process.stderr.write('Usage: watch-overhead.mjs [--rounds N] [--limit PERCENT] -- COMMAND...\n');
  process.exit(64);
}

const watched = (ops, words) => [process.execPath, BIN, 'watch', '--ops', ops, '--', ...words];

/** Seconds that a command takes. */
function seconds([file, ...args]) {
  const started = performance.now();
  const { status, error, stderr } = spawnSync(file, args, {
    stdio: ['ignore', 'ignore', 'pipe'],
    encoding: 'utf8',
    env: { ...process.env, MPSBENCH_HISTORY: 'off' },
  });
  if (error || status !== 0) {
    throw new Error(`${[file, ...args].join(' ')} ended with ${status}: ${error ?? stderr}`);
  }
  return (performance.now() - started) / 1000;
}

function startSeconds(ops) {
  const times = Array.from(
    { length: 5 },
    () => seconds(watched(ops, ['true'])) - seconds(['true']),
  );
  return median(times);
}

seconds(command); // Files are read into memory once.
const times = Object.fromEntries(['plain', ...Object.keys(WAYS)].map((name) => [name, []]));
const starts = Object.fromEntries(Object.values(WAYS).map((ops) => [ops, startSeconds(ops)]));
for (let round = 0; round < Number(values.rounds); round++) {
  const ways = Object.entries({ plain: undefined, ...WAYS });
  // Every other round backwards: a machine that gets slower does not favour the first.
  for (const [name, ops] of round % 2 === 0 ? ways : ways.reverse()) {
    times[name].push(ops ? seconds(watched(ops, command)) - starts[ops] : seconds(command));
  }
}

console.log(`plain: median ${median(times.plain).toFixed(3)} s of ${values.rounds} runs`);
console.log(`start of watch: ${(starts.off * 1000).toFixed(0)} ms\n`);
console.log('watched          overhead   95 % interval');
let isWithin = true;
for (const name of Object.keys(WAYS)) {
  const ratios = ascending(times[name].map((time, i) => time / times.plain[i]));
  const [low, high] = orderStatisticInterval(ratios);
  const percent = (ratio) => `${(100 * (ratio - 1)).toFixed(2)} %`;
  console.log(
    `${name.padEnd(14)}${percent(median(ratios)).padStart(11)}   ${percent(low)} to ${percent(high)}`,
  );
  if (name === 'sampling only' && low - 1 > Number(values.limit) / 100) isWithin = false;
}
process.exitCode = isWithin ? 0 : 1;
