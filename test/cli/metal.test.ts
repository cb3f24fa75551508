import { join } from 'node:path';
import { Chalk } from 'chalk';
import { describe, expect, it } from 'vitest';
import { type ErrorCode, MpsbenchError } from '../../src/errors.js';
import { renderTable } from '../../src/report/registry.js';
import {
  type BenchResult,
  type DevicesResult,
  type Row,
  resultSchema,
} from '../../src/result/schema.js';
import { devicesResult, gpuBench } from '../fakes/results.js';
import { addonPath, sanitizedEnvironment, skipReason } from '../native/support/metal-double.js';
import { BRIEF, mpsbench } from './run.js';

/** The Metal backend over its test double (test/metal-double); each scenario has a name. */
const why = skipReason && ` (skipped: ${skipReason})`;

/** Without a Vulkan driver the other device is the CPU alone. */
const NO_VULKAN = { VK_DRIVER_FILES: join(import.meta.dirname, 'no-driver.json') };

function onDouble(scenario: string, args: readonly string[]) {
  const env = { ...NO_VULKAN, MPSBENCH_ADDON: addonPath, MPSBENCH_METAL_DOUBLE: scenario };
  return mpsbench(args, { env });
}

async function devicesOf(scenario: string): Promise<DevicesResult> {
  const { stdout, code, stderr } = await onDouble(scenario, ['devices', '--json']);
  expect([code, stderr]).toEqual([0, '']);
  const found = resultSchema.parse(JSON.parse(stdout)) as DevicesResult;
  return {
    ...found,
    ...{ host: devicesResult.host, seconds: 1, startedAt: devicesResult.startedAt },
    warnings: [],
    backends: found.backends.filter(({ id }) => id === 'metal'),
    devices: found.devices.filter(({ backend }) => backend === 'metal'),
  };
}

async function bench(scenario: string, args: readonly string[]) {
  const outcome = await onDouble(scenario, ['bench', ...args, ...BRIEF, '--json']);
  const result = resultSchema.parse(JSON.parse(outcome.stdout)) as BenchResult;
  return { ...outcome, result };
}

const table = (result: DevicesResult | BenchResult) =>
  renderTable(result, { colour: new Chalk({ level: 0 }), width: 100 });

const [gpuRow, cpuRow] = gpuBench.rows;

/** What does not depend on this machine, its CPU or the time: placements, states and results. */
function steadyRow(row: Row): Row {
  const fixed = row.measurement?.device ? gpuRow : cpuRow;
  return {
    ...row,
    rates: row.rates && fixed.rates,
    speedup: row.speedup && gpuRow.speedup,
    measurement: row.measurement && fixed.measurement,
    output: row.device === 'cpu:0' ? [] : row.output,
    // Which candidate is the fastest on the double says nothing, and changes.
    placement: row.placement.map((op) =>
      op.placed === 'cpu:0'
        ? { ...op, kernel: 'of the CPU', step: 0 }
        : { ...op, kernel: op.kernel && 'the fastest candidate' },
    ),
  };
}

function steady(result: BenchResult): BenchResult {
  const [cpu] = gpuBench.devices.filter(({ id }) => id === 'cpu:0');
  return {
    ...result,
    ...{ host: gpuBench.host, seconds: 1, startedAt: gpuBench.startedAt },
    conditions: gpuBench.conditions,
    devices: result.devices.map((device) => (device.id === 'cpu:0' ? cpu : device)),
    warnings: result.warnings.filter(({ name }) => name === 'fallback'),
    rows: result.rows.map(steadyRow),
  };
}

