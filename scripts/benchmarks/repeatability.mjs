#!/usr/bin/env node
/**
 * Whether a measurement repeats: separate runs of `mpsbench bench`, the spread of their medians beside
 * the intervals that they printed. Two runs disagree where their difference lies outside their joint
 * interval; of a hundred pairs about five do, if the intervals are right.
 * Usage: node scripts/benchmarks/repeatability.mjs [--repeat 6] ARGUMENTS_OF_BENCH...
 */
import { spawnSync } from 'node:child_process';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { BIN, say } from '../setup/process.mjs';

/**
 * @param {readonly { rows: object[] }[]} results of the same command
 * @returns one entry per row and clock: the middle of the medians, their spread and the half-widths
 *   of the intervals as shares of it, and the pairs of runs that disagree
 */
export function repeatability(results) {
  return results[0].rows.flatMap((row, index) =>
    ['wall', 'device'].flatMap((clock) => {
      const runs = results.flatMap(({ rows }) => rows[index]?.measurement?.[clock] ?? []);
      if (runs.length < results.length) return [];
      const medians = runs.map(({ median }) => median).sort((a, b) => a - b);
      const middle = medians[Math.floor(medians.length / 2)];
      return {
        name: `${row.workload} ${row.device} ${clock}`,
        medianNs: middle,
        spread: (medians.at(-1) - medians[0]) / 2 / middle,
        halfWidths: runs.map(({ interval: [low, high], median }) => (high - low) / 2 / median),
        ...disagreements(runs),
      };
    }),
  );
}

function disagreements(runs) {
  const pairs = runs.flatMap((one, i) => runs.slice(i + 1).map((other) => [one, other]));
  const disagree = pairs.filter(([one, other]) => {
    const [low, high] = one.median < other.median ? [one, other] : [other, one];
    const reach = Math.hypot(low.interval[1] - low.median, high.median - high.interval[0]);
    return high.median - low.median > reach;
  });
  return { pairs: pairs.length, disagree: disagree.length };
}

function bench(args) {
  const command = [BIN, 'bench', ...args, '--json', '-'];
  const options = { encoding: 'utf8', maxBuffer: 2 ** 30, stdio: ['ignore', 'pipe', 'inherit'] };
  const { stdout, status } = spawnSync(process.execPath, command, options);
  if (status === 0 || status === 1) return JSON.parse(stdout);
  say(`mpsbench bench ${args.join(' ')} exited with ${status}`);
  process.exit(2);
}

const percent = (share) => `±${(100 * share).toPrecision(2)} %`;

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const all = process.argv.slice(2);
  const [, repeat] = all[0] === '--repeat' ? all.splice(0, 2) : [];
  const results = Array.from({ length: Number(repeat ?? 6) }, () => bench(all));
  for (const { name, medianNs, spread, halfWidths, pairs, disagree } of repeatability(results)) {
    const widths = [Math.min(...halfWidths), Math.max(...halfWidths)].map(percent).join(' to ');
    process.stdout.write(
      `${name.padEnd(24)} ${(medianNs / 1e3).toPrecision(4)} us  spread ${percent(spread)}` +
        `  intervals ${widths}  ${disagree} of ${pairs} pairs disagree\n`,
    );
  }
}
