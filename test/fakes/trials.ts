import type { DeviceInfo } from '../../src/result/schema.js';
import type { Prepared } from '../../src/runner/protocol.js';
import { type Trial, timedSizes } from '../../src/verify/compute/trial.js';

/** Devices and what they are scripted to compute, for the compute checks. */

export const m3Gpu: DeviceInfo = {
  id: 'metal:0',
  backend: 'metal',
  name: 'Apple M3',
  kind: 'integrated',
  vendor: 'Apple',
  api: 'Metal',
  dtypes: ['f32', 'f16', 'bf16'],
  deviceClock: { source: 'command-buffer times', resolutionNs: 1 },
  peak: { gbPerS: 102.4, gflops: { f32: 3533 }, source: 'Apple specifications (memory)' },
  details: { family: 'Apple9' },
};

export const h200Gpu: DeviceInfo = {
  id: 'webgpu:0',
  backend: 'webgpu',
  name: 'NVIDIA H200',
  kind: 'gpu',
  vendor: 'NVIDIA',
  driver: 'NVIDIA 580.95.05',
  api: 'Vulkan via Dawn (webgpu 0.6.2)',
  dtypes: ['f32', 'f16'],
  deviceClock: { source: 'timestamp-query', resolutionNs: 32 },
  peak: { gbPerS: 4800, gflops: { f32: 66_900 }, source: 'NVIDIA H200 datasheet' },
  details: {},
};

export const cpuDevice = (name: string): DeviceInfo => ({
  id: 'cpu:0',
  backend: 'cpu',
  name,
  kind: 'cpu',
  dtypes: ['f32', 'f64'],
  engine: 'oneDNN 2.6.3',
  threads: 8,
  details: {},
});

const OUTPUTS = {
  add: [{ label: 'sum', value: '[[6, 8], [10, 12]]' }],
  linear: [
    { label: 'prediction for x = 5', value: '9.68349' },
    { label: 'final loss', value: '0.0342897' },
  ],
  cnn: [
    { label: 'output shape', value: '(1, 10)' },
    { label: 'row sums', value: '1' },
  ],
} as const;

export function prepared(output: Prepared['output'], ok = true): Prepared {
  return {
    placement: [],
    steps: [],
    deviceBytes: 0,
    tf32: false,
    output,
    verification: {
      ok,
      seconds: 0.01,
      checks: [
        {
          name: 'every value',
          tensor: 'out',
          compared: 40_000,
          maxAbsError: ok ? 1e-7 : 6,
          maxRelError: ok ? 1e-7 : 1,
          tolerance: { abs: 1e-6, rel: 1e-6 },
          ok,
          ...(ok ? {} : { worst: { index: 0, expected: 6, actual: 0 } }),
        },
      ],
    },
  };
}

/** A device that does all right; `change` scripts what it does wrong. */
export function goodTrial(device: DeviceInfo, change: Partial<Trial> = {}): Trial {
  const params = timedSizes(device);
  const each = (output: (id: keyof typeof OUTPUTS) => Prepared['output']) =>
    new Map(
      (['add', 'linear', 'cnn'] as const).map(
        (id) => [id, { ok: true, value: prepared(output(id)) }] as const,
      ),
    );
  const ms = 1e6;
  const sample = {
    iterations: 20,
    wallNs: 20 * ms,
    ...(device.deviceClock && { deviceNs: 18 * ms }),
  };
  return {
    device,
    examples: each((id) => OUTPUTS[id]),
    oddSizes: each(() => []),
    timing: { ok: true, value: { workload: 'linear', params, samples: [sample, sample] } },
    ...change,
  };
}
