import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Chalk } from 'chalk';
import { describe, expect, it } from 'vitest';
import { renderTable } from '../../src/report/registry.js';
import {
  type BenchResult,
  type DevicesResult,
  type Row,
  resultSchema,
} from '../../src/result/schema.js';
import { cudaBench, devicesResult } from '../fakes/results.js';
import { fakeCuda, libraryFolder, skipReason } from './fake-cuda.js';
import { mpsbench } from './run.js';

/** A training step that the fake libraries compute (test/fakes/cuda/kernels.cpp), as short as can be. */
const STEP = ['linear', '--rows', '128', '--features', '128', '--units', '64'];
const BRIEF = ['--runs', '1', '--time', '0.05', '--warmup', '0.01', '--precision', '20'];

const report = join(libraryFolder([]), 'violations');

/** Runs on the fakes; nothing may be done that a real driver would refuse. */
async function benchJson(args: readonly string[], script = '') {
  const env = fakeCuda(`report=${report};${script}`);
  const outcome = await mpsbench(['bench', args[0], ...BRIEF, ...args.slice(1), '--json'], { env });
  const result = resultSchema.parse(JSON.parse(outcome.stdout)) as BenchResult;
  return { ...outcome, result };
}

const plain = (width: number) => ({ colour: new Chalk({ level: 0 }), width });

/** What does not depend on this machine or on time. */
function steadyRow(row: Row): Row {
  const [fixed] = cudaBench.rows;
  const { telemetry } = row.measurement ?? {};
  return {
    ...row,
    rates: fixed.rates,
    // The placement is what is looked at here, not how kernels describe themselves.
    placement: row.placement.map((placed) => ({
      ...placed,
      kernel: placed.kernel.replace(/ .*/s, ' ...'),
    })),
    measurement: fixed.measurement && {
      ...fixed.measurement,
      warnings: (row.measurement?.warnings ?? [])
        .filter(({ name }) => name === 'throttled')
        .map((warning) => ({ ...warning, message: warning.message.replace(/\d+/g, '20') })),
      telemetry: telemetry && { ...telemetry, energy: undefined },
    },
  };
}

