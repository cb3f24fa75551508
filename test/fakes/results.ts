import type { BenchResult, DevicesResult, PlacementRow, Row } from '../../src/result/schema.js';

/** Hand-made results for the reports: realistic, and the same at every run. */

const MS = 1e6;

const base = {
  schema: 2,
  tool: { name: 'mpsbench', version: '0.1.0' },
  startedAt: '2026-01-15T10:20:30.000Z',
  host: {
    os: 'Debian GNU/Linux 12 (bookworm)',
    kernel: '6.1.0-18-amd64',
    arch: 'x64',
    cpu: 'Intel(R) Xeon(R) Platinum 8481C CPU @ 2.70GHz',
    logicalCpus: 2,
    memoryBytes: 16.4e9,
    node: '20.20.2',
    virtualMachine: 'kvm',
  },
  warnings: [],
} as const;

const cpu: DevicesResult['devices'][number] = {
  id: 'cpu:0',
  backend: 'cpu',
  name: 'Intel(R) Xeon(R) Platinum 8481C CPU @ 2.70GHz',
  kind: 'cpu',
  vendor: 'Intel',
  memoryBytes: 16.4e9,
  dtypes: ['f32', 'bf16', 'f64'],
  engine: 'oneDNN 2.6.3',
  engines: ['onednn', 'cblas', 'reference'],
  threads: 2,
  details: { isa: 'AVX-512 with AMX', 'huge pages': true },
};

const swiftshader: DevicesResult['devices'][number] = {
  id: 'webgpu:0',
  backend: 'webgpu',
  name: 'SwiftShader Device (Subzero)',
  kind: 'software',
  vendor: 'google',
  driver: 'SwiftShader driver 5.0.0',
  api: 'Vulkan via Dawn',
  memoryBytes: 4 * 2 ** 30,
  maxBufferBytes: 2 ** 30,
  dtypes: ['f32'],
  deviceClock: { source: 'timestamp-query', resolutionNs: 1 },
  details: { 'subgroup size': 4, 'shader-f16': false },
};

const h200: DevicesResult['devices'][number] = {
  id: 'webgpu:0',
  backend: 'webgpu',
  name: 'NVIDIA H200',
  kind: 'gpu',
  vendor: 'nvidia',
  driver: 'NVIDIA 570.133.20',
  api: 'Vulkan via Dawn',
  memoryBytes: 150_754_820_096,
  maxBufferBytes: 2 ** 31,
  dtypes: ['f32', 'f16'],
  deviceClock: { source: 'timestamp-query', resolutionNs: 32 },
  peak: { gbPerS: 4800, gflops: { f32: 66_900 }, source: 'NVIDIA H200 datasheet' },
  details: { 'subgroup size': 32, 'shader-f16': true },
};

const backends: DevicesResult['backends'] = [
  {
    id: 'cuda',
    state: 'unavailable',
    reason: 'libcuda.so.1 was not found, so there is no NVIDIA driver.',
    remedy: 'Install the NVIDIA driver, or pass the GPU to this container (docker run --gpus all).',
  },
  { id: 'webgpu', state: 'available', version: 'Dawn 0.6.2' },
  { id: 'cpu', state: 'available', version: 'oneDNN 2.6.3' },
];

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

interface Times {
  readonly medianNs: number;
  readonly halfWidth: number;
  readonly noise: number;
  readonly samples: number;
}

type Measured = NonNullable<Row['measurement']>;

function summary({ medianNs, halfWidth, noise, samples }: Times): Measured['wall'] {
  return {
    samples,
    median: medianNs,
    interval: [medianNs * (1 - halfWidth), medianNs * (1 + halfWidth)],
    min: medianNs * (1 - noise),
    max: medianNs * (1 + 6 * noise),
    mean: medianNs * (1 + noise / 4),
    p90: medianNs * (1 + 1.5 * noise),
    noise,
    outliers: [3],
  };
}

function measurement(wall: Times, deviceNs?: number, rest: Partial<Measured> = {}): Measured {
  const sample = { iterations: 1, wallNs: wall.medianNs, ...(deviceNs && { deviceNs }) };
  return {
    iterationsPerSample: 1,
    warmup: [sample],
    samples: [sample, sample],
    blocks: [2],
    runs: [{ samples: 2, medianNs: wall.medianNs, stoppedBy: 'precision' }],
    wall: summary(wall),
    ...(deviceNs && {
      device: summary({ ...wall, medianNs: deviceNs, halfWidth: wall.halfWidth / 2 }),
    }),
    stoppedBy: 'precision',
    warnings: [],
    ...rest,
  };
}

function verified(name: string, tensor: string, compared: number): Row['verification'] {
  return {
    ok: true,
    seconds: 0.2,
    checks: [
      {
        name,
        tensor,
        compared,
        maxAbsError: 2.1e-7,
        maxRelError: 1.8e-6,
        tolerance: { abs: 1e-6, rel: 1e-5 },
        ok: true,
      },
    ],
  };
}

