#!/usr/bin/env node
/**
 * How far the verdicts of `bench --baseline` can be trusted on a real device. Each round measures a baseline, then the
 * same again (A/A), then a problem with more work that is passed off as the same (a planted slowdown: the sizes of a
 * copy of the baseline are rewritten). Counts how often each verdict is given.
 *
 *   node scripts/benchmarks/compare-trust.mjs --rounds 100 --plant elements=1.03 --tolerance 2% --out trust.jsonl \
 *     -- add --device cuda:0 --elements 2^26 --time 0.6 --warmup 0.1
 *
 * --minutes N ends after the round that is going on then; rounds that --out has already are counted, so that a long
 * check can be spread over several commands. --confirm is passed on to mpsbench. The last line is a row for the table of
 * docs/compare.md. Needs a build (npm run build).
 */
import { execFile } from 'node:child_process';
import {
  appendFileSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { parseArgs, promisify } from 'node:util';
import { ROOT } from '../setup/process.mjs';

const run = promisify(execFile);

const dashes = process.argv.indexOf('--');
const bench = dashes < 0 ? [] : process.argv.slice(dashes + 1);
const { values } = parseArgs({
  args: process.argv.slice(2, dashes < 0 ? undefined : dashes),
  options: {
    rounds: { type: 'string', default: '20' },
    plant: { type: 'string', default: 'elements=1.03' },
    tolerance: { type: 'string', default: '2%' },
    minutes: { type: 'string' },
    confirm: { type: 'boolean', default: false },
    out: { type: 'string' },
  },
});
if (bench.length === 0) {
  process.stderr.write(
    'Name the bench behind --, for example: -- add --device cpu --elements 2^22\n',
  );
  process.exit(64);
}

const [parameter, factorText] = values.plant.split('=');
const factor = Number(factorText);
const folder = mkdtempSync(join(tmpdir(), 'mpsbench-trust-'));
const path = (name) => join(folder, name);

/** Runs a bench, whatever it exits with, and reads its result. */
async function measure(name, flags) {
  const file = path(`${name}.json`);
  const words = [join(ROOT, 'bin', 'mpsbench.js'), 'bench', ...flags, '--json', file];
  await run(process.execPath, words, { maxBuffer: 1e9 }).catch((error) => {
    if (![1, 2].includes(error.code)) throw error;
  });
  return JSON.parse(readFileSync(file, 'utf8'));
}

/** The flags with the planted size in place of the one that they name. */
function planted(flags, size) {
  const at = flags.indexOf(`--${parameter}`);
  if (at < 0) throw new Error(`--plant ${parameter}: the bench has no --${parameter}`);
  return flags.with(at + 1, String(size));
}

/** `2^20`, `4096` */
function sizeOf(flags) {
  const [base, exponent = 1] = flags[flags.indexOf(`--${parameter}`) + 1].split('^').map(Number);
  return base ** exponent;
}

/** A copy of a result whose sizes are those of another. */
function disguise(result, as) {
  return { ...result, rows: result.rows.map((row, i) => ({ ...row, params: as.rows[i].params })) };
}

async function round() {
  const gate = ['--tolerance', values.tolerance, ...(values.confirm ? ['--confirm'] : [])];
  const base = await measure('base', bench);
  const same = await measure('same', [...bench, '--baseline', path('base.json'), ...gate]);
  const more = planted(bench, Math.round(sizeOf(bench) * factor));
  // The sizes as mpsbench writes them, from a brief run.
  shape ??= await measure('shape', [...more, '--runs', '1', '--time', '0.05', '--samples', '6']);
  writeFileSync(path('disguised.json'), JSON.stringify(disguise(base, shape)));
  const slower = await measure('slower', [...more, '--baseline', path('disguised.json'), ...gate]);
  return { same: rowsOf(same), planted: rowsOf(slower) };
}

let shape;

function rowsOf({ comparison }) {
  return comparison.rows.map(({ verdict, timeRatio, confirmed = false }) => {
    return { verdict, ratio: timeRatio?.value, interval: timeRatio?.interval, confirmed };
  });
}

const done =
  values.out && existsSync(values.out)
    ? readFileSync(values.out, 'utf8').trim().split('\n').filter(Boolean).map(JSON.parse)
    : [];
const endMs = values.minutes
  ? Date.now() + Number(values.minutes) * 60_000
  : Number.POSITIVE_INFINITY;
try {
  while (done.length < Number(values.rounds) && Date.now() < endMs) {
    const outcome = await round();
    done.push(outcome);
    if (values.out) appendFileSync(values.out, `${JSON.stringify(outcome)}\n`);
    process.stderr.write(`round ${done.length}: ${JSON.stringify(outcome)}\n`);
  }
} finally {
  rmSync(folder, { recursive: true });
}

const counted = ['same', 'planted'].map((kind) => {
  const rows = done.flatMap((outcome) => outcome[kind]);
  const verdicts = [...new Set(rows.map(({ verdict }) => verdict))];
  const counts = verdicts.map((verdict) => {
    return `${rows.filter((row) => row.verdict === verdict).length} ${verdict}`;
  });
  const what = kind === 'same' ? 'A/A' : `${parameter} x ${factor}`;
  process.stdout.write(`${what}: ${rows.length} comparisons: ${counts.join(', ')}\n`);
  return `${counts.join(', ')} of ${rows.length}`;
});
// For docs/compare.md.
const confirm = values.confirm ? ' --confirm' : '';
const [cpu] = cpus();
process.stdout.write(
  `| ${cpu?.model ?? '?'}, ${cpus().length} CPUs | \`${bench.join(' ')}\`, tolerance ${values.tolerance}${confirm} | ${counted[0]} | ${parameter} x ${factor}: ${counted[1]} |\n`,
);
