#!/usr/bin/env node
/**
 * How much time and memory `mpsbench fleet` needs for the results of many hosts.
 * Usage: node scripts/benchmarks/fleet-scale.mjs RESULT.json [HOSTS] (default: 10000)
 *
 * RESULT.json is a real result of `bench --json`. Each made-up host gets a copy of it with a name of
 * its own and times that differ by up to 1 %; every thousandth is 30 % slower and has to be found.
 */
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { BIN } from '../setup/process.mjs';

const [file, count = '10000'] = process.argv.slice(2);
const hosts = Number(count);
const result = JSON.parse(readFileSync(file, 'utf8'));
const folder = mkdtempSync(join(tmpdir(), 'mpsbench-fleet-scale-'));
try {
  const lines = join(folder, 'results.jsonl');
  const slow = await writeHosts(lines, hosts);
  const started = performance.now();
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['--eval', WRAPPED(), '--', BIN, 'fleet', lines, '--json', '-'],
    { encoding: 'utf8', maxBuffer: 2 ** 30 },
  );
  const seconds = (performance.now() - started) / 1000;
  const { hosts: found } = JSON.parse(stdout);
  const odd = found.filter(({ state }) => state === 'outlier').length;
  const mib = (bytes) => (bytes / 2 ** 20).toFixed(0);
  const [, rss] = /maxrss (\d+)/.exec(stderr) ?? [];
  process.stdout.write(
    `${hosts} hosts x ${result.rows.length} rows, ${mib(statSync(lines).size)} MiB: ${seconds.toFixed(1)} s, ` +
      `${mib(Number(rss) * 1024)} MiB; ${odd} of ${slow} slow hosts found, exit code ${status}\n`,
  );
  process.exitCode = odd === slow ? 0 : 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/** Runs the command in this process and says at its end how much memory it took. */
function WRAPPED() {
  return `
    process.on('exit', () => process.stderr.write('maxrss ' + process.resourceUsage().maxRSS + '\\n'));
    process.argv.splice(1, 0);
    import(process.argv[1]);
  `;
}

async function writeHosts(path, hosts) {
  const out = createWriteStream(path);
  let slow = 0;
  for (let i = 0; i < hosts; i++) {
    const isSlow = i % 1000 === 500;
    if (isSlow) slow += 1;
    const factor = (1 + 0.01 * Math.sin(i * 12.9898)) * (isSlow ? 1.3 : 1);
    const host = { ...result.host, name: `node${i}` };
    const rows = result.rows.map((row) => scaled(row, factor));
    if (!out.write(`${JSON.stringify({ ...result, host, rows })}\n`)) await once(out, 'drain');
  }
  out.end();
  await once(out, 'finish');
  return slow;
}

function scaled(row, factor) {
  if (!row.measurement) return row;
  const { wall, device } = row.measurement;
  const summary = (of) => ({ ...of, median: of.median * factor });
  const measurement = {
    ...row.measurement,
    wall: summary(wall),
    ...(device && { device: summary(device) }),
  };
  return { ...row, measurement };
}
