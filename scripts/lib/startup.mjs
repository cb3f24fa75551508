/**
 * What starting a command costs, against `node -e 0` in alternation: ratios of medians, because the
 * times themselves say more about the machine.
 */
import { spawnSync } from 'node:child_process';
import process from 'node:process';
import { orderStatisticInterval } from '../../dist/measure/median-interval.js';
import { ascending, median } from '../../dist/measure/statistics.js';
import { StepError, say } from './step.mjs';

const NODE = { name: 'node -e 0', args: ['-e', '0'] };

/** The rounds that the command line asks for. Ends the process where that is no number of rounds. */
export function roundsAsked(usual) {
  const rounds = Number(process.argv[2] ?? usual);
  if (Number.isInteger(rounds) && rounds >= 1) return rounds;
  say(`${process.argv[2]} rounds: a whole number of at least 1 is needed.`);
  process.exit(64);
}

/**
 * Prints one line a command. One that ends with none of its exit codes ends the comparison: the exit
 * code is then 2.
 * @param {readonly { name: string, args: readonly string[], codes?: readonly number[] }[]} others
 *   arguments of Node, and the exit codes of success (default: 0)
 */
export function compareStartup(others, rounds, env = process.env) {
  const commands = [NODE, ...others];
  try {
    report(commands, measure(commands, rounds, env));
  } catch (error) {
    if (!(error instanceof StepError)) throw error;
    error.print();
    process.exitCode = 2;
  }
}

function measure(commands, rounds, env) {
  // The first start reads from the disk.
  for (const command of commands) wallMs(command, env);
  const times = commands.map(() => []);
  for (let round = 0; round < rounds; round++) {
    commands.forEach((command, i) => {
      times[i].push(wallMs(command, env));
    });
  }
  return times;
}

function wallMs({ name, args, codes = [0] }, env) {
  const start = process.hrtime.bigint();
  const { status, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8', env });
  const ms = Number(process.hrtime.bigint() - start) / 1e6;
  if (codes.includes(status)) return ms;
  throw new StepError(`${name} exited with ${status}.`, { text: stderr });
}

function report(commands, times) {
  const width = Math.max(...commands.map(({ name }) => name.length));
  commands.forEach(({ name }, i) => {
    const ratios = ascending(times[i].map((ms, round) => ms / times[0][round]));
    const [low, high] = orderStatisticInterval(ratios).map((value) => value.toFixed(2));
    const line = `${name.padEnd(width)} ${median(times[i]).toFixed(1).padStart(8)} ms`;
    const ratio = `${median(ratios).toFixed(2)} times ${NODE.name} (${low} to ${high})`;
    process.stdout.write(i === 0 ? `${line}\n` : `${line}  ${ratio}\n`);
  });
}
