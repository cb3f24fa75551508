import type { DevicesResult, PlacementRow, Row } from '../../src/result/schema.js';

/** What hand-made results are made of: realistic, and the same at every run. */

export const MS = 1e6;

export const base = {
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

export const cpu: DevicesResult['devices'][number] = {
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

export const swiftshader: DevicesResult['devices'][number] = {
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

export const h200: DevicesResult['devices'][number] = {
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

export const backends: DevicesResult['backends'] = [
  {
    id: 'cuda',
    state: 'unavailable',
    reason: 'libcuda.so.1 was not found, so there is no NVIDIA driver.',
    remedy: 'Install the NVIDIA driver, or pass the GPU to this container (docker run --gpus all).',
  },
  { id: 'webgpu', state: 'available', version: 'Dawn 0.6.2' },
  { id: 'cpu', state: 'available', version: 'oneDNN 2.6.3' },
];

interface Times {
  readonly medianNs: number;
  readonly halfWidth: number;
  readonly noise: number;
  readonly samples: number;
}

export type Measured = NonNullable<Row['measurement']>;

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

export function measurement(
  wall: Times,
  deviceNs?: number,
  rest: Partial<Measured> = {},
): Measured {
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

export function verified(name: string, tensor: string, compared: number): Row['verification'] {
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

export function cnnPlacement(
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

export const cnnRow = {
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

export const cnnCpu: Row = {
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

export const fused = 'cnn_fused.wgsl 8x8x32 tiles';

export const cnnSoftware: Row = {
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

export const benchBase = {
  ...base,
  command: 'bench',
  seconds: 14.2,
  exitCode: 0,
  backends,
  conditions: { before: conditions, after: { ...conditions, load1: 1.87, cpuMhz: 2699.998 } },
} as const;

export const cuda: DevicesResult['devices'][number] = {
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
