import type { BenchResult, Row } from '../../src/result/schema.js';
import {
  benchBase,
  cnnCpu,
  cnnPlacement,
  cnnRow,
  cnnSoftware,
  cpu,
  h200,
  type Measured,
  MS,
  measurement,
  verified,
} from './result-parts.js';

const addRow = {
  workload: 'add',
  params: { shape: [2, 2], data: 'sequence' },
  preset: 'example',
  dtype: 'f64',
  mode: 'latency',
  work: { flops: 4, bytes: 96, items: 4, itemUnit: 'elements' },
  placement: [],
  output: [],
} as const satisfies Partial<Row>;

/** What can go wrong, one row each: a wrong result, a crash, a missing dtype, an impossible time. */
export const failuresBench: BenchResult = {
  ...benchBase,
  exitCode: 1,
  reproduce: 'mpsbench bench add --device all --preset example --dtype f64',
  warnings: [],
  devices: [
    h200,
    { ...h200, id: 'webgpu:1', name: 'Evil \u001b[31mGPU\u0007 | <b>' },
    cpu,
    { ...cpu, id: 'cpu:1' },
    { ...cpu, id: 'cpu:2' },
  ],
  rows: [
    {
      ...addRow,
      params: { shape: [2, 2] },
      placement: [],
      output: [{ label: 'sum', value: '[[6, 8], [10, 12.5]]' }],
      device: 'webgpu:0',
      state: 'wrong',
      error: {
        code: 'wrong_result',
        message:
          'The device computed a wrong result, so it was not timed. Value 3 of "every sum" is 12.5, and the reference says 12.',
        advice:
          'Save what ran with --save-tensors DIR and compare; a driver or library update may fix it.',
      },
      verification: {
        ok: false,
        seconds: 0.001,
        checks: [
          {
            name: 'every sum',
            tensor: 'c',
            compared: 4,
            maxAbsError: 0.5,
            maxRelError: 0.0417,
            tolerance: { abs: 0, rel: 1.8e-7 },
            ok: false,
            worst: { index: 3, expected: 12, actual: 12.5 },
          },
        ],
      },
      reproduce: 'mpsbench bench add --device webgpu:0 --preset example --dtype f64',
    },
    {
      ...addRow,
      params: { shape: [2, 2] },
      placement: [],
      output: [],
      device: 'webgpu:1',
      state: 'unsupported',
      error: {
        code: 'unsupported',
        message: 'WGSL has no 64-bit floating point.',
        advice: 'Take --dtype f32, or let the CPU do it with --placement soft.',
      },
      reproduce: 'mpsbench bench add --device webgpu:1 --preset example --dtype f64',
    },
    {
      ...addRow,
      params: { shape: [2, 2] },
      placement: [],
      output: [{ label: 'sum', value: '[[6, 8], [10, 12]]' }],
      device: 'cpu:0',
      state: 'failed',
      error: {
        code: 'worker_crashed',
        message: 'The process that held cpu:0 was ended by SIGSEGV while it was sampling.',
        advice:
          'What was measured before is kept. Please report it with the command that repeats it.',
      },
      verification: verified('every sum', 'c', 4),
      measurement: measurement(
        { medianNs: 412.3, halfWidth: 0.012, noise: 0.03, samples: 64 },
        undefined,
        {
          iterationsPerSample: 2500,
          stoppedBy: 'failure',
        },
      ),
      rates: { clock: 'wall', itemsPerS: 9_701_673, gflops: 0.0097, gbPerS: 0.2328 },
      reproduce: 'mpsbench bench add --device cpu:0 --preset example --dtype f64',
    },
    {
      ...addRow,
      params: { shape: [2, 2] },
      placement: [],
      output: [{ label: 'sum', value: '[[6, 8], [10, 12]]' }],
      device: 'cpu:1',
      state: 'implausible',
      error: {
        code: 'implausible',
        message:
          '9600 GB/s is more than the hardware can do (76.80 GB/s, 2 channels of DDR5-4800).',
        advice: 'The device had probably not finished when the clock was read.',
      },
      verification: verified('every sum', 'c', 4),
      measurement: measurement({ medianNs: 0.01, halfWidth: 0.01, noise: 0.02, samples: 64 }),
      rates: { clock: 'wall', itemsPerS: 4e11, gflops: 400, gbPerS: 9600 },
      reproduce: 'mpsbench bench add --device cpu:1 --preset example --dtype f64',
    },
    {
      ...addRow,
      params: { shape: [2, 2] },
      placement: [],
      output: [],
      device: 'cpu:2',
      state: 'interrupted',
      error: {
        code: 'interrupted',
        message: 'The measurement was interrupted.',
        advice: 'What was measured until then is kept.',
      },
      reproduce: 'mpsbench bench add --device cpu:2 --preset example --dtype f64',
    },
  ],
};

