#!/usr/bin/env node
/**
 * Makes the package `mpsbench` as it is published: the files that package.json names, and a
 * package.json that depends, optionally, on the prebuilt addon of every platform. They are in no
 * package.json of the repository: they are made from it, so that it cannot be installed from them.
 * Usage: node scripts/release/package-main.mjs [--out DIR] (default: build/packages)
 */
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { BUILD, ROOT } from '../setup/process.mjs';
import { PLATFORMS, packageName } from './platforms.mjs';

const { values } = parseArgs({
  options: { out: { type: 'string', default: join(BUILD, 'packages') } },
});

if (existsSync(join(ROOT, 'dist', 'cli.js'))) {
  process.stdout.write(`${makePackage(join(values.out, 'mpsbench'))}\n`);
} else {
  process.stderr.write('package-main: not compiled yet: npm run build\n');
  process.exitCode = 1;
}

function makePackage(folder) {
  rmSync(folder, { recursive: true, force: true });
  for (const path of publishedFiles()) cpSync(join(ROOT, path), join(folder, path));
  const source = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  // Its scripts set up a checkout, with packages for developers.
  const { scripts: _scripts, devDependencies: _developers, ...published } = source;
  published.optionalDependencies = Object.fromEntries(
    PLATFORMS.map((platform) => [packageName(platform), source.version]),
  );
  writeFileSync(join(folder, 'package.json'), `${JSON.stringify(published, null, 2)}\n`);
  return folder;
}

/** npm's own choice, from `files` and its rules. */
function publishedFiles() {
  const args = ['pack', '--dry-run', '--json', '--ignore-scripts', '--loglevel=error'];
  const answer = JSON.parse(execFileSync('npm', args, { cwd: ROOT, encoding: 'utf8' }));
  // npm 12 answers with an object by name, earlier ones with a list.
  const [packed] = Object.values(answer);
  return packed.files.map(({ path }) => path);
}
