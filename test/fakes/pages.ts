import { compare } from '../../src/measure/compare.js';
import type {
  BenchResult,
  DeviceInfo,
  Finding,
  Measurement,
  Row,
  VerifyResult,
} from '../../src/result/schema.js';
import { cudaBench, devicesResult, gpuBench } from './results.js';
import { fakeCpu, fakeGpu, fakeMeasurement, fakePyTorch, fakeSweep } from './sweeps.js';

/** Results for the HTML page: rich ones, hostile ones and large ones. */

const work = {
  add: { flops: 2 ** 26, bytes: 3 * 2 ** 28, items: 2 ** 26, itemUnit: 'elements' },
  linear: { flops: 4 * 2 ** 32, bytes: 6e7, items: 4096, itemUnit: 'rows' },
  cnn: { flops: 4096 * 563_000, bytes: 4096 * 4100, items: 4096, itemUnit: 'images' },
} as const;

const params = {
  add: { shape: [2 ** 26], data: 'uniform' },
  linear: {
    rows: 4096,
    features: 1024,
    units: 1024,
    epochs: 1,
    learningRate: 610,
    data: 'uniform',
  },
  cnn: { batch: 4096, image: 28, filters: 32 },
} as const;

/** Milliseconds per iteration, the CPU first. */
const times = {
  add: [9.1, 6.0, 6.3],
  linear: [34, 3.1, 4.6],
  cnn: [15.2, 1.62, 3.9],
} as const;

/** A device that heats up and is throttled in the second half. */
function withSensors(measurement: Measurement): Measurement {
  const count = 12;
  const reading = (i: number) => ({
    atNs: i * 250e6,
    iterations: i * 100,
    clockMHz: 1398 - (i > 7 ? 180 : 0) - 6 * (i % 3),
    powerW: 14 + 9 * (1 - Math.exp(-i / 2)) - (i > 7 ? 4 : 0),
    temperatureC: 48 + 38 * (1 - Math.exp(-i / 4)),
    utilisation: i === 0 ? 0.04 : 0.97 + 0.02 * (i % 2),
    ...(i > 7 && { throttling: ['thermal'] }),
  });
  const samples = measurement.samples.map((sample, i, { length }) => {
    if (i < 0.7 * length) return sample;
    return { ...sample, wallNs: sample.wallNs * 1.08, throttling: ['thermal'] };
  });
  return {
    ...measurement,
    samples,
    telemetry: {
      before: reading(0),
      blocks: Array.from({ length: count - 2 }, (_, i) => reading(i + 1)),
      after: reading(count - 1),
    },
    warnings: [
      {
        name: 'throttled',
        message: '14 of 48 samples were throttled (thermal).',
        advice: 'Let the machine cool down, and repeat.',
      },
    ],
  };
}

function comparison(devices: readonly DeviceInfo[]): Row[] {
  const [example] = gpuBench.rows;
  return (['add', 'linear', 'cnn'] as const).flatMap((workload) => {
    const measured = devices.map((device, i): Row => {
      const ns = times[workload][i] * 1e6;
      const plain = fakeMeasurement(ns, { samples: 48, noise: 0.03 + 0.02 * i, seed: i + ns });
      const measurement = i === 1 && workload === 'linear' ? withSensors(plain) : plain;
      const { flops, bytes, items } = work[workload];
      const seconds = ns / 1e9;
      const { speedup: _, ...base } = example;
      return {
        ...base,
        workload,
        params: params[workload],
        device: device.id,
        work: work[workload],
        measurement,
        placement: base.placement.map((op, at) => {
          const placed = workload === 'cnn' && i === 2 && at === 3 ? 'cpu:0' : device.id;
          const reason = placed === device.id ? undefined : 'not implemented for MPS';
          return { ...op, requested: device.id, placed, ...(reason && { reason }) };
        }),
        rates: {
          clock: 'wall',
          itemsPerS: items / seconds,
          gflops: flops / seconds / 1e9,
          gbPerS: bytes / seconds / 1e9,
        },
        reproduce: `mpsbench bench ${workload} --device ${device.id}`,
      };
    });
    return measured.map((row, i) => {
      const speedup =
        i > 0 && row.measurement && measured[0].measurement
          ? compare(measured[0].measurement, row.measurement)
          : undefined;
      if (!speedup?.interval) return row;
      const [low, high] = speedup.interval;
      return {
        ...row,
        speedup: { over: 'cpu:0', value: speedup.value, interval: [low, high], clock: 'wall' },
      };
    });
  });
}