/** A GPU without float64: under soft placement every op falls back to the CPU. */
export const fallbackBench: BenchResult = {
  ...benchBase,
  reproduce: 'mpsbench bench cnn --device webgpu:0 --dtype bf16 --mode latency --batch 1',
  warnings: [],
  devices: [h200, cpu],
  rows: [
    {
      ...cnnRow,
      params: { batch: 1, image: 28, filters: 32 },
      output: [{ label: 'output shape', value: '(1, 10)' }],
      mode: 'latency',
      dtype: 'bf16',
      device: 'webgpu:0',
      placement: cnnPlacement(
        'webgpu:0',
        [
          [3, 'oneDNN convolution jit_bf16:avx512_core_amx_bf16'],
          [2, 'max_pool2d.wgsl'],
          [2, 'matmul.wgsl'],
          [1, 'softmax.wgsl'],
        ],
        'reported',
      ).map((placed) => {
        const { step } = placed;
        if (step > 0) return { ...placed, dtype: 'bf16' };
        const reason = 'WGSL has no bfloat16: conv2d runs on the CPU';
        return { ...placed, dtype: 'bf16', placed: 'cpu:0', reason };
      }),
      measurement: measurement({ medianNs: 183_400, halfWidth: 0.011, noise: 0.05, samples: 1204 }),
      rates: { clock: 'wall', itemsPerS: 5453, gflops: 3.07, gbPerS: 0.0241 },
      reproduce: 'mpsbench bench cnn --device webgpu:0 --dtype bf16 --mode latency --batch 1',
    },
  ],
};

const loaded: Measured['disturbance'] = {
  samples: 10,
  offCpu: 0.62,
  ownCpus: 0.41,
  otherCpus: 1.9,
  stolen: 0,
  throttled: 0,
  suspendedNs: 0,
  unreliable: true,
};

/** Other programs kept both CPUs busy while the CPU was measured. */
export const disturbedBench: BenchResult = {
  ...benchBase,
  reproduce: 'mpsbench bench cnn --device webgpu:0 --compare-cpu',
  devices: [h200, cpu],
  warnings: [
    {
      name: 'high-load',
      message: 'High load from other programs: 1.9 on 2 CPUs.',
      advice: 'Close them and run again.',
    },
  ],
  rows: [
    {
      ...cnnSoftware,
      measurement: measurement(
        { medianNs: 0.081 * MS, halfWidth: 0.004, noise: 0.011, samples: 60 },
        0.0795 * MS,
        { disturbance: { ...loaded, samples: 0, offCpu: 0.002, unreliable: false } },
      ),
      rates: { clock: 'device', itemsPerS: 3.2e6, gflops: 1_811, gbPerS: 13 },
      speedup: { over: 'cpu:0', value: 97.2, clock: 'wall' },
    },
    {
      ...cnnCpu,
      measurement: measurement(
        { medianNs: 7.873 * MS, halfWidth: 0.031, noise: 0.094, samples: 10 },
        undefined,
        {
          disturbance: loaded,
          stoppedBy: 'time',
          warnings: [
            {
              name: 'disturbed',
              message:
                'Disturbed: off the CPU 62 % of the time (10 samples), so the time is not that of a quiet machine. Other programs used 1.9 CPUs.',
              advice:
                'Close other programs, raise CPU limits or use fewer threads (--threads), and repeat.',
            },
          ],
        },
      ),
      rates: { clock: 'wall', itemsPerS: 32_516, gflops: 18.3, gbPerS: 0.131 },
    },
  ],
};
