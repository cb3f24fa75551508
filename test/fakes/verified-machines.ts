import type { HostSource } from '../../src/host/source.js';
import type { BackendRecord, DeviceInfo } from '../../src/result/schema.js';
import { h200Server, linuxVm, mac } from './hosts.js';
import { type RecordedVenv, recordedVenv } from './recorded-venv.js';
import { cpuDevice, h200Gpu, m3Gpu } from './trials.js';

/** Machines as a whole: recorded host, environments, and scripted devices. */
export interface VerifiedMachine {
  readonly source: HostSource;
  readonly backends: readonly BackendRecord[];
  readonly devices: readonly DeviceInfo[];
  readonly python: readonly string[];
}

const METAL: BackendRecord = { id: 'metal', state: 'available', version: 'Metal 3' };
const WEBGPU: BackendRecord = { id: 'webgpu', state: 'available', version: 'Dawn, webgpu 0.6.2' };
const CPU: BackendRecord = { id: 'cpu', state: 'available', version: 'oneDNN 2.6.3' };

const M3 = { chip: 'Apple M3', cpus: 8, memoryGiB: 24, macos: '15.1', darwin: '24.1.0' };
const PREFIX = '/Users/ada/work/.venv';

function macWith(venv: Omit<RecordedVenv, 'prefix'>): VerifiedMachine {
  return {
    source: mac({ ...M3, ...recordedVenv({ prefix: PREFIX, ...venv }) }),
    backends: [METAL, WEBGPU, CPU],
    devices: [m3Gpu, cpuDevice('Apple M3')],
    python: [],
  };
}

const PIP = { name: 'pip', version: '24.0', tag: 'py3-none-any' };

/** PyTorch and MLX, both of versions that reach the GPU. */
const healthyM3 = macWith({
  python: '3.12.4',
  arch: 'arm64',
  packages: [
    PIP,
    { name: 'torch', version: '2.9.0', tag: 'cp312-none-macosx_11_0_arm64' },
    { name: 'mlx', version: '0.29.3', tag: 'cp312-cp312-macosx_14_0_arm64' },
    { name: 'mlx-metal', version: '0.29.3', tag: 'py3-none-macosx_14_0_arm64' },
    { name: 'numpy', version: '2.3.4', tag: 'cp312-cp312-macosx_14_0_arm64' },
  ],
});

/** The newest pair of TensorFlow and its plugin that reaches the GPU, with what is known of it. */
const metalPair = macWith({
  python: '3.11.7',
  arch: 'arm64',
  packages: [
    PIP,
    { name: 'tensorflow', version: '2.18.1', tag: 'cp311-cp311-macosx_12_0_arm64' },
    { name: 'tensorflow-metal', version: '1.2.0', tag: 'cp311-cp311-macosx_12_0_arm64' },
    { name: 'keras', version: '3.8.0', tag: 'py3-none-any' },
    { name: 'numpy', version: '2.0.2', tag: 'cp311-cp311-macosx_14_0_arm64' },
  ],
});

/** The pair that Apple's table still names, and that fails when it is imported. */
const metalMismatch = macWith({
  python: '3.11.7',
  arch: 'arm64',
  packages: [
    PIP,
    { name: 'tensorflow', version: '2.18.0', tag: 'cp311-cp311-macosx_12_0_arm64' },
    { name: 'tensorflow-metal', version: '1.1.0', tag: 'cp311-cp311-macosx_12_0_arm64' },
    { name: 'keras', version: '3.8.0', tag: 'py3-none-any' },
    { name: 'numpy', version: '2.0.2', tag: 'cp311-cp311-macosx_14_0_arm64' },
  ],
});

/** A Python built for Intel on Apple silicon. */
const rosettaPython = macWith({
  python: '3.10.13',
  arch: 'x86_64',
  packages: [
    PIP,
    { name: 'torch', version: '2.2.2', tag: 'cp310-none-macosx_10_9_x86_64' },
    { name: 'numpy', version: '2.0.2', tag: 'cp310-cp310-macosx_10_9_x86_64' },
  ],
});

const cudaPart = (name: string, version: string) => ({
  name,
  version,
  tag: 'py3-none-manylinux_2_27_x86_64',
});

const h200: VerifiedMachine = {
  source: h200Server({
    ...recordedVenv({
      prefix: '/srv/ml',
      python: '3.12.3',
      arch: 'elf-x86_64',
      packages: [
        PIP,
        { name: 'torch', version: '2.9.0', tag: 'cp312-cp312-manylinux_2_28_x86_64' },
        cudaPart('nvidia-cuda-runtime-cu12', '12.8.90'),
        cudaPart('nvidia-cublas-cu12', '12.8.4.1'),
        cudaPart('nvidia-cudnn-cu12', '9.10.2.21'),
        { name: 'numpy', version: '2.3.4', tag: 'cp312-cp312-manylinux_2_28_x86_64' },
      ],
    }),
  }),
  backends: [WEBGPU, CPU],
  devices: [h200Gpu, cpuDevice('Intel(R) Xeon(R) Platinum 8480+')],
  python: ['/srv/ml'],
};

/** A virtual machine of a cloud, where Dawn finds SwiftShader. */
const noGpu: VerifiedMachine = {
  source: linuxVm,
  backends: [WEBGPU, CPU],
  devices: [
    {
      ...h200Gpu,
      name: 'SwiftShader',
      kind: 'software',
      vendor: 'Google',
      driver: 'SwiftShader driver 5.0.0',
      peak: undefined,
    },
    cpuDevice('AMD EPYC 7B13'),
  ],
  python: [],
};

export const verifiedMachines = {
  'verify-healthy-m3': healthyM3,
  'verify-metal-pair': metalPair,
  'verify-metal-mismatch': metalMismatch,
  'verify-rosetta-python': rosettaPython,
  'verify-h200': h200,
  'verify-no-gpu': noGpu,
} as const satisfies Record<string, VerifiedMachine>;
