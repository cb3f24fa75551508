import { describe, expect, it, test } from 'vitest';
import { summarise } from '../../../src/measure/summary.js';
import { type Machine, repeatedRuns } from '../../fakes/repeated-runs.js';
import { TRUE_MEDIAN } from '../../fakes/series.js';

/**
 * The share of simulated measurements whose interval holds the true median. docs/measurement.md shows
 * these numbers with more trials: MPSBENCH_COVERAGE=1 prints that table.
 */
const MACHINES: Readonly<Record<string, Machine>> = {
  'independent samples': { within: 0.02 },
  'runs that differ by 1 %': { within: 0.02, between: 0.01 },
  'autocorrelated samples (0.8)': { within: 0.02, carryOver: 0.8 },
  'drifting 3 % in all': { within: 0.02, between: 0.01, drift: 0.03 },
  'bimodal: 40 % of runs 2.4x slower': {
    within: 0.02,
    between: 0.005,
    slow: { probability: 0.4, factor: 2.4 },
  },
};

function coverage(machine: Machine, runs: number, trials: number): number {
  let inside = 0;
  for (let trial = 0; trial < trials; trial++) {
    const { values, blocks, runs: lengths } = repeatedRuns(1 + 7919 * trial, runs, machine);
    const [low, high] = summarise(values, blocks, lengths).interval ?? [0, 0];
    if (low <= TRUE_MEDIAN && TRUE_MEDIAN <= high) inside++;
  }
  return inside / trials;
}

const HOLDS = [
  'independent samples',
  'runs that differ by 1 %',
  'autocorrelated samples (0.8)',
  'drifting 3 % in all',
];

describe.each(HOLDS)('%s', (name) => {
  it.each([2, 3, 5, 10])('has an interval of 95 %% from %i runs', (runs) => {
    const share = coverage(MACHINES[name], runs, 400);
    // 93 to 97 %, and above for what drifts, by three standard errors of 400 trials.
    expect(share).toBeGreaterThan(0.93 - 0.038);
    expect(share).toBeLessThan(name.startsWith('drifting') ? 1 : 0.97 + 0.026);
  });
});

it('cannot see differences between runs in a single one', () => {
  expect(coverage(MACHINES['runs that differ by 1 %'], 1, 300)).toBeLessThan(0.9);
});

test.skipIf(!process.env.MPSBENCH_COVERAGE)(
  'the table of docs/measurement.md',
  { timeout: 600_000 },
  () => {
    const counts = [1, 2, 3, 5, 10];
    const lines = Object.entries(MACHINES).map(([name, machine]) => {
      const shares = counts.map((runs) => (100 * coverage(machine, runs, 5000)).toFixed(1));
      return `| ${name} | ${shares.join(' | ')} |`;
    });
    process.stdout.write(`| | ${counts.join(' | ')} |\n${lines.join('\n')}\n`);
  },
);
