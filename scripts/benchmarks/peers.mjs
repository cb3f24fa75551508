#!/usr/bin/env node
/**
 * The tables of docs/benchmarks.md: `mpsbench bench` with one of our devices and every mode of the frameworks that
 * may be the fastest there, and what came out as Markdown. `npm run bench:peers -- cpu|cuda [options]`:
 *
 *   --python PATH     an interpreter with frameworks; repeat it (default: those of the tests)
 *   --rows add,cnn    some of the cases
 *   --budget 100s     a time limit for each case (default: none)
 *   --out FOLDER      where the results go (default: build/peers)
 *   --tables FILES    only print the tables of results that are there
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { FRAMEWORKS } from '../../dist/frameworks/catalog.js';
import { compare } from '../../dist/measure/compare.js';
import { sizesText } from '../../dist/report/sizes.js';
import { formatBandwidth, formatFlops, formatNs, formatPercent } from '../../dist/result/units.js';
import { BIN, BUILD, say } from '../setup/process.mjs';
import { testPython } from '../setup/test-pythons.mjs';

/**
 * One command per case, without a time limit: however slowly frameworks start and compile, each device gets its
 * samples. `modes`: besides the usual one of each framework. On a GPU, `compile` is left out, since `max-autotune` is the
 * same with a search, captured.
 */
const TARGETS = {
  cpu: {
    device: 'cpu:0',
    kinds: ['cpu'],
    modes: ['compile', 'xla'],
    settings: ['--threads', '2', '--time', '1.5', '--warmup', '0.3', '--runs', '1'],
    cases: {
      add: ['add', '--elements', '2^26'],
      linear: ['linear', '--preset', 'default'],
      cnn: ['cnn', '--batch', '1,32,256'],
    },
  },
  cuda: {
    device: 'cuda:0',
    kinds: ['cuda', 'gpu'],
    modes: ['graph-many', 'max-autotune'],
    settings: ['--time', '0.6', '--warmup', '0.2', '--runs', '1'],
    cases: {
      add: ['add', '--elements', '2^26'],
      'add-large': ['add', '--elements', '2^28'],
      cnn: ['cnn', '--batch', '1,32,256'],
      'cnn-large': ['cnn', '--batch', '4096'],
      'cnn-largest': ['cnn', '--batch', '16384'],
      linear: ['linear', '--preset', 'default'],
      'linear-bf16': ['linear', '--preset', 'default', '--dtype', 'bf16'],
      'linear-tf32': ['linear', '--preset', 'default', '--tf32'],
      large: ['linear', '--preset', 'large'],
      'large-bf16': ['linear', '--preset', 'large', '--dtype', 'bf16'],
      'large-tf32': ['linear', '--preset', 'large', '--tf32'],
    },
  },
};

/** @returns 1 if a row is wrong or failed, 2 where nothing could be measured */
function main() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      python: { type: 'string', multiple: true },
      rows: { type: 'string' },
      budget: { type: 'string' },
      out: { type: 'string', default: join(BUILD, 'peers') },
      tables: { type: 'boolean', default: false },
    },
  });
  if (values.tables) {
    print(positionals);
    return 0;
  }
  const target = TARGETS[positionals[0]];
  if (!target) {
    say(`usage: npm run bench:peers -- ${Object.keys(TARGETS).join('|')} [--python PATH] ...`);
    return 64;
  }
  const wanted = values.rows?.split(',') ?? Object.keys(target.cases);
  const unknown = wanted.filter((name) => !target.cases[name]);
  if (unknown.length > 0) {
    say(`Unknown rows: ${unknown.join(', ')}. There are ${Object.keys(target.cases).join(', ')}.`);
    return 64;
  }
  const pythons = (values.python ?? testPythons()).flatMap((path) => ['--python', path]);
  const devices = [target.device, ...contenders(target, pythons)].join(',');
  mkdirSync(values.out, { recursive: true });
  const files = wanted.map((name) => join(values.out, `${positionals[0]}-${name}.json`));
  const statuses = wanted.map((name, at) => {
    rmSync(files[at], { force: true });
    const limit = values.budget === undefined ? [] : ['--budget', values.budget];
    const choice = ['--device', devices, ...pythons, ...target.settings, ...limit];
    return bench([...target.cases[name], ...choice, '--json', files[at]]);
  });
  const written = files.filter((file) => existsSync(file));
  if (written.length > 0) print(written);
  return Math.max(...statuses);
}

const testPythons = () => [
  ...new Set(Object.keys(FRAMEWORKS).flatMap((name) => testPython(name).python ?? [])),
];

/** The devices of the frameworks that are here, in the modes that may be the fastest. */
function contenders({ kinds, modes }, pythons) {
  const { stdout } = mpsbench(['devices', '--frameworks', ...pythons, '--json', '-'], 'pipe');
  return JSON.parse(stdout).devices.flatMap(({ id, framework }) => {
    if (!framework || !kinds.includes(kindOf(id))) return [];
    const others = modes.filter(
      (mode) => framework.modes.includes(mode) && mode !== framework.mode,
    );
    return [id, ...others.map((mode) => `${id}+${mode}`)];
  });
}

