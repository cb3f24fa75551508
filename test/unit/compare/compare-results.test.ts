import { describe, expect, it } from 'vitest';
import { compareResults } from '../../../src/compare/compare-results.js';
import type { BenchResult } from '../../../src/result/schema.js';
import { type ScriptedRow, scriptedBench } from '../../fakes/compared.js';

const OPTIONS = { tolerances: [], unclear: 'pass' } as const;
const named = (name: string, result: BenchResult) => ({ name, result });

function compared(base: BenchResult, now: BenchResult, options = {}) {
  return compareResults([named('base.json', base)], [named('new.json', now)], {
    ...OPTIONS,
    ...options,
  });
}

const bench = (row: ScriptedRow = {}, change: Partial<BenchResult> = {}) =>
  scriptedBench([row], change);
const wrong = {
  state: 'wrong',
  measurement: undefined,
  error: { code: 'wrong_result', message: 'Value 3 is 12.5.', advice: '' },
} as const;

describe('verdicts', () => {
  it.each([
    [1.2, 'slower', 1],
    [1, 'same', 0],
    [0.8, 'faster', 0],
    [1.045, 'unclear', 0],
  ])('of a time x %d: %s', (factor, verdict, exitCode) => {
    const result = compared(bench(), bench({ factor, seed: 2 }));
    expect(result.rows).toMatchObject([{ verdict, tolerance: 0.05, toleranceFrom: 'default' }]);
    expect(result.rows[0].timeRatio?.value).toBeCloseTo(factor, 1);
    expect(result.rows[0].timeRatio?.confidence).toBe(0.99);
    expect(result.exitCode).toBe(exitCode);
  });

  it('an unclear row whose runs vary says how many of them would settle it', () => {
    const machine = { within: 0.02, between: 0.03 };
    const noisy = compared(bench({ machine }), bench({ machine, seed: 2 }));
    expect(noisy.rows[0].verdict).toBe('unclear');
    const [advice, ...others] = noisy.warnings;
    expect(others).toEqual([]);
    expect(advice.name).toBe('unclear');
    expect(advice.message).toMatch(
      /^cnn on webgpu:0 is unclear: runs vary by [\d.]+ %, too much for its tolerance with \d+ runs in BASE and \d+ in NEW\.$/,
    );
    expect(advice.advice).toMatch(/^Use --runs \d+ on both sides, including the baseline, /);
    // Close to the tolerance, more runs settle nothing; and what is slower is settled.
    for (const factor of [1.045, 1.2]) {
      expect(compared(bench(), bench({ factor, seed: 2 })).warnings).toEqual([]);
    }
  });

  it('unclear fails on request', () => {
    const options = { unclear: 'fail' };
    const unclear = compared(bench(), bench({ factor: 1.045, seed: 2 }), options);
    expect(unclear).toMatchObject({ exitCode: 1, unclear: 'fail' });
    expect(compared(bench(), bench({ seed: 2 }), options).exitCode).toBe(0);
  });

  it('a single run has a wider tolerance, and an interval of the run only', () => {
    const [row] = compared(bench({ runs: 1 }), bench({ factor: 1.07, seed: 2 })).rows;
    expect(row).toMatchObject({ toleranceFrom: 'single-run', tolerance: 0.1, verdict: 'same' });
    expect(row.timeRatio?.confidence).toBe(0.95);
  });

  it('is unclear without an interval', () => {
    const few = bench();
    const [row] = few.rows;
    const { measurement } = row;
    if (!measurement) throw new Error('the fake has one');
    const samples = measurement.samples.slice(0, 4);
    const runs = measurement.runs.slice(0, 2).map((run) => ({ ...run, samples: 2 }));
    const short = { ...few, rows: [{ ...row, measurement: { ...measurement, samples, runs } }] };
    expect(compared(bench(), short).rows).toMatchObject([{ verdict: 'unclear' }]);
  });
});

describe('rows that do not count', () => {
  it('a row that became wrong is a finding', () => {
    const result = compared(bench(), bench({ change: wrong }));
    expect(result.rows).toMatchObject([{ verdict: 'wrong', why: 'Value 3 is 12.5.' }]);
    expect(result.exitCode).toBe(1);
  });

  it('a row that was wrong before is not comparable', () => {
    const result = compared(bench({ change: wrong }), bench());
    expect(result.rows).toMatchObject([{ verdict: 'not-comparable' }]);
    expect(result.exitCode).toBe(2);
  });

  it('a row that failed could not be compared', () => {
    const failed = { ...wrong, state: 'failed', verification: undefined } as const;
    expect(compared(bench(), bench({ change: failed }))).toMatchObject({
      rows: [{ verdict: 'failed' }],
      exitCode: 2,
    });
    expect(compared(bench({ change: failed }), bench())).toMatchObject({
      rows: [{ verdict: 'not-comparable', why: expect.stringContaining('no time in BASE') }],
      exitCode: 2,
    });
  });
});