describe.skipIf(skipReason)(`the Metal backend on its double${why}`, () => {
  it.each(['m1', 'm1-macos13', 'm3-max', 'intel', 'paravirtual', 'no-device', 'no-mps'])(
    'lists the devices of %s',
    async (scenario) => {
      const result = await devicesOf(scenario);
      for (const { name } of result.devices) expect(name).toMatch(/ \(double\)$/);
      await expect(await table(result)).toMatchFileSnapshot(
        `../golden/metal-devices-${scenario}.100.txt`,
      );
    },
  );

  it('runs every workload, verified and compared with the CPU', async () => {
    const { result, code, stderr } = await bench('m1', [
      ...['all', '--compare-cpu', '--device', 'metal:0'],
    ]);
    expect([code, stderr]).toEqual([0, '']);
    for (const { device, verification, placement, measurement, speedup } of result.rows) {
      expect(verification?.ok).toBe(true);
      expect(measurement?.wall.median).toBeGreaterThan(0);
      if (device !== 'metal:0') continue;
      expect(speedup?.over).toBe('cpu:0');
      expect(measurement?.device?.median).toBeGreaterThan(0);
      expect(placement.every(({ evidence }) => evidence === 'observed-per-run')).toBe(true);
    }
    await expect(await table(steady(result))).toMatchFileSnapshot(
      '../golden/metal-bench-all.100.txt',
    );
  });

  it('measures our own kernels against MPSGraph; --kernels library uses MPSGraph alone', async () => {
    for (const [workload, file] of [
      ['add', 'elementwise.metal'],
      ['linear', 'linear_tiny.metal'],
      ['cnn', 'conv_pool_dense.metal'],
    ]) {
      const best = await bench('m1', [workload, '--device', 'metal:0', '--kernels', 'best']);
      const [row] = best.result.rows;
      expect([row.state, row.verification?.ok]).toEqual(['measured', true]);
      expect(row.placement[0].kernel).toContain('MPSGraph');
      // Of a network, the two layouts of MPSGraph may be the fastest two.
      if (workload !== 'cnn') expect(row.placement[0].kernel).toContain(file);
      expect(row.placement[0].kernel).toMatch(/, \d+\.\d\dx as fast as .* \(\d tried\)$/);
      const library = await bench('m1', [workload, '--device', 'metal:0', '--kernels', 'library']);
      const { kernel } = library.result.rows[0].placement[0];
      // Convolutions are measured in two layouts.
      if (workload === 'cnn')
        expect(kernel).toMatch(/^MPSGraph.* as fast as MPSGraph.* \(2 tried\)$/);
      else expect(kernel).toBe('MPSGraph');
    }
  });

  it.each(['m1-macos13', 'm3-max', 'intel', 'paravirtual'])(
    'runs every workload in %s',
    async (scenario) => {
      const { result, code } = await bench(scenario, ['all', '--device', 'metal:0']);
      expect(code).toBe(0);
      expect(result.rows.map(({ state, verification }) => [state, verification?.ok])).toEqual(
        Array(3).fill(['measured', true]),
      );
    },
  );

  // MPSGraph fails to encode, which costs that candidate alone.
  it.each(['f32', 'f16', 'bf16'])(
    'verifies our own kernels at preset and odd sizes in %s',
    async (dtype) => {
      for (const { args, files } of [
        {
          args: ['all', '--preset', 'example'],
          files: [/elementwise\.metal/, /linear_tiny\.metal/, /conv_pool_(dense|slices)\.metal/],
        },
        { args: ['add', '--elements', '1031'], files: [/elementwise\.metal/] },
        {
          args: ['linear', '--rows', '131', '--features', '33', '--units', '70'],
          files: [/(matmul|linear_small)\.metal/],
        },
        { args: ['cnn', '--batch', '5'], files: [/conv_pool_(dense|slices)\.metal/] },
      ]) {
        const brief = ['--runs', '1', '--time', '0.05', '--warmup', '0.02', '--json'];
        const { stdout } = await onDouble('exception-encode', [
          ...['bench', ...args, '--dtype', dtype, '--device', 'metal:0', '--compare-cpu'],
          ...['--kernels', 'best', ...brief],
        ]);
        const { rows } = resultSchema.parse(JSON.parse(stdout)) as BenchResult;
        expect(rows.map(({ device, verification }) => [device, verification?.ok])).toEqual(
          files.flatMap(() => [
            ['metal:0', true],
            ['cpu:0', true],
          ]),
        );
        const ours = rows.filter(({ device }) => device === 'metal:0');
        for (const [i, { dtype: ran, placement }] of ours.entries()) {
          expect(ran).toBe(dtype);
          expect(placement[0].kernel).toMatch(files[i]);
          expect(placement[0].kernel).toContain(
            'failed: The Metal frameworks raised NSInternalInconsistencyException',
          );
        }
      }
    },
    240_000,
  );

  it('runs in half precision, and in bf16 if the Mac supports it', async () => {
    for (const [scenario, dtype, placed] of [
      ['m1', 'f16', 'metal:0'],
      ['m1', 'bf16', 'metal:0'],
      ['m1-macos13', 'bf16', 'cpu:0'],
      ['intel', 'bf16', 'cpu:0'],
    ]) {
      const { result } = await bench(scenario, ['cnn', '--device', 'metal:0', '--dtype', dtype]);
      const [row] = result.rows;
      expect(row.verification?.ok).toBe(true);
      expect([...new Set(row.placement.map((op) => op.placed))]).toEqual([placed]);
    }
  });

  it('f64: falls back to the CPU op by op, with the reason', async () => {
    const { result, code } = await bench('m1', ['cnn', '--device', 'metal:0', '--dtype', 'f64']);
    expect(code).toBe(0);
    await expect(await table(steady(result))).toMatchFileSnapshot(
      '../golden/metal-f64-soft.100.txt',
    );
  });

  it('f64 with strict placement: refuses, and says why', async () => {
    const { result, code } = await bench('m1', [
      ...['cnn', '--device', 'metal:0', '--dtype', 'f64', '--placement', 'strict'],
    ]);
    expect(code).toBe(2);
    await expect(await table(steady(result))).toMatchFileSnapshot(
      '../golden/metal-f64-strict.100.txt',
    );
  });

  it('names the failed assertion with which MPS ended the process', async () => {
    const { result, code } = await bench('abort', ['add', '--device', 'metal:0']);
    expect(code).toBe(2);
    expect(result.rows[0].error).toMatchObject({
      code: 'worker_crashed',
      message: expect.stringContaining(
        'It last said: MPSNDArray.mm:850: failed assertion `[MPSNDArray initWithDevice:descriptor:]',
      ),
      advice: expect.stringContaining("A check inside the vendor's library failed."),
    });
  });

  const faults = new Map<string, string>();

  it.each<[scenario: string, expected: ErrorCode]>([
    ['watchdog-display', 'device_lost'],
    ['watchdog-victim', 'device_lost'],
    ['watchdog-ignored', 'device_lost'],
    ['error-1', 'device_lost'],
    ['error-2', 'device_lost'],
    ['error-3', 'internal'],
    ['error-4', 'device_lost'],
    ['error-7', 'unavailable'],
    ['error-8', 'out_of_memory'],
    ['error-9', 'internal'],
    ['error-10', 'internal'],
    ['error-11', 'device_lost'],
    ['error-12', 'internal'],
    ['error-8@1', 'out_of_memory'],
    ['error-1@40', 'device_lost'],
    ['out-of-memory', 'out_of_memory'],
    ['exception-compile', 'internal'],
    ['exception-encode', 'internal'],
    ['exception-buffer', 'internal'],
    ['zeros', 'wrong_result'],
  ])('the fault %s ends as %s', async (scenario, expected) => {
    // With MPSGraph alone nothing is measured before the run that the fault is meant for.
    const args = ['linear', '--device', 'metal:0', '--kernels', 'library'];
    const { result, code, stderr } = await bench(scenario, args);
    const [row] = result.rows;
    const state = scenario === 'zeros' ? 'wrong' : 'failed';
    expect([row.state, row.error?.code]).toEqual([state, expected]);
    expect([code, stderr]).toEqual([new MpsbenchError(expected, '').exitCode, '']);
    faults.set(scenario, `${row.error?.message}\n  ${row.error?.advice}`);
  });

  it('a fault while candidates are measured costs one of them, and the placement says so', async () => {
    // Earlier command buffers fill the tensors: without them nothing can be measured.
    const { result } = await bench('error-3@6', ['linear', '--device', 'metal:0']);
    expect(result.rows[0].state).toBe('measured');
    expect(result.rows[0].placement[0].kernel).toMatch(
      /(1 failed|another refused): The GPU read or wrote outside of its memory/,
    );
  });

  // Earlier command buffers clear and fill memory.
  it('work that macOS stops while candidates are measured costs that candidate alone', async () => {
    const { result, code } = await bench('watchdog-display@24', ['linear', '--device', 'metal:0']);
    expect(code).toBe(0);
    expect(result.rows[0].state).toBe('measured');
    expect(result.rows[0].placement[0].kernel).toMatch(/1 failed: macOS stopped the work/);
  });

  it('says of each fault what happened and what to do', async () => {
    const text = [...faults].map(([scenario, said]) => `${scenario}\n  ${said}\n`).join('\n');
    await expect(text).toMatchFileSnapshot('../golden/metal-faults.txt');
  });

  it('a fault costs one row: the CPU is measured all the same', async () => {
    const { result } = await bench('error-1@4', [
      ...['add', '--compare-cpu', '--device', 'metal:0', '--kernels', 'library'],
    ]);
    expect(result.rows.map(({ device, state }) => [device, state])).toEqual([
      ['metal:0', 'failed'],
      ['cpu:0', 'measured'],
    ]);
  });

  it('exits with 2 if there is no device', async () => {
    const { code, stderr } = await onDouble('no-device', ['bench', 'add', '--device', 'metal:0']);
    expect(stderr).toMatch(/metal:0: .*no Metal device/);
    expect(code).toBe(2);
  });
});

