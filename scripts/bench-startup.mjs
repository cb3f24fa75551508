#!/usr/bin/env node
/**
 * What starting mpsbench costs, against `node -e 0` in alternation: ratios of medians, because the
 * times themselves say more about the machine. Usage: node scripts/bench-startup.mjs [ROUNDS]
 */
import { spawnSync } from 'node:child_process';
import process from 'node:process';
import { orderStatisticInterval } from '../dist/measure/median-interval.js';
import { ascending, median } from '../dist/measure/statistics.js';
import { BIN } from './lib/paths.mjs';
import { say } from './lib/step.mjs';

const COMMANDS = [
  { name: 'node -e 0', args: ['-e', '0'] },
  { name: 'mpsbench --version', args: [BIN, '--version'] },
  { name: 'mpsbench devices', args: [BIN, 'devices', '--json'] },
];

function wallMs({ name, args }) {
  const start = process.hrtime.bigint();
  const { status, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  const ms = Number(process.hrtime.bigint() - start) / 1e6;
  if (status === 0) return ms;
  say(`${name} exited with ${status}: ${stderr.trim()}`);
  process.exit(2);
}

const rounds = Number(process.argv[2] ?? 21);
if (!Number.isInteger(rounds) || rounds < 1) {
  say(`bench-startup: ${process.argv[2]} rounds: a whole number of at least 1 is needed.`);
  process.exit(64);
}
// The first start reads from the disk.
for (const command of COMMANDS) wallMs(command);
const times = COMMANDS.map(() => []);
for (let round = 0; round < rounds; round++) {
  COMMANDS.forEach((command, i) => {
    times[i].push(wallMs(command));
  });
}
COMMANDS.forEach(({ name }, i) => {
  const ratios = ascending(times[i].map((ms, round) => ms / times[0][round]));
  const [low, high] = orderStatisticInterval(ratios).map((value) => value.toFixed(2));
  const line = `${name.padEnd(20)} ${median(times[i]).toFixed(1).padStart(8)} ms`;
  const ratio = `${median(ratios).toFixed(2)} times node -e 0 (${low} to ${high})`;
  process.stdout.write(i === 0 ? `${line}\n` : `${line}  ${ratio}\n`);
});
