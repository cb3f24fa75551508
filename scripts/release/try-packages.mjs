#!/usr/bin/env node
/**
 * Installs packages from their tarballs into an empty folder, as a user does, and runs the command
 * there with nothing but Node on the PATH: no CMake, no compiler. Fails where the cpu device does not
 * come from the prebuilt package.
 * Usage: node scripts/release/try-packages.mjs mpsbench-1.2.3.tgz mpsbench-linux-x64-1.2.3.tgz
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import process from 'node:process';
import { PLATFORMS, packageName } from './platforms.mjs';

const tarballs = process.argv.slice(2).map((file) => resolve(file));
if (tarballs.length === 0) {
  process.stderr.write('usage: node scripts/release/try-packages.mjs TARBALL...\n');
  process.exit(64);
}

const folder = mkdtempSync(join(tmpdir(), 'mpsbench-try-'));
try {
  install();
  const path = pathWithNodeOnly();
  run(path, ['devices']);
  run(path, ['bench', 'all', '--preset', 'example', '--device', 'cpu']);
  // The BLAS alone, at sizes that reach its fast paths: what is wrong is never timed.
  run(path, ['bench', 'all', '--preset', 'small', '--device', 'cpu', '--engine', 'cblas']);
  checkOrigin();
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function install() {
  writeFileSync(join(folder, 'package.json'), '{ "private": true }\n');
  const args = ['install', '--no-audit', '--no-fund', ...tarballs];
  execFileSync('npm', args, { cwd: folder, stdio: 'inherit' });
}

function pathWithNodeOnly() {
  const path = join(folder, 'path');
  mkdirSync(path);
  symlinkSync(process.execPath, join(path, 'node'));
  return path;
}

function run(path, args) {
  const command = join(folder, 'node_modules', '.bin', 'mpsbench');
  process.stdout.write(`$ mpsbench ${args.join(' ')}\n`);
  const { status, error } = spawnSync(command, args, {
    cwd: folder,
    env: { HOME: process.env.HOME, PATH: path },
    stdio: 'inherit',
  });
  if (error) throw error;
  if (status !== 0) throw new Error(`mpsbench ${args.join(' ')} ended with ${status}`);
}

/** The package for this platform, and no build that somebody has left. */
function checkOrigin() {
  const here = PLATFORMS.find(({ os, cpu }) => os === process.platform && cpu === process.arch);
  if (!here) throw new Error(`${process.platform}-${process.arch} has no prebuilt package`);
  const load = join(folder, 'node_modules', 'mpsbench', 'dist', 'backends', 'native', 'load.js');
  const script = `const { loadAddon } = await import(${JSON.stringify(load)});
    process.stdout.write(JSON.stringify(loadAddon().from ?? null));`;
  const answer = execFileSync(process.execPath, ['--input-type=module', '-e', script]);
  const from = JSON.parse(answer.toString());
  if (from?.path !== packageName(here)) {
    throw new Error(`the addon comes from ${from?.label ?? 'nowhere'}`);
  }
  process.stdout.write(`The addon comes from the ${from.label}.\n`);
}
