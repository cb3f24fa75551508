#!/usr/bin/env node
/**
 * Whether `mpsbench bench` gives a confident wrong number on a busy machine: the same command on a quiet machine,
 * beside one busy loop, and beside two. Every value that is printed with an interval has to hold for the quiet
 * machine: the quiet value lies within it, or the row is marked as disturbed.
 * Usage: node scripts/benchmarks/busy.mjs [--repeat 20] [--cpus 0,1] [ARGUMENTS_OF_BENCH...]
 * Without arguments: `add --preset small --device cpu:0` and `cnn --quick --device cpu:0`. --cpus keeps mpsbench and
 * the loops on these CPUs (taskset, Linux). Exits with 1 if a value is wrong and not marked.
 */
import { spawn, spawnSync } from 'node:child_process';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { BIN, say } from '../setup/process.mjs';

const COMMANDS = [
  ['add', '--preset', 'small', '--device', 'cpu:0'],
  ['cnn', '--quick', '--device', 'cpu:0'],
];

/**
 * @typedef {{ medianNs: number, interval?: [number, number], marked: boolean, otherCpus?: number, offCpu?: number }} Value
 */

/** @returns {Value[]} one entry per measured row, as it is printed */
export function valuesOf({ rows }) {
  return rows.flatMap(({ measurement }) => {
    if (!measurement) return [];
    const { wall, disturbance } = measurement;
    return {
      medianNs: wall.median,
      interval: wall.interval,
      marked: disturbance?.unreliable ?? false,
      otherCpus: disturbance?.otherCpus,
      offCpu: disturbance?.offCpu,
    };
  });
}

/** Half the distance between the ends of an interval, as a share of the median. */
const halfWidth = ({ medianNs, interval }) =>
  interval ? (interval[1] - interval[0]) / 2 / medianNs : Number.POSITIVE_INFINITY;

/**
 * @param {readonly Value[]} quiet of the quiet machine
 * @param {readonly Value[]} values to judge
 * @returns what became of the values: marked, holding for the quiet machine, or wrong. The quiet value is
 *   itself known to a half-width only; the two are joined as independent errors are.
 */
export function judge(quiet, values) {
  const sound = quiet.filter(({ marked }) => !marked);
  const reference = medianOf((sound.length > 0 ? sound : quiet).map(({ medianNs }) => medianNs));
  const own = medianOf((sound.length > 0 ? sound : quiet).map(halfWidth));
  const isWrong = (value) =>
    !value.marked &&
    Math.abs(value.medianNs - reference) >
      Math.hypot(halfWidth(value) * value.medianNs, own * reference);
  const wrong = values.filter(isWrong);
  const marked = values.filter((value) => value.marked);
  return {
    reference,
    marked: marked.length,
    holds: values.length - marked.length - wrong.length,
    wrong,
  };
}

function medianOf(values) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

function onCpus(cpus, command) {
  return cpus === undefined ? command : ['taskset', '-c', cpus, ...command];
}

/** Runs `work` beside so many busy loops. */
function beside(loops, cpus, work) {
  const [program, ...args] = onCpus(cpus, [process.execPath, '-e', 'for (;;);']);
  const running = Array.from({ length: loops }, () => spawn(program, args, { stdio: 'ignore' }));
  try {
    return work();
  } finally {
    for (const loop of running) loop.kill('SIGKILL');
  }
}

function bench(args, cpus) {
  const [program, ...rest] = onCpus(cpus, [process.execPath, BIN, 'bench', ...args, '--json', '-']);
  const options = { encoding: 'utf8', maxBuffer: 2 ** 30, stdio: ['ignore', 'pipe', 'inherit'] };
  const { stdout, status } = spawnSync(program, rest, options);
  if (status === 0 || status === 1) return valuesOf(JSON.parse(stdout));
  say(`mpsbench bench ${args.join(' ')} exited with ${status}`);
  process.exit(2);
}

const us = (ns) => `${(ns / 1e3).toPrecision(4)} us`;
const percent = (share) => `${Math.round(100 * share)} %`;

function range(values, format) {
  const known = values.filter((value) => value !== undefined);
  if (known.length === 0) return 'unknown';
  const [low, high] = [Math.min(...known), Math.max(...known)].map(format);
  return low === high ? low : `${low} to ${high}`;
}

function report(name, values, { marked, holds, wrong }) {
  const off = range(
    values.map(({ offCpu }) => offCpu),
    percent,
  );
  const others = range(
    values.map(({ otherCpus }) => otherCpus),
    (cpus) => cpus.toFixed(2),
  );
  process.stdout.write(
    `| ${name} | ${range(
      values.map(({ medianNs }) => medianNs),
      us,
    )} | ${others} | ${off} | ${marked} | ${holds} | ${wrong.length} |\n`,
  );
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const args = process.argv.slice(2);
  const option = (name) => (args[0] === name ? args.splice(0, 2)[1] : undefined);
  const repeat = Number(option('--repeat') ?? 20);
  const cpus = option('--cpus');
  let failed = false;
  for (const command of args.length > 0 ? [args] : COMMANDS) {
    process.stdout.write(`\nmpsbench bench ${command.join(' ')}\n\n`);
    process.stdout.write('| | printed | other CPUs | off the CPU | marked | holds | outside |\n');
    process.stdout.write('| --- | ---: | ---: | ---: | ---: | ---: | ---: |\n');
    const times = (loops) =>
      beside(loops, cpus, () => Array.from({ length: repeat }, () => bench(command, cpus)).flat());
    const quiet = times(0);
    for (const [name, values] of [
      ['quiet', quiet],
      ['one loop', times(1)],
      ['two loops', times(2)],
    ]) {
      const judged = judge(quiet, values);
      report(name, values, judged);
      failed ||= judged.wrong.length > 0;
      for (const value of judged.wrong) {
        say(`outside and not marked: ${us(value.medianNs)} ±${percent(halfWidth(value))}`);
      }
    }
  }
  process.exit(failed ? 1 : 0);
}