const CNN_OPS = [
  ['conv', 'conv2d'],
  ['conv.bias_add', 'bias_add'],
  ['conv.relu', 'relu'],
  ['pool', 'max_pool2d'],
  ['flatten', 'reshape'],
  ['dense', 'matmul'],
  ['dense.bias_add', 'bias_add'],
  ['softmax', 'softmax'],
] as const;

function cnnPlacement(
  device: string,
  steps: readonly (readonly [count: number, kernel: string, wallNs?: number, deviceNs?: number])[],
  evidence: PlacementRow['evidence'],
): PlacementRow[] {
  const ofOp = steps.flatMap(([count, ...step], index) => {
    return Array.from({ length: count }, () => ({ index, step }));
  });
  return CNN_OPS.map(([op, kind], i) => {
    const { index, step } = ofOp[i];
    const [kernel, wallNs, deviceNs] = step;
    return {
      op,
      kind,
      dtype: 'f32',
      requested: device,
      placed: device,
      evidence,
      kernel,
      step: index,
      ...(wallNs && { wallNs }),
      ...(deviceNs && { deviceNs }),
    };
  });
}

const cnnRow = {
  workload: 'cnn',
  params: { batch: 256, image: 28, filters: 32 },
  preset: 'default',
  dtype: 'f32',
  mode: 'throughput',
  state: 'measured',
  work: { flops: 1.44e8, bytes: 1.03e6, items: 256, itemUnit: 'images' },
  verification: verified('class probabilities', 'probabilities', 2560),
  output: [
    { label: 'output shape', value: '(256, 10)' },
    { label: 'row sums', value: '1' },
  ],
} as const satisfies Partial<Row>;

const cnnCpu: Row = {
  ...cnnRow,
  output: [...cnnRow.output],
  device: 'cpu:0',
  engine: 'oneDNN 2.6.3',
  placement: cnnPlacement(
    'cpu:0',
    [
      [3, 'oneDNN convolution brgconv:avx512_core + eltwise_relu'],
      [1, 'oneDNN pooling jit:avx512_core'],
      [1, 'view'],
      [2, 'oneDNN matmul brg:avx512_core + bias'],
      [1, 'oneDNN softmax jit:avx512_core'],
    ],
    'reported',
  ),
  measurement: measurement({ medianNs: 2.871 * MS, halfWidth: 0.0082, noise: 0.021, samples: 412 }),
  rates: { clock: 'wall', itemsPerS: 89_168, gflops: 50.2, gbPerS: 0.359 },
  reproduce: 'mpsbench bench cnn --device cpu:0 --batch 256 --image 28 --filters 32',
};

const fused = 'cnn_fused.wgsl 8x8x32 tiles';

const cnnSoftware: Row = {
  ...cnnRow,
  output: [...cnnRow.output],
  device: 'webgpu:0',
  placement: cnnPlacement(
    'webgpu:0',
    [
      [4, 'conv2d_pool.wgsl'],
      [1, 'view'],
      [2, 'matmul.wgsl'],
      [1, 'softmax.wgsl'],
    ],
    'observed-per-run',
  ),
  measurement: measurement(
    { medianNs: 61.34 * MS, halfWidth: 0.031, noise: 0.094, samples: 88 },
    60.9 * MS,
    {
      stoppedBy: 'time',
      warnings: [
        {
          name: 'not-converged',
          message: 'Precision target missed: ±3.1 % (requested ±1 %).',
          advice:
            'Give it more time (--time) or samples (--samples), or ask for less (--precision).',
        },
      ],
    },
  ),
  rates: { clock: 'device', itemsPerS: 4203, gflops: 2.36, gbPerS: 0.0169 },
  speedup: { over: 'cpu:0', value: 0.0468, interval: [0.0453, 0.0484], clock: 'wall' },
  reproduce: 'mpsbench bench cnn --device webgpu:0 --batch 256 --image 28 --filters 32',
};

const conditions = {
  at: '2026-01-15T10:20:30.000Z',
  load1: 0.21,
  freeMemoryBytes: 12e9,
  powerSource: 'mains',
  powerMode: 'governor performance',
} as const;

const benchBase = {
  ...base,
  command: 'bench',
  seconds: 14.2,
  exitCode: 0,
  backends,
  conditions: { before: conditions, after: { ...conditions, load1: 1.87, cpuMhz: 2699.998 } },
} as const;

const cuda: DevicesResult['devices'][number] = {
  ...h200,
  id: 'cuda:0',
  backend: 'cuda',
  driver: '580.159.04',
  api: 'CUDA 13.0',
  dtypes: ['f32', 'f16', 'bf16', 'f64'],
  tf32: true,
  deviceClock: { source: 'CUDA events', resolutionNs: 500 },
  peak: {
    gbPerS: 4800,
    gflops: { f32: 66_900, bf16: 989_400, tf32: 494_700 },
    source: 'NVIDIA H200 datasheet',
  },
  details: { 'compute capability': '9.0', multiprocessors: 132, ECC: true },
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