const sanitized = sanitizedEnvironment();

describe.skipIf(!sanitized)(
  `under the address and undefined-behaviour sanitizers${sanitized ? '' : ' (skipped: not built)'}`,
  () => {
    const run = (scenario: string, args: readonly string[]) =>
      mpsbench(args, {
        env: { ...NO_VULKAN, ...sanitized, MPSBENCH_METAL_DOUBLE: scenario },
      });

    it.each([
      ['m1', ['metal:0', 'cpu:0']],
      ['intel', ['metal:0', 'metal:1']],
    ])('lists the devices of %s and runs every workload', async (scenario, ids) => {
      const devices = await run(scenario, ['devices']);
      expect([devices.code, devices.stderr]).toEqual([0, '']);
      expect(devices.stdout).toContain('(double)');
      const compared = scenario === 'm1' ? ['--compare-cpu'] : [];
      const metal = ids.filter((id) => id !== 'cpu:0').join(',');
      const { code, stdout, stderr } = await run(scenario, [
        ...['bench', 'all', ...compared, '--device', metal, ...BRIEF, '--json'],
      ]);
      expect([code, stderr]).toEqual([0, '']);
      const { rows } = resultSchema.parse(JSON.parse(stdout)) as BenchResult;
      const seen = rows.map((row) => [row.device, row.state, row.verification?.ok]);
      const everyWorkload = [...ids, ...ids, ...ids];
      expect(seen).toEqual(everyWorkload.map((id) => [id, 'measured', true]));
    });

    it('turns a fault into an error', async () => {
      const args = ['bench', 'linear', '--device', 'metal:0', '--kernels', 'library', ...BRIEF];
      const { code, stdout, stderr } = await run('exception-encode', args);
      expect([code, stderr]).toEqual([70, '']);
      expect(stdout).toContain('NSInternalInconsistencyException');
    });
  },
);
