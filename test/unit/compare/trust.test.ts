import { describe, expect, it, test } from 'vitest';
import { DEFAULT_TOLERANCE } from '../../../src/compare/tolerance.js';
import { isConfirmable, judge } from '../../../src/compare/verdict.js';
import { runRatio, runSpread, runsToReach } from '../../../src/measure/run-ratio.js';
import { median } from '../../../src/measure/statistics.js';
import { type Machine, repeatedRuns } from '../../fakes/repeated-runs.js';

/**
 * How often simulated comparisons are called slower or faster. docs/compare.md shows these numbers
 * with more trials: MPSBENCH_COVERAGE=1 prints that table.
 */
const MACHINES: Readonly<Record<string, Machine>> = {
  'quiet device: runs differ by 0.2 %': { within: 0.005, between: 0.002 },
  'runs differ by 1 %': { within: 0.02, between: 0.01 },
  'runs differ by 3 %': { within: 0.05, between: 0.03 },
  'runs differ by 10 %': { within: 0.08, between: 0.1 },
  'autocorrelated samples (0.8)': { within: 0.02, carryOver: 0.8 },
  'bimodal: 40 % of runs 2.4x slower': {
    within: 0.02,
    between: 0.005,
    slow: { probability: 0.4, factor: 2.4 },
  },
};

function medians(seed: number, runs: number, machine: Machine): number[] {
  const { values, runs: lengths } = repeatedRuns(seed, runs, machine);
  return lengths.map((length, i) => median(values.slice(i * length, (i + 1) * length)));
}

interface Case {
  readonly machine: Machine;
  readonly runs: readonly [base: number, now: number];
  readonly tolerance: number;
  /** Time of NEW / time of BASE in truth. */
  readonly factor?: number;
  /** As --confirm does: what is not the same is judged again with further runs of NEW. */
  readonly confirm?: boolean;
}

/** The share of trials with one of these verdicts. */
function share(
  { machine, runs, tolerance, factor = 1, confirm = false }: Case,
  wanted: string[],
  trials: number,
) {
  let called = 0;
  for (let trial = 0; trial < trials; trial++) {
    const base = medians(1 + 7919 * trial, runs[0], machine);
    const nowOf = (count: number) => {
      return medians(50_000_017 + 7919 * trial, count, machine).map((ns) => ns * factor);
    };
    const first = judge(runRatio(base, nowOf(runs[1])), tolerance);
    const verdict =
      confirm && isConfirmable({ verdict: first })
        ? judge(runRatio(base, nowOf(runs[1] + Math.max(...runs))), tolerance)
        : first;
    if (wanted.includes(verdict)) called++;
  }
  return called / trials;
}

const CHANGED = ['slower', 'faster'];

test('as many runs as are advised decide between no change and twice the tolerance', () => {
  const machine = MACHINES['runs differ by 3 %'];
  const tolerance = 0.1;
  const spread = runSpread(medians(1, 200, machine), medians(2, 200, machine));
  const count = runsToReach(spread, tolerance / 2, 100) ?? Number.NaN;
  expect(count).toBeGreaterThan(3);
  const runs = [count, count] as const;
  expect(share({ machine, runs, tolerance }, ['same'], 300)).toBeGreaterThan(0.95);
  const factor = 1 + 2 * tolerance;
  expect(share({ machine, runs, tolerance, factor }, ['slower'], 300)).toBeGreaterThan(0.95);
  expect(runsToReach(1, tolerance / 2, 100)).toBeUndefined();
});

const UNIMODAL = Object.entries(MACHINES).filter(([, { slow }]) => slow === undefined);

describe.each(UNIMODAL)('A/A, %s', (_, machine) => {
  it.each([
    [3, 3],
    [3, 10],
    [10, 3],
  ] as const)('is called slower or faster in at most 1 of 100 (%i and %i runs)', (...runs) => {
    // Three standard errors of 500 trials above 1 %.
    const most = 0.01 + 3 * Math.sqrt((0.01 * 0.99) / 500);
    for (const tolerance of [0, DEFAULT_TOLERANCE]) {
      expect(share({ machine, runs, tolerance }, CHANGED, 500)).toBeLessThanOrEqual(most);
    }
  });
});

describe.each(Object.entries(MACHINES))('A/A with --confirm, %s', (_, machine) => {
  it.each([3, 10])('is called slower or faster in at most 1 of 100 (%i runs)', (count) => {
    const most = 0.01 + 3 * Math.sqrt((0.01 * 0.99) / 500);
    const of = { machine, runs: [count, count] as const, tolerance: DEFAULT_TOLERANCE };
    expect(share({ ...of, confirm: true }, CHANGED, 500)).toBeLessThanOrEqual(most);
  });
});

it('finds a slowdown of 10 % with --confirm if runs differ by 1 %, with 3 runs per side', () => {
  const machine = MACHINES['runs differ by 1 %'];
  const planted = { machine, runs: [3, 3] as const, tolerance: 0.05, factor: 1.1 };
  expect(share({ ...planted, confirm: true }, ['slower'], 500)).toBeGreaterThanOrEqual(0.95);
});

it('finds a slowdown of 3 % on a quiet device with --tolerance 2% in at least 95 of 100', () => {
  const machine = MACHINES['quiet device: runs differ by 0.2 %'];
  const planted = { machine, runs: [3, 3] as const, tolerance: 0.02, factor: 1.03 };
  expect(share(planted, ['slower'], 500)).toBeGreaterThanOrEqual(0.95);
});

it('finds a slowdown of 10 % if runs differ by 3 %, with 10 runs per side', () => {
  const machine = MACHINES['runs differ by 3 %'];
  const planted = { machine, runs: [10, 10] as const, tolerance: 0.05, factor: 1.1 };
  expect(share(planted, ['slower'], 500)).toBeGreaterThanOrEqual(0.95);
});

it('calls nothing the same that is not', () => {
  const machine = MACHINES['runs differ by 1 %'];
  const changed = { machine, runs: [3, 3] as const, tolerance: 0.05, factor: 1.08 };
  expect(share(changed, ['same'], 500)).toBeLessThanOrEqual(0.01);
});

test.skipIf(!process.env.MPSBENCH_COVERAGE)(
  'the table of docs/compare.md',
  { timeout: 600_000 },
  () => {
    const percent = (of: Case, wanted: string[]) => (100 * share(of, wanted, 5000)).toFixed(1);
    const lines = Object.entries(MACHINES).map(([name, machine]) => {
      const planted = { machine, tolerance: 0.05, factor: 1.1 };
      const cells = ([3, 10] as const).flatMap((count) => {
        const runs = [count, count] as const;
        return [
          percent({ machine, runs, tolerance: DEFAULT_TOLERANCE }, CHANGED),
          percent({ machine, runs, tolerance: DEFAULT_TOLERANCE, confirm: true }, CHANGED),
          percent({ machine, runs, tolerance: 0.02, factor: 1.03 }, ['slower']),
          percent({ ...planted, runs }, ['slower']),
          percent({ ...planted, runs, confirm: true }, ['slower']),
        ];
      });
      return `| ${name} | ${cells.join(' | ')} |`;
    });
    process.stdout.write(`${lines.join('\n')}\n`);
  },
);