export const comparisonBench: BenchResult = {
  ...cudaBench,
  reproduce: 'mpsbench bench all --device metal:0,pytorch:mps --compare-cpu',
  devices: [fakeCpu, fakeGpu, fakePyTorch],
  rows: comparison([fakeCpu, fakeGpu, fakePyTorch]),
};

/** Intervals far wider than the samples, as few runs on a busy machine have them. */
export const noisyBench: BenchResult = {
  ...comparisonBench,
  rows: comparisonBench.rows.map(({ measurement, ...row }) => {
    if (!measurement) return row;
    const { median } = measurement.wall;
    const interval: [number, number] = [median / 50, median * 50];
    return { ...row, measurement: { ...measurement, wall: { ...measurement.wall, interval } } };
  }),
};

const HOSTILE = `<img src=x onerror="document.title='owned'"></script><script>document.title='owned'</script>\u202e\u001b[31m'"&`;

/** Every text that a machine or a file can choose. */
export const hostileBench: BenchResult = {
  ...comparisonBench,
  reproduce: HOSTILE,
  host: { ...comparisonBench.host, cpu: HOSTILE, os: HOSTILE },
  devices: comparisonBench.devices.map((device) => ({ ...device, name: HOSTILE, driver: HOSTILE })),
  warnings: [{ name: HOSTILE, message: HOSTILE, advice: HOSTILE }],
  rows: comparisonBench.rows.map((row) => ({
    ...row,
    device: row.device === 'cpu:0' ? 'cpu:0' : `${row.device}${HOSTILE}`,
    placement: row.placement.map((op) => ({
      ...op,
      op: HOSTILE,
      kernel: HOSTILE,
      reason: HOSTILE,
    })),
  })),
};

/** 200 sizes on 8 devices. */
export const hugeSweep: BenchResult = fakeSweep(
  Array.from({ length: 200 }, (_, i) => Math.round(8 * 1.06 ** i)),
  [
    fakeCpu,
    fakeGpu,
    fakePyTorch,
    ...['cuda:0', 'cuda:1', 'webgpu:0', 'jax:gpu', 'mlx:gpu'].map((id) => ({
      ...fakeGpu,
      id,
      backend: id.split(':')[0],
    })),
  ].map((device, i) => ({
    device,
    nsAt: (size: number) => (i === 0 ? 2_000 + 3_700 * size : 20_000 * i + (120 + 90 * i) * size),
  })),
);

const finding = (
  state: Finding['state'],
  check: string,
  message: string,
  rest: Partial<Finding> = {},
): Finding => ({
  check,
  group: 'frameworks',
  state,
  message,
  fixes: [],
  sources: [],
  ...rest,
});

export const verifyPage: VerifyResult = {
  ...devicesResult,
  command: 'verify',
  reproduce: 'mpsbench verify',
  exitCode: 1,
  findings: [
    finding('pass', 'system.os', 'macOS 15.1 (24B83), Apple M3 Pro', { group: 'system' }),
    finding('warning', 'system.power', 'Low Power Mode is on: the clocks are held down.', {
      group: 'system',
      fixes: [{ text: 'Turn it off:', command: 'sudo pmset -a lowpowermode 0' }],
    }),
    finding(
      'fail',
      'frameworks.tensorflow',
      'TensorFlow 2.20 has no GPU plug-in: tensorflow-metal 1.2 stops at 2.18.',
      {
        subject: '/Users/ada/.venv',
        rule: 'tensorflow-2.20-no-plugin',
        confidence: 'high',
        fixes: [
          {
            text: 'Install a pair that works:',
            command:
              "/Users/ada/.venv/bin/python -m pip install 'tensorflow==2.18.1' 'tensorflow-metal==1.2.0'",
          },
        ],
        sources: ['https://developer.apple.com/metal/tensorflow-plugin/'],
      },
    ),
    finding('pass', 'frameworks.pytorch', 'PyTorch 2.9.1 reaches the GPU through MPS.', {
      subject: '/Users/ada/.venv',
    }),
    finding(
      'unchecked',
      'frameworks.jax',
      'JAX 0.4.34 with jax-metal: versions cannot be compared.',
      { subject: '/Users/ada/jax' },
    ),
  ],
};
