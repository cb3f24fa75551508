#!/usr/bin/env node
/**
 * What `verify` costs beside ten Python environments of 300 packages each, which are made in a
 * temporary folder. Usage: node scripts/bench-verify.mjs [ROUNDS]
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { BIN } from './lib/paths.mjs';
import { compareStartup, roundsAsked } from './lib/startup.mjs';

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

const rounds = roundsAsked(11);
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
  const commands = [verify('frameworks'), verify('--skip', 'compute')];
  compareStartup(commands, rounds, { ...inherited, HOME: home });
} finally {
  rmSync(home, { recursive: true, force: true });
}