/** `pytorch@3.12:cuda:1+compile` -> `cuda` */
const kindOf = (id) => id.split(':')[1].split('+')[0];

function bench(args) {
  say(`mpsbench bench ${args.join(' ')}`);
  return mpsbench(['bench', ...args], 'ignore').status ?? 2;
}

const mpsbench = (args, stdout) =>
  spawnSync(process.execPath, [BIN, ...args], {
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
    stdio: ['ignore', stdout, 'inherit'],
  });

function print(files) {
  const results = files.map((file) => JSON.parse(readFileSync(file, 'utf8')));
  process.stdout.write(peerTables(results));
}

/**
 * Every row of some results, and the fastest framework of each case, as Markdown.
 * @param {readonly import('../../dist/result/schema.js').BenchResult[]} results
 */
export function peerTables(results) {
  const cases = results.flatMap(({ rows }) =>
    [...new Set(rows.map(caseOf))].map((name) => rows.filter((row) => caseOf(row) === name)),
  );
  return `${[
    headingOf(results),
    '',
    '| workload | device | median | ratio | 95 % interval | rate | of the roofline |',
    '| --- | --- | ---: | ---: | ---: | ---: | ---: |',
    ...cases.flatMap(caseRows),
    '',
    '| workload | the fastest framework | ratio |',
    '| --- | --- | ---: |',
    ...cases.map(fastestRow),
  ].join('\n')}\n`;
}

function headingOf(results) {
  const [{ startedAt, host, tool, reproduce }] = results;
  const devices = new Map(
    results.flatMap((one) => one.devices.map((device) => [device.id, device])),
  );
  const names = [...devices.values()].map(({ id, name, framework, api, engine, driver }) =>
    framework ? api : [id, name, engine, driver].filter(Boolean).join(', '),
  );
  const machine = [host.cpu, `${host.logicalCpus} CPUs`, host.os, host.virtualMachine && 'virtual'];
  return [
    `${startedAt.slice(0, 10)}, ${machine.filter(Boolean).join(', ')}; mpsbench ${tool.version};`,
    `${[...new Set(names)].join('; ')}.`,
    // Without the paths of this machine.
    `\`${reproduce.replaceAll(/ --(python|json) \S+/g, '')}\``,
  ].join('\n');
}

const caseOf = ({ workload, params, dtype, tf32 }) =>
  `${workload}: ${sizesText(params)}, ${tf32 ? 'TF32' : dtype}`;

/** Our own device first: the ratios are those of the others' time to its. */
function caseRows(rows) {
  const ours = oursIn(rows);
  return rows.map((row, at) => {
    const ratio = ratioOf(row, ours);
    const cells = [
      at === 0 ? caseOf(row) : '',
      `\`${row.device}\``,
      timeOf(row),
      ratio?.value.toFixed(2) ?? '',
      ratio?.interval?.map((end) => end.toFixed(2)).join(' to ') ?? '',
      rateOf(row),
      row.rates?.rooflineShare ? formatPercent(row.rates.rooflineShare) : '',
    ];
    return `| ${cells.join(' | ')} |`;
  });
}

function fastestRow(rows) {
  const ours = oursIn(rows);
  const rivals = rows.filter((row) => row.state === 'measured' && row.device !== ours?.device);
  const [best] = rivals.sort((left, right) => left.medianNs - right.medianNs);
  const ratio = best && ratioOf(best, ours);
  const ends = ratio?.interval?.map((end) => end.toFixed(3)).join(' to ');
  const said = ratio ? `${ratio.value.toFixed(3)}${ends ? ` (${ends})` : ''}` : '';
  return `| ${caseOf(rows[0])} | ${best ? `\`${best.device}\`` : ''} | ${said} |`;
}

const oursIn = (rows) => rows.find(({ device }) => /^(cpu|cuda|metal|webgpu):/.test(device));

/** Their time over ours: above 1, mpsbench is faster. */
function ratioOf(row, ours) {
  if (!ours?.measurement || !row.measurement || row.device === ours.device) return undefined;
  return compare(row.measurement, ours.measurement);
}

const timeOf = ({ state, medianNs, error }) =>
  state === 'measured' ? formatNs(medianNs) : `${state}: ${error?.message ?? ''}`;

/** In the unit of the limit that is nearer. */
function rateOf({ rates, work }) {
  if (!rates) return '';
  const isArithmetic = rates.rooflineBound
    ? rates.rooflineBound === 'arithmetic'
    : work.flops > 10 * work.bytes;
  return isArithmetic ? formatFlops(rates.gflops) : formatBandwidth(rates.gbPerS);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) process.exitCode = main();
