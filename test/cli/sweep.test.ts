import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type BenchResult, resultSchema } from '../../src/result/schema.js';
import {
  expectNoTrace,
  interruptAt,
  type Outcome,
  type RunOptions,
  mpsbench as run,
} from './run.js';

const temporary = mkdtempSync(join(tmpdir(), 'mpsbench-sweep-'));
let files = 0;

/** As short as a sweep can be. */
const BRIEF = ['--runs', '1', '--time', '0.05', '--warmup', '0.01', '--precision', '50'];

/** Runs a sweep of add on the CPU and a fake GPU of 1 ms per iteration. */
async function sweep(
  args: readonly string[],
  options: RunOptions = {},
): Promise<{ outcome: Outcome; result: BenchResult }> {
  const path = join(temporary, `${files++}.json`);
  const outcome = await run(
    ['bench', 'add', '--device', 'cpu,fake:0', ...BRIEF, ...args, '--json', path],
    { fake: '', ...options },
  );
  expectNoTrace(outcome);
  const result: BenchResult = JSON.parse(readFileSync(path, 'utf8'));
  expect(resultSchema.safeParse(result).error).toBeUndefined();
  return { outcome, result };
}

const sizesOn = ({ rows }: BenchResult, id: string) => {
  return rows.filter(({ device }) => device === id).map(({ point }) => point?.elements);
};

describe('bench over choices', () => {
  it('varies --mode and --kernels, and each row repeats by itself', async () => {
    const { outcome, result } = await sweep([
      ...['--mode', 'latency,throughput', '--kernels', 'library,best', '--elements', '1,16'],
    ]);
    expect(outcome.code).toBe(0);
    const onCpu = result.rows.filter(({ device }) => device === 'cpu:0');
    expect(onCpu.map(({ point, mode, kernels }) => [point, mode, kernels])).toEqual(
      (['library', 'best'] as const).flatMap((kernels) =>
        (['latency', 'throughput'] as const).flatMap((mode) =>
          [1, 16].map((elements) => [{ kernels, mode, elements }, mode, kernels]),
        ),
      ),
    );
    expect(onCpu[0].reproduce).toMatch(/--mode latency/);
    expect(onCpu[2].reproduce).not.toMatch(/--mode/);
    expect(result.sweeps?.[0].curves).toHaveLength(8);
  });

  it('varies --engine; one that this build lacks costs its points only', async () => {
    const { outcome, result } = await sweep(['--engine', 'reference,nope', '--elements', '16']);
    expect(outcome.code).toBe(64);
    expect(outcome.stdout).toContain("This build has no CPU engine 'nope'.");
    const onCpu = result.rows.filter(({ device }) => device === 'cpu:0');
    expect(onCpu.map(({ engine, state }) => [engine, state])).toEqual([
      ['reference', 'measured'],
      ['nope', 'failed'],
    ]);
  });
});

