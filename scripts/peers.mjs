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
import { writeWhole } from './lib/fingerprint.mjs';
import { BUILD } from './lib/paths.mjs';
import { StepError, say } from './lib/step.mjs';
import { casesFor } from './peers/cases.mjs';
import { compareCase } from './peers/compare.mjs';
import { PEERS, preparePython } from './peers/environment.mjs';
import { Ours } from './peers/ours.mjs';
import { PeerProcess } from './peers/peer-process.mjs';
import { markdown, table } from './peers/report.mjs';

const OPTIONS = {
  device: { type: 'string', default: 'cpu:0', help: 'our device; on a GPU, PyTorch runs on CUDA' },
  engine: { type: 'string', help: 'our CPU engine' },
  threads: { type: 'string', default: '2', help: 'CPU threads of all' },
  workloads: { type: 'string', default: 'add,linear,cnn', help: 'by commas' },
  elements: { type: 'string', help: 'size of add' },
  batch: { type: 'string', help: 'batches of cnn, by commas' },
  peers: { type: 'string', help: `by commas: ${PEERS.map(({ id }) => id).join(', ')}` },
  rounds: { type: 'string', default: '15', help: 'turns of each' },
  turn: { type: 'string', default: '0.25', help: 'seconds of a turn' },
  python: {
    type: 'string',
    help: 'a Python that has the peers, instead of an environment of ours',
  },
  out: { type: 'string', default: join(BUILD, 'peers'), help: 'where .json and .md are written' },
  help: { type: 'boolean', default: false, help: 'show this' },
};

async function main() {
  const { values: options } = parseArgs({ options: OPTIONS });
  if (options.help) {
    process.stdout.write(help());
    return 0;
  }
  const threads = wholeNumber('threads', options.threads);
  const rounds = wholeNumber('rounds', options.rounds);
  const turnNs = Number(options.turn) * 1e9;
  const onCpu = options.device.startsWith('cpu:');
  const cases = casesFor(options, onCpu);
  const wanted = PEERS.filter(
    ({ id, gpu }) => (onCpu || gpu) && (options.peers?.split(',').includes(id) ?? true),
  );

  const python = await preparePython(options.python);
  const folder = mkdtempSync(join(tmpdir(), 'mpsbench-peers-'));
  const ours = new Ours({ device: options.device, engine: options.engine, threads });
  const processes = [];
  process.once('SIGINT', () => process.exit(130));
  process.once('exit', () => {
    for (const peer of processes) peer.close();
    rmSync(folder, { recursive: true, force: true });
  });

  for (const { id, script } of wanted) {
    const peer = new PeerProcess(python, script, { threads, device: onCpu ? 'cpu' : 'cuda' });
    const reason = await peer.start();
    if (reason) say(`${id} takes no part: ${reason}`);
    else processes.push(peer);
  }
  const contenders = [ours, ...processes.flatMap((peer) => peer.variants())];
  const results = [];
  for (const one of cases) {
    say(`${one.id} ${JSON.stringify(one.sizes)} ...`);
    const result = await compareCase(one, contenders, { folder, rounds, turnNs });
    process.stdout.write(`${table(result)}\n`);
    results.push(result);
  }

  const record = {
    at: new Date().toISOString(),
    threads,
    rounds,
    host: await ours.host(),
    ours: await ours.describe(),
    peers: processes.map(({ hello }) => hello),
    results,
  };
  writeWhole(`${options.out}.json`, `${JSON.stringify(record, null, 2)}\n`);
  writeWhole(`${options.out}.md`, markdown(record));
  say(`written: ${options.out}.json, ${options.out}.md`);
  return results.some(({ rows }) => rows.some(({ state }) => state === 'wrong')) ? 1 : 0;
}

function wholeNumber(name, text) {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 1) return value;
  throw new StepError(`--${name} ${text}: a whole number of at least 1 is needed.`);
}

function help() {
  const lines = Object.entries(OPTIONS).map(([name, { help: text, default: value }]) => {
    const shown = value === undefined || value === false ? '' : ` (default ${value})`;
    return `  --${name.padEnd(12)}${text}${shown}`;
  });
  return `npm run bench:peers -- [options]

Measures mpsbench and its peers in alternation. Ratios are theirs over ours: above 1, mpsbench is
faster. Close other programs, and take no more threads than there are cores.

${lines.join('\n')}
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
