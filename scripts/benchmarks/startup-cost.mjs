#!/usr/bin/env node
/**
 * What starting mpsbench costs, against `node -e 0` in alternation: ratios of medians, because the
 * times themselves say more about the machine. `verify` runs beside ten Python environments of 300
 * packages each, made in a temporary folder. Usage: node scripts/benchmarks/startup-cost.mjs [ROUNDS]
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { orderStatisticInterval } from '../../dist/measure/median-interval.js';
import { ascending, median } from '../../dist/measure/statistics.js';
import { BIN } from '../setup/process.mjs';

const COMMANDS = [
  { name: 'node -e 0', args: ['-e', '0'] },
  { name: 'mpsbench --version', args: [BIN, '--version'] },
  { name: 'mpsbench devices', args: [BIN, 'devices', '--json'] },
  { name: 'mpsbench verify frameworks', args: [BIN, 'verify', 'frameworks'] },
  { name: 'mpsbench verify --skip compute', args: [BIN, 'verify', '--skip', 'compute'] },
];
/** Exit codes of a command that did its work: all well, a finding, something unchecked. */
const DONE = [0, 1, 2];
const ENVIRONMENTS = 10;
const PACKAGES = 300;
/** Packages that rules are about: their METADATA and WHEEL are read. */
const FRAMEWORKS = {
  ...{ tensorflow: '2.18.1', keras: '3.5.0', numpy: '2.0.2', torch: '2.9.1' },
  ...{ jax: '0.4.35', jaxlib: '0.4.35', onnxruntime: '1.20.1' },
};
/** As long as a real description, which is not read past the first 64 KiB. */
const DESCRIPTION = 'A long description of the package.\n'.repeat(3000);

const rounds = Number(process.argv[2] ?? 21);
if (!(Number.isInteger(rounds) && rounds >= 1)) {
  process.stderr.write(`Not a number of rounds: ${process.argv[2]}\n`);
  process.exit(64);
}
const home = mkdtempSync(join(tmpdir(), 'mpsbench-startup-'));
try {
  // Where virtualenvwrapper keeps environments: found without being named.
  for (let i = 0; i < ENVIRONMENTS; i++) makeEnvironment(join(home, `.virtualenvs/env${i}`));
  const { PYENV_ROOT, VIRTUAL_ENV, CONDA_PREFIX, ...inherited } = process.env;
  report(measure({ ...inherited, HOME: home }));
} finally {
  rmSync(home, { recursive: true, force: true });
}

/** @returns {number[][]} milliseconds per command and round */
function measure(env) {
  // The first start reads from the disk.
  for (const command of COMMANDS) wallMs(command, env);
  const times = COMMANDS.map(() => []);
  for (let round = 0; round < rounds; round++) {
    for (const [i, command] of COMMANDS.entries()) times[i].push(wallMs(command, env));
  }
  return times;
}

function wallMs({ name, args }, env) {
  const start = performance.now();
  const { status, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8', env });
  const ms = performance.now() - start;
  if (DONE.includes(status)) return ms;
  throw new Error(`${name} exited with ${status}: ${stderr}`);
}

function report(times) {
  for (const [i, { name }] of COMMANDS.entries()) {
    const ratios = ascending(times[i].map((ms, round) => ms / times[0][round]));
    const [low, high] = orderStatisticInterval(ratios).map((value) => value.toFixed(2));
    const ratio = `${median(ratios).toFixed(2)} times ${COMMANDS[0].name} (${low} to ${high})`;
    process.stdout.write(
      `${name.padEnd(32)} ${median(times[i]).toFixed(1).padStart(7)} ms  ${ratio}\n`,
    );
  }
}

function makeEnvironment(prefix) {
  const site = join(prefix, 'lib/python3.12/site-packages');
  mkdirSync(join(prefix, 'bin'), { recursive: true });
  writeFileSync(join(prefix, 'pyvenv.cfg'), 'home = /usr/bin\nversion = 3.12.4\n');
  const elf = new Uint8Array(64);
  elf.set([0x7f, 0x45, 0x4c, 0x46, 2, 1]);
  elf[18] = 62;
  writeFileSync(join(prefix, 'bin/python'), elf);
  const packages = Object.entries(FRAMEWORKS);
  while (packages.length < PACKAGES) packages.push([`package_${packages.length}`, '1.0']);
  for (const [name, version] of packages) {
    const info = join(site, `${name}-${version}.dist-info`);
    mkdirSync(info, { recursive: true });
    mkdirSync(join(site, name));
    const headers = `Metadata-Version: 2.1\nName: ${name}\nVersion: ${version}\n\n`;
    writeFileSync(join(info, 'METADATA'), headers + DESCRIPTION);
    writeFileSync(join(info, 'WHEEL'), 'Wheel-Version: 1.0\nTag: py3-none-any\n');
    writeFileSync(join(info, 'RECORD'), '');
  }
}
