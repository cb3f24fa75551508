import { curveCrossover, curveOverhead } from '../../src/bench/sweep/curves.js';
import { compare } from '../../src/measure/compare.js';
import { summarise } from '../../src/measure/summary.js';
import { curvesOf } from '../../src/result/curves.js';
import type { BenchResult, DeviceInfo, Measurement, Row } from '../../src/result/schema.js';
import { gpuBench } from './results.js';

/** Hand-made sweeps: what devices with known curves would give, the same at every run. */

export interface FakeCurve {
  readonly device: DeviceInfo;
  /** Nanoseconds per iteration at a size; undefined if the device fails. */
  nsAt(size: number): number | undefined;
}

/** Between 0 and 1, the same for the same numbers. */
function scatter(a: number, b: number): number {
  const x = Math.sin(a * 12.9898 + b * 78.233) * 43_758.5453;
  return x - Math.floor(x);
}

export function fakeMeasurement(
  ns: number,
  { samples = 24, noise = 0.02, runs = 3, seed = 1 } = {},
): Measurement {
  const taken = Array.from({ length: samples }, (_, i) => {
    const wallNs = ns * (1 + noise * (scatter(i, seed) - 0.5)) * 100;
    return { iterations: 100, wallNs };
  });
  const lengths = Array.from({ length: runs }, (_, run) => {
    return Math.floor(((run + 1) * samples) / runs) - Math.floor((run * samples) / runs);
  });
  const perIteration = taken.map(({ wallNs }) => wallNs / 100);
  return {
    iterationsPerSample: 100,
    warmup: taken.slice(0, 2),
    samples: taken,
    blocks: lengths.flatMap((length) => [Math.ceil(length / 2), Math.floor(length / 2)]),
    runs: lengths.map((length) => ({ samples: length, medianNs: ns, stoppedBy: 'precision' })),
    wall: summarise(perIteration, lengths, lengths),
    stoppedBy: 'precision',
    warnings: [],
  };
}

/** A sweep of cnn over the batch; the first curve is that of the baseline. */
export function fakeSweep(
  sizes: readonly number[],
  curves: readonly FakeCurve[],
  rest: Partial<BenchResult> = {},
): BenchResult {
  const [base] = curves;
  const baseline = base.device.id;
  const rows = sizes.flatMap((size): Row[] => {
    const measured = curves.map(({ device, nsAt }, index) => {
      return rowOf(device, size, nsAt(size), size + index);
    });
    const baseRow = measured[0];
    return measured.map((row) => {
      const speedup =
        row !== baseRow && row.measurement && baseRow.measurement
          ? compare(baseRow.measurement, row.measurement)
          : undefined;
      if (!speedup?.interval) return row;
      const { value, clock } = speedup;
      const [low, high] = speedup.interval;
      return { ...row, speedup: { over: baseline, value, interval: [low, high], clock } };
    });
  });
  const over = 'batch';
  return {
    ...gpuBench,
    reproduce: "mpsbench bench cnn --batch '1..4096*4' --device cuda:0 --compare-cpu",
    devices: curves.map(({ device }) => device),
    warnings: [],
    rows,
    sweeps: [
      {
        workload: 'cnn',
        axes: [{ name: over, values: [...sizes] }],
        over,
        baseline,
        curves: curvesOf(rows, over).map((curve) => {
          const overhead = curveOverhead(curve);
          const crossover = curve.device === baseline ? undefined : curveCrossover(curve, over);
          return {
            device: curve.device,
            at: curve.at,
            ...(overhead && {
              overhead: { ns: overhead.ns, interval: [overhead.interval[0], overhead.interval[1]] },
            }),
            ...(crossover && { crossover }),
          };
        }),
        skipped: [
          {
            at: { batch: 16_384 },
            code: 'time',
            device: baseline,
            reason: `from here on an iteration would take more than 2 s on ${baseline}`,
          },
        ],
      },
    ],
    ...rest,
  };
}

function rowOf(device: DeviceInfo, size: number, ns: number | undefined, seed: number): Row {
  const [example] = gpuBench.rows;
  const { speedup: _, rates: __, measurement: ___, ...base } = example;
  const row: Row = {
    ...base,
    params: { batch: size, image: 28, filters: 32 },
    point: { batch: size },
    device: device.id,
    work: { flops: size * 563_000, bytes: size * 4100, items: size, itemUnit: 'images' },
    placement: base.placement.map((placed) => {
      return { ...placed, requested: device.id, placed: device.id };
    }),
    reproduce: `mpsbench bench cnn --batch ${size} --device ${device.id}`,
  };
  if (ns === undefined) {
    const message = `The worker of ${device.id} was ended by SIGSEGV.`;
    return {
      ...row,
      state: 'failed',
      placement: [],
      error: { code: 'worker_crashed', message, advice: 'Use a smaller size.' },
    };
  }
  const measurement = fakeMeasurement(ns, { seed });
  const { median } = measurement.wall;
  return {
    ...row,
    measurement,
    rates: {
      clock: 'wall',
      itemsPerS: size / (median / 1e9),
      gflops: (size * 563_000) / median,
      gbPerS: (size * 4100) / median,
    },
  };
}

const device = (id: string, kind: DeviceInfo['kind'], name: string): DeviceInfo => ({
  id,
  backend: id.split(':')[0],
  name,
  kind,
  dtypes: ['f32'],
  details: {},
});

export const fakeCpu = device('cpu:0', 'cpu', 'Apple M3 Pro');
export const fakeGpu: DeviceInfo = {
  ...device('metal:0', 'integrated', 'Apple M3 Pro'),
  peak: { gbPerS: 150, gflops: { f32: 6400 }, source: "Apple's specification" },
};
export const fakePyTorch: DeviceInfo = {
  ...device('pytorch:mps', 'integrated', 'Apple M3 Pro'),
  framework: { name: 'pytorch', version: '2.9.1', python: '/opt/torch/bin/python', mode: 'eager' },
};

/** The GPU crosses once, PyTorch later and fails at the largest size. */
export const sweepBench: BenchResult = fakeSweep(
  [1, 4, 16, 23, 28, 32, 64, 256, 1024, 4096],
  [
    { device: fakeCpu, nsAt: (size) => 3_000 + 3_700 * size },
    { device: fakeGpu, nsAt: (size) => 100_000 + 390 * size },
    {
      device: fakePyTorch,
      nsAt: (size) => (size === 4096 ? undefined : 310_000 + 950 * size),
    },
  ],
);
