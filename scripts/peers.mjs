#!/usr/bin/env node
/**
 * The same workloads in PyTorch, TensorFlow and ONNX Runtime and in mpsbench, in alternation:
 * `npm run bench:peers -- --help`. Every result is compared with the same float64 reference.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { casesFor, defaultRows } from './peers/cases.mjs';
import { compareCase } from './peers/compare.mjs';
import { PEERS, preparePython } from './peers/environment.mjs';
import { host, Ours } from './peers/ours.mjs';
import { Peer } from './peers/peer-process.mjs';
import { markdown, table } from './peers/report.mjs';
import { writeWhole } from './peers/support.mjs';
import { BUILD, StepError, say } from './setup/process.mjs';

const OPTIONS = {
  device: {
    type: 'string',
    default: 'cpu:0',
    help: 'our devices, by commas; on a GPU, PyTorch runs on CUDA',
  },
  engine: { type: 'string', help: 'our CPU engine' },
  threads: { type: 'string', default: '2', help: 'CPU threads of all' },
  rows: { type: 'string', help: 'by commas, workload:size:format or how they begin (see below)' },
  peers: { type: 'string', help: `by commas: ${PEERS.map(({ id }) => id).join(', ')}; or none` },
  rounds: { type: 'string', default: '15', help: 'turns of each' },
  turn: { type: 'string', default: '0.25', help: 'seconds of a turn' },
  'compile-limit': {
    type: 'string',
    default: '120',
    help: "seconds for a peer's compiler; it takes no part where it needs longer",
  },
  'graph-steps': {
    type: 'string',
    default: '64',
    help: 'PyTorch also with so many short iterations in one CUDA graph, as ours; 1 for none',
  },
  python: {
    type: 'string',
    help: 'a Python that has the peers, instead of an environment of ours',
  },
  out: { type: 'string', default: join(BUILD, 'peers'), help: 'where .json and .md are written' },
  help: { type: 'boolean', default: false, help: 'show this' },
};

/** Threads of the one before may still be spinning on a CPU; a GPU should not cool down. */
const SETTLE_MS = { cpu: 60, cuda: 2 };

async function main() {
  const { values: options } = parseArgs({ options: OPTIONS });
  if (options.help) {
    process.stdout.write(help());
    return 0;
  }
  const threads = wholeNumber('threads', options.threads);
  const rounds = wholeNumber('rounds', options.rounds);
  const graphSteps = wholeNumber('graph-steps', options['graph-steps']);
  const turnNs = seconds('turn', options.turn) * 1e9;
  const prepareMs = seconds('compile-limit', options['compile-limit']) * 1000;
  const ids = options.device.split(',');
  const onCpu = ids.every((id) => id.startsWith('cpu:'));
  const device = onCpu ? 'cpu' : 'cuda';
  const cases = casesFor(options.rows, onCpu);

  const folder = mkdtempSync(join(tmpdir(), 'mpsbench-peers-'));
  const ours = ids.map((id) => new Ours({ device: id, engine: options.engine, threads }));
  const peers = [];
  process.once('SIGINT', () => process.exit(130));
  process.once('exit', () => {
    for (const peer of peers) peer.close();
    rmSync(folder, { recursive: true, force: true });
  });
  const described = await Promise.all(ours.map((one) => one.describe()));
  for (const { device: id, missing } of described) {
    if (missing) throw new StepError(`${id}: ${missing}.`);
  }
  await startPeers(peers, options, { threads, device, prepareMs });

  const contenders = [...ours, ...peers.flatMap((peer) => peer.variants())];
  const settings = {
    folder,
    rounds,
    turnNs,
    settleMs: SETTLE_MS[device],
    peak: described[0].peak,
  };
  const results = [];
  const machine = await host();
  for (const one of cases) {
    say(`${one.row} ...`);
    const result = await compareCase({ ...one, graphSteps }, contenders, settings);
    process.stdout.write(`${table(result)}\n`);
    results.push(result);
    // After each row: what is finished stays, whatever comes next.
    const record = {
      at: new Date().toISOString(),
      threads,
      rounds,
      graphSteps,
      host: machine,
      ours: described,
      peers: peers.map(({ hello }) => hello),
      results,
    };
    writeWhole(`${options.out}.json`, `${JSON.stringify(record, null, 2)}\n`);
    writeWhole(`${options.out}.md`, markdown(record));
  }
  say(`written: ${options.out}.json, ${options.out}.md`);
  return results.some(({ rows }) => rows.some(({ state }) => state === 'wrong')) ? 1 : 0;
}

/** Starts the peers that are wanted and can run on the device; adds those that started. */
async function startPeers(peers, { peers: names, python: named }, { threads, device, prepareMs }) {
  const wanted = PEERS.filter(
    ({ id, devices }) => devices.includes(device) && (names?.split(',').includes(id) ?? true),
  );
  if (wanted.length === 0) return;
  const python = await preparePython(named);
  for (const { id, script, forms } of wanted) {
    for (const form of forms ?? [undefined]) {
      const peer = new Peer(python, script, { threads, device, form, prepareMs });
      const reason = await peer.start();
      if (reason) say(`${id}${form ? ` (${form})` : ''} takes no part: ${reason}`);
      else peers.push(peer);
    }
  }
}

function wholeNumber(name, text) {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 1) return value;
  throw new StepError(`--${name} ${text}: a whole number of at least 1 is needed.`);
}

function seconds(name, text) {
  const value = Number(text);
  if (Number.isFinite(value) && value > 0) return value;
  throw new StepError(`--${name} ${text}: a number of seconds above 0 is needed.`);
}

function help() {
  const lines = Object.entries(OPTIONS).map(([name, { help: text, default: value }]) => {
    const shown = value === undefined || value === false ? '' : ` (default ${value})`;
    return `  --${name.padEnd(15)}${text}${shown}`;
  });
  return `npm run bench:peers -- [options]

Measures mpsbench and its peers in alternation. Ratios are theirs over ours: above 1, mpsbench is
faster. Close other programs, and take no more threads than there are cores.

${lines.join('\n')}

Rows, by default all of them:
  on a CPU: ${defaultRows(true).join(', ')}
  on a GPU: ${defaultRows(false).join(', ')}

Several of our devices stand in one table: --device cuda:0,webgpu:0. Ratios are over the first.
`;
}

try {
  // Peers and workers that are still there would keep this process alive.
  process.exit(await main());
} catch (error) {
  const isUsage = error.code?.startsWith('ERR_PARSE_ARGS');
  if (error instanceof StepError) error.print();
  else if (isUsage) say(`${error.message} (--help shows what there is)`);
  else say(error.stack);
  process.exit(isUsage ? 64 : 2);
}