describe('bench over a range', () => {
  it('measures every point on every device, and says what it is about to do', async () => {
    const { outcome, result } = await sweep(['--elements', '1..256x16', '--dtype', 'f32,f64']);
    expect(outcome.code).toBe(0);
    expect(outcome.stderr).toContain(
      'Sweep of add over --dtype x --elements: 6 points on 2 devices, about',
    );
    expect(result.rows.map(({ point, device }) => [point?.dtype, point?.elements, device])).toEqual(
      ['f32', 'f64'].flatMap((dtype) =>
        [1, 16, 256].flatMap((size) => [
          [dtype, size, 'cpu:0'],
          [dtype, size, 'fake:0'],
        ]),
      ),
    );
    expect(result.rows.every(({ state }) => state === 'measured')).toBe(true);
    const [first] = result.sweeps ?? [];
    expect(first).toMatchObject({ workload: 'add', over: 'elements', baseline: 'cpu:0' });
    expect(first?.curves).toHaveLength(4);
    // The fake lacks f64: there, all of its ops ran on the CPU, and it is compared with nothing.
    expect(first?.curves.map(({ device, crossover }) => [device, crossover?.state])).toEqual([
      ['cpu:0', undefined],
      ['fake:0', 'never'],
      ['cpu:0', undefined],
      ['fake:0', expect.anything()],
    ]);
    expect(outcome.stdout).toContain('does not overtake the CPU up to elements 256');
    expect(outcome.stdout).toMatch(/elements +cpu:0 +elements\/s +fake:0 +vs cpu:0/);
  });

  it('draws with ASCII only on request', async () => {
    const { outcome } = await sweep(['--elements', '1,16,256', '--ascii']);
    expect(outcome.stdout).toMatch(/^[\x20-\x7e\n]*$/);
    expect(outcome.stdout).toContain('o fake:0 vs cpu:0');
  });

  it('skips what does not fit, and runs the rest', async () => {
    const { outcome, result } = await sweep(['--elements', '16,2^40']);
    expect(outcome.code).toBe(0);
    expect(sizesOn(result, 'fake:0')).toEqual([16]);
    expect(result.sweeps?.[0].skipped).toEqual([
      expect.objectContaining({ at: { elements: 2 ** 40 }, device: 'cpu:0', code: 'memory' }),
      expect.objectContaining({ at: { elements: 2 ** 40 }, device: 'fake:0', code: 'memory' }),
    ]);
    expect(outcome.stdout).toContain('Not measured: elements 2^40: add with 2^40 elements in f32');
  });

  it('fails if nothing fits', async () => {
    const { outcome, result } = await sweep(['--elements', '2^40,2^41']);
    expect(outcome.code).toBe(2);
    expect(result.rows.every(({ error }) => error?.code === 'out_of_memory')).toBe(true);
  });

  it('continues after a device crashes', async () => {
    const { outcome, result } = await sweep(['--elements', '1,16'], { fake: 'crash:compile' });
    expect(outcome.code).toBe(2);
    expect(sizesOn(result, 'cpu:0')).toEqual([1, 16]);
    expect(outcome.stdout).toContain('fake:0 failed at 2 points.');
    expect(outcome.stdout).toContain('fake:0 failed at elements 1; elements 16: The worker');
  });

  it('keeps what is done after Ctrl-C', async () => {
    const { outcome, result } = await sweep(
      ['--elements', '1,16,256', '--samples', '1000', '--time', '30'],
      {
        fake: 'hang:run',
        env: { MPSBENCH_DEBUG: '1' },
        during: interruptAt('the fake hangs in run'),
      },
    );
    expect(outcome.code).toBe(130);
    expect(result.rows.filter(({ device }) => device === 'cpu:0').at(0)?.measurement).toBeDefined();
    expect(result.sweeps?.[0].skipped.at(-1)).toEqual({
      at: { elements: 256 },
      code: 'interrupted',
      reason: 'the sweep was interrupted before it',
    });
    expect(outcome.stdout).toContain('Not measured: elements');
  });

  it('stays within --budget, and lists what did not fit', async () => {
    const { outcome, result } = await sweep([
      ...['--elements', '1..2000', '--runs', '3', '--time', '1'],
      ...['--budget', '20s'],
    ]);
    expect(outcome.code).toBe(0);
    const [first] = result.sweeps ?? [];
    expect(first?.budgetS).toBe(20);
    const measured = sizesOn(result, 'fake:0').map(Number);
    expect(measured.length).toBeGreaterThanOrEqual(2);
    // Coarse to fine: the ends come first.
    expect(measured).toContain(1);
    expect(measured).toContain(2000);
    expect(
      new Set([...measured, ...(first?.skipped ?? []).map(({ at }) => at.elements)]).size,
    ).toBe(2000);
    expect(outcome.stdout.replace(/\s+/g, ' ')).toMatch(
      /Not measured: .*and [\d,]+ more: the time limit/,
    );
  });

  it('is a usage error if the range gives none', async () => {
    const outcome = await run(['bench', 'add', '--elements', '64..1', '--device', 'cpu']);
    expect(outcome).toMatchObject({ code: 64, stdout: '' });
    expect(outcome.stderr).toContain('Write the smaller end first: --elements 1..64.');
  });
});

it('--sweep chooses the sizes', async () => {
  const { outcome, result } = await sweep(['--sweep', '--budget', '20s']);
  expect([0, 2]).toContain(outcome.code);
  const sizes = sizesOn(result, 'cpu:0');
  expect(sizes.slice(0, 3)).toEqual([1, 4, 16]);
  expect(result.sweeps?.[0].skipped.length).toBeGreaterThan(0);
});

it('--budget also ends a bench without a sweep', async () => {
  const { outcome, result } = await sweep(['--elements', '16', '--budget', '10s'], {
    fake: 'hang:compile',
  });
  expect(outcome.code).toBe(2);
  expect(result.rows[1].error).toMatchObject({
    code: 'interrupted',
    message: 'The time limit (--budget 10s) was over before it was measured.',
  });
});