describe('what is refused', () => {
  const { conditions, devices } = bench();
  const saving = { ...conditions.before, powerMode: 'Low Power Mode' };

  it.each([
    ['chip', {}, { devices: devices.map((d) => ({ ...d, name: 'NVIDIA H100' })) }],
    ['GPU cores', {}, { devices: devices.map((d) => ({ ...d, gpuCores: 10 })) }],
    ['power mode', {}, { conditions: { before: saving, after: saving } }],
    ['batch', { change: { params: { batch: 8, image: 28, filters: 32 } } }, {}],
    ['dtype', { change: { dtype: 'f16' } }, {}],
    ['mode', { change: { mode: 'latency' } }, {}],
    ['products', { change: { tf32: true } }, {}],
    ['verified', { change: { verification: undefined } }, {}],
  ] as [string, ScriptedRow, Partial<BenchResult>][])('another %s', (fact, row, change) => {
    const base = bench({}, { devices: devices.map((d) => ({ ...d, gpuCores: 8 })) });
    const cores = fact === 'GPU cores' ? {} : { devices: base.devices };
    const result = compared(base, bench({ seed: 2, ...row }, { ...cores, ...change }));
    expect(result.rows).toMatchObject([{ verdict: 'not-comparable' }]);
    expect(result.rows[0].differences.map((difference) => difference.fact)).toContain(fact);
    expect(result.rows[0].why).toContain(fact);
    expect(result.exitCode).toBe(2);
  });

  it('what one side does not know is not a difference', () => {
    const unknown = { ...conditions.before, powerMode: undefined, powerSource: 'unknown' } as const;
    const now = bench({ seed: 2 }, { conditions: { before: unknown, after: unknown } });
    expect(compared(bench(), now).rows).toMatchObject([{ verdict: 'same' }]);
  });
});

describe('likely causes', () => {
  it('names versions that differ, and another level of kernels', () => {
    const base = bench({ change: { kernels: 'best' } });
    const now = bench(
      { factor: 1.5, seed: 2, change: { kernels: 'library' } },
      { tool: { name: 'mpsbench', version: '9.9.9' } },
    );
    const { rows } = compared(base, now);
    expect(rows).toMatchObject([{ verdict: 'slower', kernels: 'library' }]);
    expect(rows[0].differences).toEqual([
      { fact: 'kernels', base: 'best', new: 'library' },
      { fact: 'mpsbench', base: base.tool.version, new: '9.9.9' },
    ]);
  });
});

describe('matching', () => {
  it('compares the rows that both sides have, and names the others', () => {
    const base = scriptedBench([{ workload: 'cnn' }, { workload: 'add' }]);
    const now = scriptedBench([{ workload: 'linear' }, { workload: 'cnn', seed: 2 }]);
    const result = compared(base, now);
    expect(result.rows).toMatchObject([{ workload: 'cnn', verdict: 'same' }]);
    expect(result.warnings.map(({ message }) => message)).toEqual([
      'linear on webgpu:0 is only in NEW.',
      'add on webgpu:0 is only in BASE.',
    ]);
    expect(result.exitCode).toBe(0);
  });

  it('prefers equal kernels, whatever the order', () => {
    const rows: ScriptedRow[] = (['best', 'library'] as const).map((kernels) => ({
      change: { kernels },
      factor: kernels === 'best' ? 1 : 2,
    }));
    const result = compared(scriptedBench(rows), scriptedBench(rows.toReversed()));
    expect(result.rows.map(({ verdict }) => verdict)).toEqual(['same', 'same']);
  });

  it('tells the threads of a sweep apart', () => {
    const rows: ScriptedRow[] = [1, 2, 4].map((threads) => ({
      change: { point: { threads } },
      factor: 4 / threads,
    }));
    const { rows: judged } = compared(scriptedBench(rows), scriptedBench(rows));
    expect(judged.map(({ verdict, base }) => [verdict, base?.runs])).toEqual([
      ['same', 3],
      ['same', 3],
      ['same', 3],
    ]);
  });

  it('a size that only one side has is no reason to refuse the others', () => {
    const sized = (...batches: number[]) =>
      scriptedBench(
        batches.map((batch) => ({ change: { params: { batch, image: 28, filters: 32 } } })),
      );
    const result = compared(sized(1, 2, 4), sized(4, 8));
    expect(result.rows.map(({ verdict }) => verdict)).toEqual(['same']);
    expect(result.exitCode).toBe(0);
  });

  it('takes thousands of rows', () => {
    const [row] = bench().rows;
    const rows = Array.from({ length: 1000 }, (_, batch) => ({ ...row, params: { batch } }));
    const [base, now] = [rows, rows.map((one) => ({ ...one, kernels: 'library' as const }))].map(
      (all) => ({
        ...bench(),
        rows: all,
      }),
    );
    expect(compared(base, now).rows).toHaveLength(1000);
  });

  it('says that there is no row in common', () => {
    const result = compared(bench(), bench({ workload: 'add' }));
    expect(result.rows).toEqual([]);
    expect(result.exitCode).toBe(2);
    expect(result.warnings.at(-1)?.name).toBe('no-common-rows');
  });
});

describe('several results of a side', () => {
  it('are pooled: their runs are runs of one measurement', () => {
    const many = [1, 2, 3].map((seed) => named(`base${seed}.json`, bench({ runs: 1, seed })));
    const { rows, base } = compareResults(many, [named('new.json', bench({ seed: 9 }))], OPTIONS);
    expect(rows).toMatchObject([{ verdict: 'same', base: { runs: 3 }, toleranceFrom: 'default' }]);
    expect(base.files.map(({ name }) => name)).toEqual(['base1.json', 'base2.json', 'base3.json']);
  });

  it('of different machines are not', () => {
    const other = bench({}, { devices: bench().devices.map((d) => ({ ...d, name: 'M3' })) });
    const base = [named('a.json', bench()), named('b.json', other)];
    const result = compareResults(base, [named('new.json', bench({ seed: 2 }))], OPTIONS);
    expect(result.rows).toMatchObject([{ verdict: 'same', base: { runs: 3 } }]);
    expect(result.warnings[0].message).toMatch(/^b\.json: cnn on webgpu:0 is left out: chip M3/);
  });
});
