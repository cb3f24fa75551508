import { compareResults } from '../../src/compare/compare-results.js';
import { median } from '../../src/measure/statistics.js';
import { summarise } from '../../src/measure/summary.js';
import type { BenchResult, CompareResult, Row } from '../../src/result/schema.js';
import { type Machine, repeatedRuns } from './repeated-runs.js';
import { gpuBench } from './results.js';

/** A scripted measurement of a scripted machine: `factor` times as long as its true median of 1 ms. */
export function scriptedMeasurement(
  seed: number,
  runs: number,
  machine: Machine,
  factor = 1,
): NonNullable<Row['measurement']> {
  const scripted = repeatedRuns(seed, runs, machine);
  const values = scripted.values.map((value) => value * factor);
  let start = 0;
  return {
    iterationsPerSample: 1,
    warmup: [],
    samples: values.map((wallNs) => ({ iterations: 1, wallNs })),
    blocks: scripted.blocks,
    runs: scripted.runs.map((samples) => {
      start += samples;
      return { samples, medianNs: median(values.slice(start - samples, start)), stoppedBy: 'time' };
    }),
    wall: summarise(values, scripted.blocks, scripted.runs),
    stoppedBy: 'time',
    warnings: [],
  };
}

export const QUIET: Machine = { within: 0.005, between: 0.002 };

export interface ScriptedRow {
  readonly workload?: string;
  readonly factor?: number;
  readonly runs?: number;
  readonly seed?: number;
  readonly machine?: Machine;
  readonly change?: Partial<Row>;
}

/** A bench of a quiet GPU without a hypervisor, one row each. */
export function scriptedBench(
  rows: readonly ScriptedRow[],
  change: Partial<BenchResult> = {},
): BenchResult {
  const { virtualMachine: _, ...host } = gpuBench.host;
  return {
    ...gpuBench,
    host,
    rows: rows.map(({ workload = 'cnn', factor, runs = 3, seed = 1, machine = QUIET, change }) => ({
      ...gpuBench.rows[0],
      workload,
      speedup: undefined,
      measurement: scriptedMeasurement(seed, runs, machine, factor),
      ...change,
    })),
    ...change,
  };
}

/** What can be said of two results: one row of each verdict. */
export const comparison: CompareResult = {
  schema: 2,
  tool: gpuBench.tool,
  reproduce: 'mpsbench compare before.json after.json',
  startedAt: gpuBench.startedAt,
  seconds: 0.1,
  command: 'compare',
  ...compareResults(
    [{ name: 'before.json', result: scriptedBench(allVerdicts()) }],
    [
      {
        name: 'after.json',
        result: scriptedBench(allVerdicts({ seed: 7, changed: true }), {
          tool: { name: 'mpsbench', version: '0.2.0' },
          devices: gpuBench.devices.map((device) => ({ ...device, driver: 'NVIDIA 580.159.04' })),
        }),
      },
    ],
    { tolerances: [], unclear: 'pass' },
  ),
};

function allVerdicts({ seed = 1, changed = false } = {}): ScriptedRow[] {
  const wrong = {
    state: 'wrong',
    error: { code: 'wrong_result', message: 'Value 3 of "sum" is 12.5, not 12.', advice: '' },
    measurement: undefined,
  } as const;
  const sized = (batch: number) => ({ params: { batch, image: 28, filters: 32 } });
  return [
    { seed, change: sized(4096), factor: changed ? 1.19 : 1 },
    { seed, change: sized(256), machine: { within: 0.02, between: 0.04 } },
    { seed, workload: 'linear', factor: changed ? 0.5 : 1 },
    { seed, workload: 'add', change: { dtype: 'f16', ...(changed ? wrong : {}) } },
    { seed, workload: 'add', change: { device: 'cpu:0' } },
    { seed, workload: 'linear', change: { device: 'cpu:0', dtype: changed ? 'f16' : 'f32' } },
  ];
}

/** A bench with a baseline and thresholds. */
export const gatedBench: BenchResult = {
  ...gpuBench,
  exitCode: 1,
  comparison: { base: comparison.base, rows: comparison.rows, warnings: [] },
  thresholds: [
    {
      ...{ flag: '--max-time', rule: 'cnn=1ms', state: 'missed' },
      message: 'cnn on webgpu:0 takes 1.004 ms, but 1.000 ms is allowed.',
    },
    {
      ...{ flag: '--require-device', rule: 'webgpu:0', state: 'met' },
      message: 'webgpu:0 was measured.',
    },
  ],
};
