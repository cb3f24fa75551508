#!/usr/bin/env node
/**
 * Runs mpsbench, keeps its result as JSON, and judges both by what is expected on this runner.
 * Usage: node scripts/check/judged.mjs --image macos-15 --json FILE -- bench all --preset example
 */
import { spawnSync } from 'node:child_process';
import { appendFileSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { BIN } from '../setup/process.mjs';
import { judge } from './expectations.mjs';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { image: { type: 'string' }, json: { type: 'string' } },
});
const { image, json } = values;
if (!image || !json || positionals.length === 0) {
  process.stderr.write('usage: judged.mjs --image LABEL --json FILE -- COMMAND...\n');
  process.exit(64);
}

mkdirSync(dirname(json), { recursive: true });
// That of an earlier run must not be judged.
rmSync(json, { force: true });
const { status } = spawnSync(
  process.execPath,
  [BIN, '--no-color', ...positionals, '--json', json, '--markdown', `${json}.md`],
  { stdio: 'inherit' },
);
const { verdict, reasons } = judge({ image, exitCode: status, result: readResult() });
const line = `${image}: mpsbench ${positionals.join(' ')}: ${[verdict, ...reasons].join('; ')}`;
process.stdout.write(`${line}\n`);
if (process.env.GITHUB_STEP_SUMMARY) {
  const tables = readFileSync(`${json}.md`, 'utf8');
  appendFileSync(process.env.GITHUB_STEP_SUMMARY, `### ${line}\n\n${tables}\n`);
}
process.exitCode = verdict === 'failed' ? 1 : 0;

function readResult() {
  try {
    return JSON.parse(readFileSync(json, 'utf8'));
  } catch (error) {
    process.stderr.write(`mpsbench ended with ${status} and left no result: ${error.message}\n`);
    process.exit(1);
  }
}
