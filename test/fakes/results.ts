import type { BenchResult, DevicesResult, Row } from '../../src/result/schema.js';
import {
  backends,
  base,
  benchBase,
  cnnCpu,
  cnnPlacement,
  cnnRow,
  cnnSoftware,
  cpu,
  cuda,
  fused,
  h200,
  MS,
  measurement,
  swiftshader,
  verified,
} from './result-parts.js';

/** Hand-made results for the reports. */

export const devicesResult: DevicesResult = {
  ...base,
  warnings: [],
  command: 'devices',
  reproduce: 'mpsbench devices',
  seconds: 0.42,
  exitCode: 0,
  backends,
  devices: [swiftshader, cpu],
};

const reading = (atNs: number, iterations: number, rest: object) => ({
  atNs,
  iterations,
  clockMHz: 1980,
  memoryClockMHz: 3201,
  temperatureC: 34,
  powerW: 121.6,
  utilisation: 0,
  energyJ: 1e6,
  otherProcesses: 0,
  ...rest,
});

const held = ['software power limit'];
const busy = { utilisation: 1, temperatureC: 47, powerW: 641.2 };

const linearRow = {
  workload: 'linear',
  params: { rows: 8192, features: 4096, units: 4096, epochs: 1, learningRate: 610 },
  preset: 'large',
  dtype: 'f32',
  mode: 'throughput',
  state: 'measured',
  work: { flops: 5.5e11, bytes: 5.4e8, items: 8192, itemUnit: 'rows' },
  verification: verified('all predictions, projected', 'predictions', 8192),
  placement: [],
  output: [],
} as const satisfies Partial<Row>;

/** An NVIDIA GPU with TF32 products and its sensors, against the CPU in strict f32. */
export const cudaBench: BenchResult = {
  ...benchBase,
  reproduce: 'mpsbench bench linear --preset large --compare-cpu --device cuda:0 --tf32',
  warnings: [
    {
      name: 'tf32',
      message:
        'The products of cuda:0 have TF32 factors (11 significant bits), those of cpu:0 strict f32: the speedup is not one at equal precision.',
      advice: 'Leave --tf32 out to compare strict f32 with strict f32.',
    },
  ],
  devices: [cuda, cpu],
  rows: [
    {
      ...linearRow,
      placement: [],
      output: [],
      tf32: true,
      device: 'cuda:0',
      measurement: measurement(
        { medianNs: 2.301 * MS, halfWidth: 0.004, noise: 0.009, samples: 61 },
        2.287 * MS,
        {
          samples: [
            { iterations: 20, wallNs: 46.02 * MS, deviceNs: 45.74 * MS },
            { iterations: 20, wallNs: 46.02 * MS, deviceNs: 45.74 * MS, throttling: held },
          ],
          blocks: [1, 1],
          telemetry: {
            before: reading(0, 0, {}),
            blocks: [
              reading(6.1e8, 260, { ...busy, temperatureC: 45 }),
              reading(1.31e9, 560, { ...busy, clockMHz: 1755, powerW: 698.9, throttling: held }),
            ],
            after: reading(2.2e9, 560, { clockMHz: 1755, temperatureC: 46 }),
            energy: { joulesPerIteration: 1.461, iterations: 560, spanNs: 1.31e9 },
          },
          warnings: [
            {
              name: 'throttled',
              message: '1 of 2 samples were throttled: software power limit.',
              advice:
                'Let the device cool down, check its cooling and its power limit, and repeat.',
            },
          ],
        },
      ),
      rates: {
        clock: 'device',
        itemsPerS: 3_582_000,
        gflops: 240_400,
        gbPerS: 236,
        rooflineShare: 0.486,
        rooflineBound: 'arithmetic',
      },
      speedup: { over: 'cpu:0', value: 3120, interval: [3080, 3161], clock: 'wall' },
      reproduce:
        'mpsbench bench linear --preset large --device cuda:0 --dtype f32 --mode throughput --seed 1 --tf32',
    },
    {
      ...linearRow,
      placement: [],
      output: [],
      device: 'cpu:0',
      measurement: measurement({
        medianNs: 7180 * MS,
        halfWidth: 0.011,
        noise: 0.02,
        samples: 10,
      }),
      rates: { clock: 'wall', itemsPerS: 1141, gflops: 76.6, gbPerS: 0.075 },
      reproduce:
        'mpsbench bench linear --preset large --device cpu:0 --dtype f32 --mode throughput --seed 1 --tf32',
    },
  ],
};

/** A CPU and a software GPU, as in a container without a GPU. */
export const softwareBench: BenchResult = {
  ...benchBase,
  reproduce: 'mpsbench bench cnn --compare-cpu --seed 42',
  warnings: [
    {
      name: 'software-gpu',
      message: 'webgpu:0 (SwiftShader) is a software GPU: it runs on the CPU.',
      advice: 'Use --device gpu to require a hardware GPU.',
    },
    {
      name: 'virtual-machine',
      message: 'This is a virtual machine (kvm): it shares the hardware with others.',
      advice: 'Repeat the run at another time, and compare ratios rather than times.',
    },
  ],
  devices: [swiftshader, cpu],
  rows: [cnnSoftware, cnnCpu],
};

/** A real GPU against the CPU, with --profile. */
export const gpuBench: BenchResult = {
  ...benchBase,
  reproduce: 'mpsbench bench cnn --compare-cpu --batch 16384 --profile',
  warnings: [],
  devices: [h200, cpu],
  rows: [
    {
      ...cnnRow,
      output: [],
      params: { batch: 16384, image: 28, filters: 32 },
      work: { flops: 9.21e9, bytes: 5.21e7, items: 16384, itemUnit: 'images' },
      device: 'webgpu:0',
      placement: cnnPlacement(
        'webgpu:0',
        [
          [7, fused, 0.991 * MS, 0.981 * MS],
          [1, 'softmax.wgsl', 0.021 * MS, 0.0117 * MS],
        ],
        'observed-per-run',
      ),
      measurement: measurement(
        { medianNs: 1.0042 * MS, halfWidth: 0.0009, noise: 0.0021, samples: 240 },
        0.9927 * MS,
        { iterationsPerSample: 5 },
      ),
      rates: {
        clock: 'device',
        itemsPerS: 16_504_000,
        gflops: 9278,
        gbPerS: 52.5,
        rooflineShare: 0.1387,
        rooflineBound: 'arithmetic',
      },
      speedup: { over: 'cpu:0', value: 185.1, interval: [183.4, 186.9], clock: 'wall' },
      reproduce: 'mpsbench bench cnn --device webgpu:0 --batch 16384',
    },
    {
      ...cnnCpu,
      output: [],
      params: { batch: 16384, image: 28, filters: 32 },
      work: { flops: 9.21e9, bytes: 5.21e7, items: 16384, itemUnit: 'images' },
      placement: cnnPlacement(
        'cpu:0',
        [
          [3, 'oneDNN convolution brgconv:avx512_core + eltwise_relu', 121.2 * MS],
          [1, 'oneDNN pooling jit:avx512_core', 38.1 * MS],
          [1, 'view', 0],
          [2, 'oneDNN matmul brg:avx512_core + bias', 24.9 * MS],
          [1, 'oneDNN softmax jit:avx512_core', 1.3 * MS],
        ],
        'reported',
      ),
      measurement: measurement({
        medianNs: 185.9 * MS,
        halfWidth: 0.0095,
        noise: 0.013,
        samples: 31,
      }),
      rates: { clock: 'wall', itemsPerS: 88_133, gflops: 49.5, gbPerS: 0.28 },
    },
  ],
};