describe.skipIf(skipReason)(
  `the CUDA backend on fake libraries${skipReason && ` (${skipReason})`}`,
  () => {
    it('lists every GPU', async () => {
      const env = fakeCuda('devices=2;name=Fake H200;memory=150754820096;nvlinks=18');
      const { stdout, code } = await mpsbench(['devices', '--json'], { env });
      expect(code).toBe(0);
      const found = resultSchema.parse(JSON.parse(stdout)) as DevicesResult;
      const result: DevicesResult = {
        ...found,
        ...{ host: devicesResult.host, seconds: 1, startedAt: devicesResult.startedAt },
        backends: found.backends.filter(({ id }) => id === 'cuda'),
        devices: found.devices.filter(({ backend }) => backend === 'cuda'),
      };
      expect(result.devices.map(({ id }) => id)).toEqual(['cuda:0', 'cuda:1']);
      const text = await renderTable(result, plain(100));
      await expect(text).toMatchFileSnapshot('../golden/cuda-devices.100.txt');
    });

    it('measures each GPU of --device all, verified', async () => {
      const { result, code } = await benchJson(
        [...STEP, '--device', 'cuda:0,cuda:1', '--profile'],
        'devices=2;throttle=0x4',
      );
      expect(code).toBe(0);
      expect(result.rows.map(({ device, state }) => [device, state])).toEqual([
        ['cuda:0', 'measured'],
        ['cuda:1', 'measured'],
      ]);
      for (const { verification, placement, measurement } of result.rows) {
        expect(verification?.ok).toBe(true);
        expect(placement.every(({ evidence }) => evidence === 'observed-per-run')).toBe(true);
        expect(measurement?.device?.median).toBeGreaterThan(0);
        expect(measurement?.samples.every(({ throttling }) => throttling !== undefined)).toBe(true);
      }
      const steady: BenchResult = {
        ...result,
        ...{ host: cudaBench.host, seconds: 1, startedAt: cudaBench.startedAt, warnings: [] },
        conditions: cudaBench.conditions,
        reproduce: 'mpsbench bench linear --device cuda:0,cuda:1 --profile',
        rows: result.rows.map(steadyRow),
      };
      const text = await renderTable(steady, plain(100));
      await expect(text).toMatchFileSnapshot('../golden/cuda-bench.100.txt');

      const all = await benchJson([...STEP, '--device', 'all'], 'devices=2');
      const measured = all.result.rows.map(({ device }) => device);
      expect(measured).toEqual(all.result.devices.map(({ id }) => id));
      expect(measured).toEqual(expect.arrayContaining(['cuda:0', 'cuda:1', 'cpu:0']));
    });

    it('does not count its own workers as other processes on the GPU', async () => {
      const holders = join(libraryFolder([]), 'holders');
      const { result } = await benchJson(
        [...STEP, '--runs', '3', '--device', 'cuda:0,cuda:1'],
        `devices=2;holders=${holders}`,
      );
      expect(readFileSync(holders, 'utf8').trim().split('\n').length).toBeGreaterThan(1);
      for (const { measurement } of result.rows) {
        expect(measurement?.runs).toHaveLength(3);
        const { before, blocks = [] } = measurement?.telemetry ?? {};
        for (const reading of [before, ...blocks]) expect(reading?.otherProcesses).toBe(0);
        expect(measurement?.warnings.map(({ name }) => name)).not.toContain('shared-device');
      }
    });

    it('knows the answers of the examples', async () => {
      for (const [workload, label, value] of [
        ['add', 'sum', '[[6, 8], [10, 12]]'],
        ['linear', 'prediction for x = 5', '9.68349'],
      ]) {
        const { result } = await benchJson([workload, '--preset', 'example', '--device', 'gpu']);
        // The exit code may be 1: the fake clock is coarse beside so small a workload.
        expect(result.rows[0].verification?.ok).toBe(true);
        expect(result.rows[0].output[0]).toEqual({ label, value });
      }
    });

    it('picks the first one for --device gpu', async () => {
      const { result } = await benchJson([...STEP, '--device', 'gpu'], 'devices=2');
      expect(result.rows.map(({ device }) => device)).toEqual(['cuda:0']);
    });

    it('labels TF32, and judges it by its own peak', async () => {
      const { result } = await benchJson([...STEP, '--device', 'cuda:0', '--tf32']);
      const [strict] = (await benchJson([...STEP, '--device', 'cuda:0'])).result.rows;
      const [row] = result.rows;
      expect([row.state, row.tf32, strict.tf32]).toEqual(['measured', true, undefined]);
      const { peak } = result.devices[0];
      const share = Math.max(
        (row.rates?.gflops ?? 0) / (peak?.gflops?.tf32 ?? 0),
        (row.rates?.gbPerS ?? 0) / (peak?.gbPerS ?? 0),
      );
      expect(row.rates?.rooflineShare).toBeCloseTo(share, 9);
      expect(strict.rates?.rooflineShare).toBeGreaterThan(share);
      const turing = await benchJson([...STEP, '--device', 'cuda:0', '--tf32'], 'capability=75');
      expect(turing.result.rows[0].tf32).toBeUndefined();
      expect(turing.result.warnings.map(({ name }) => name)).toContain('tf32-unused');
    });

    it('does not time a wrong result', async () => {
      const { result, code } = await benchJson([...STEP, '--device', 'cuda:0'], 'wrong=1');
      expect(code).toBe(1);
      expect(result.rows[0]).toMatchObject({ state: 'wrong', error: { code: 'wrong_result' } });
      expect(result.rows[0].measurement).toBeUndefined();
    });

    it('loses one row to a sticky error; the other device continues', async () => {
      const { result, code } = await benchJson(
        [...STEP, '--device', 'cuda:0,cpu:0'],
        'sticky=cuGraphLaunch:700:10',
      );
      expect(code).toBe(2);
      const [gpu, cpu] = result.rows;
      expect(gpu).toMatchObject({ state: 'failed', error: { code: 'device_lost' } });
      expect(gpu.error?.message).toContain('CUDA_ERROR_ILLEGAL_ADDRESS');
      expect(cpu.state).toBe('measured');
    });

    it('says what is needed and what is free if memory is short', async () => {
      const { result } = await benchJson([...STEP, '--device', 'cuda:0'], 'fail=cuMemAlloc:2:4');
      expect(result.rows[0]).toMatchObject({ state: 'failed', error: { code: 'out_of_memory' } });
      expect(result.rows[0].error?.message).toMatch(/needs at least .* is free/);
    });

    it('is listed with the reason if the driver is too old', async () => {
      const { stdout } = await mpsbench(['devices'], { env: fakeCuda('driver=11040') });
      expect(stdout).toMatch(/cuda: The driver speaks CUDA 11\.4/);
      expect(stdout).toContain("Update NVIDIA's driver");
    });

    it('did nothing that a real driver refuses', () => {
      expect(() => readFileSync(report, 'utf8')).toThrow('ENOENT');
    });
  },
);
