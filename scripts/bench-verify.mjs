#!/usr/bin/env node
/**
 * What `verify` costs beside ten Python environments of 300 packages each, against `node -e 0` in
 * alternation: ratios of medians, because the times themselves say more about the machine. The
 * environments are made in a temporary folder. Usage: node scripts/bench-verify.mjs [ROUNDS]
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { orderStatisticInterval } from '../dist/measure/median-interval.js';
import { ascending, median } from '../dist/measure/statistics.js';
import { BIN } from './lib/paths.mjs';
import { say } from './lib/step.mjs';

const ENVIRONMENTS = 10;
const PACKAGES = 300;
/** Packages that rules speak of: their METADATA and WHEEL are opened. */
const FRAMEWORKS = [
  ['tensorflow', '2.18.1'],
  ['keras', '3.5.0'],
  ['numpy', '2.0.2'],
  ['torch', '2.9.1'],
  ['jax', '0.4.35'],
  ['jaxlib', '0.4.35'],
  ['onnxruntime', '1.20.1'],
];
/** Exit codes of a verification that was made: all well, a finding, something unchecked. */
const VERIFIED = [0, 1, 2];

/** The length of a real description, which is not read past the first 64 KiB. */
const DESCRIPTION = 'A long description of the package.\n'.repeat(3000);

function makeEnvironment(prefix) {
  const site = join(prefix, 'lib/python3.12/site-packages');
  mkdirSync(join(prefix, 'bin'), { recursive: true });
  writeFileSync(join(prefix, 'pyvenv.cfg'), 'home = /usr/bin\nversion = 3.12.4\n');
  const elf = new Uint8Array(64);
  elf.set([0x7f, 0x45, 0x4c, 0x46, 2, 1]);
  elf[18] = 62;
  writeFileSync(join(prefix, 'bin/python'), elf);
  const others = Array.from({ length: PACKAGES - FRAMEWORKS.length }, (_, i) => [
    `package_${i}`,
    `1.${i}`,
  ]);
  for (const [name, version] of [...FRAMEWORKS, ...others]) {
    const info = join(site, `${name}-${version}.dist-info`);
    mkdirSync(info, { recursive: true });
    mkdirSync(join(site, name));
    const headers = `Metadata-Version: 2.1\nName: ${name}\nVersion: ${version}\n\n`;
    writeFileSync(join(info, 'METADATA'), headers + DESCRIPTION);
    writeFileSync(join(info, 'WHEEL'), 'Wheel-Version: 1.0\nTag: py3-none-any\n');
    writeFileSync(join(info, 'RECORD'), '');
  }
}

function wallMs({ name, args, codes }, env) {
  const start = process.hrtime.bigint();
  const { status, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8', env });
  const ms = Number(process.hrtime.bigint() - start) / 1e6;
  if (codes.includes(status)) return ms;
  say(`${name} exited with ${status}: ${stderr.trim()}`);
  process.exitCode = 2;
  throw new Error(name);
}

function compare(commands, rounds, env) {
  // The first start reads from the disk.
  for (const command of commands) wallMs(command, env);
  const times = commands.map(() => []);
  for (let round = 0; round < rounds; round++) {
    commands.forEach((command, i) => {
      times[i].push(wallMs(command, env));
    });
  }
  commands.forEach(({ name }, i) => {
    const ratios = ascending(times[i].map((ms, round) => ms / times[0][round]));
    const [low, high] = orderStatisticInterval(ratios).map((value) => value.toFixed(2));
    const line = `${name.padEnd(28)} ${median(times[i]).toFixed(1).padStart(8)} ms`;
    const ratio = `${median(ratios).toFixed(2)} times node -e 0 (${low} to ${high})`;
    process.stdout.write(i === 0 ? `${line}\n` : `${line}  ${ratio}\n`);
  });
}

const rounds = Number(process.argv[2] ?? 11);
if (!Number.isInteger(rounds) || rounds < 1) {
  say(`bench-verify: ${process.argv[2]} rounds: a whole number of at least 1 is needed.`);
  process.exit(64);
}
const home = mkdtempSync(join(tmpdir(), 'mpsbench-verify-'));
try {
  // Where virtualenvwrapper keeps environments: found without being named.
  for (let i = 0; i < ENVIRONMENTS; i++) makeEnvironment(join(home, `.virtualenvs/env${i}`));
  const { PYENV_ROOT, VIRTUAL_ENV, CONDA_PREFIX, ...inherited } = process.env;
  const verify = (...args) => ({
    name: ['verify', ...args].join(' '),
    args: [BIN, 'verify', ...args],
    codes: VERIFIED,
  });
  compare(
    [
      { name: 'node -e 0', args: ['-e', '0'], codes: [0] },
      verify('frameworks'),
      verify('--skip', 'compute'),
    ],
    rounds,
    { ...inherited, HOME: home },
  );
} finally {
  rmSync(home, { recursive: true, force: true });
}
