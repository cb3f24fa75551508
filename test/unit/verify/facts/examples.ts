/**
 * For every row of the compatibility table a machine on which it holds, and one, as near as can be,
 * on which it does not. `wheel:` packages are real metadata of test/fixtures/wheels.
 */
export interface Example {
  readonly holds: string;
  readonly not: string;
}

/** Rows of Apple's plugin with one minor version of TensorFlow: another plugin beside it. */
const METAL_PAIRS: readonly (readonly [id: string, holds: string, not: string])[] = [
  ['2.21-metal-1.2.0', 'tensorflow=2.21.0 wheel:tensorflow-metal-1.2.0', 'tensorflow=2.21.0'],
  ['2.20-metal-1.2.0', 'wheel:tensorflow-2.20.0 wheel:tensorflow-metal-1.2.0', 'tensorflow=2.20.0'],
  [
    '2.20-metal-1.1.0',
    'python=3.11 tensorflow=2.20.0 wheel:tensorflow-metal-1.1.0',
    'python=3.11 tensorflow=2.20.0 wheel:tensorflow-metal-1.0.1',
  ],
  [
    '2.19-metal-1.2.0',
    'tensorflow=2.19.0 wheel:tensorflow-metal-1.2.0',
    'tensorflow=2.19.0 tensorflow-metal=1.1.0',
  ],
  [
    '2.19-metal-1.1.0',
    'python=3.11 tensorflow=2.19.1 wheel:tensorflow-metal-1.1.0',
    'tensorflow=2.19.1 wheel:tensorflow-metal-1.2.0',
  ],
  [
    '2.18-metal-1.2.0',
    'wheel:tensorflow-2.18.1 wheel:tensorflow-metal-1.2.0',
    'wheel:tensorflow-2.18.1 tensorflow-metal=1.1.0',
  ],
  [
    '2.18-metal-1.1.0',
    'python=3.11 tensorflow=2.18.0 wheel:tensorflow-metal-1.1.0',
    'wheel:tensorflow-2.18.1 wheel:tensorflow-metal-1.2.0',
  ],
  [
    '2.17-metal-1.1.0',
    'python=3.11 tensorflow=2.17.1 wheel:tensorflow-metal-1.1.0',
    'tensorflow=2.17.1 wheel:tensorflow-metal-1.2.0',
  ],
  [
    '2.17-metal-1.2.0',
    'tensorflow=2.17.0 wheel:tensorflow-metal-1.2.0',
    'python=3.11 tensorflow=2.17.0 wheel:tensorflow-metal-1.1.0',
  ],
  [
    '2.16-metal-1.1.0',
    'python=3.11 tensorflow=2.16.2 wheel:tensorflow-metal-1.1.0',
    'wheel:tensorflow-2.16.2 wheel:tensorflow-metal-1.2.0',
  ],
  [
    '2.16-metal-1.2.0',
    'wheel:tensorflow-2.16.2 wheel:tensorflow-metal-1.2.0',
    'wheel:tensorflow-2.18.1 wheel:tensorflow-metal-1.2.0',
  ],
  [
    '2.15-metal-1.1.0',
    'python=3.11 wheel:tensorflow-2.15.1 wheel:tensorflow-metal-1.1.0',
    'python=3.11 wheel:tensorflow-2.15.1 wheel:tensorflow-metal-1.0.0',
  ],
  [
    '2.14-metal-1.1.0',
    'python=3.11 tensorflow=2.14.1 wheel:tensorflow-metal-1.1.0',
    'python=3.11 tensorflow=2.14.1 wheel:tensorflow-metal-1.0.1',
  ],
  [
    '2.13-metal-1.1.0',
    'python=3.11 tensorflow=2.13.1 wheel:tensorflow-metal-1.1.0',
    'python=3.11 tensorflow=2.13.1 wheel:tensorflow-metal-1.0.0',
  ],
  [
    '2.13-metal-1.0.0',
    'python=3.11 tensorflow=2.13.1 wheel:tensorflow-metal-1.0.0',
    'python=3.11 tensorflow=2.13.1 wheel:tensorflow-metal-1.0.1',
  ],
  [
    '2.13-metal-1.0.1',
    'python=3.11 tensorflow=2.13.1 wheel:tensorflow-metal-1.0.1',
    'python=3.11 tensorflow=2.12.0 wheel:tensorflow-metal-1.0.1',
  ],
  [
    '2.12-metal-1.0.0',
    'python=3.11 wheel:tensorflow-macos-2.12.0 wheel:tensorflow-metal-1.0.0',
    'python=3.11 wheel:tensorflow-macos-2.12.0 wheel:tensorflow-metal-0.8.0',
  ],
  [
    '2.12-metal-0.8.0',
    'python=3.11 wheel:tensorflow-macos-2.12.0 wheel:tensorflow-metal-0.8.0',
    'python=3.11 wheel:tensorflow-macos-2.12.0 wheel:tensorflow-metal-1.0.0',
  ],
  [
    '2.11-metal-0.8.0',
    'python=3.10 tensorflow-macos=2.11.0 tensorflow-metal=0.8.0',
    'python=3.10 tensorflow-macos=2.11.0 wheel:tensorflow-metal-0.7.0',
  ],
  [
    '2.11-metal-0.7.0',
    'python=3.10 tensorflow-macos=2.11.0 wheel:tensorflow-metal-0.7.0',
    'python=3.10 tensorflow-macos=2.11.0 wheel:tensorflow-metal-0.7.1',
  ],
  [
    '2.10-metal-0.7.0',
    'python=3.10 tensorflow-macos=2.10.0 wheel:tensorflow-metal-0.7.0',
    'python=3.10 tensorflow-macos=2.10.0 wheel:tensorflow-metal-0.6.0',
  ],
  [
    '2.10-metal-0.6.0',
    'python=3.10 tensorflow-macos=2.10.0 wheel:tensorflow-metal-0.6.0',
    'python=3.10 tensorflow-macos=2.10.0 wheel:tensorflow-metal-0.5.1',
  ],
  [
    '2.9-metal-0.6.0',
    'python=3.10 tensorflow-macos=2.9.2 wheel:tensorflow-metal-0.6.0',
    'python=3.10 tensorflow-macos=2.9.2 wheel:tensorflow-metal-0.5.0',
  ],
  [
    '2.9-metal-0.5.0',
    'python=3.10 tensorflow-macos=2.9.2 wheel:tensorflow-metal-0.5.0',
    'python=3.10 tensorflow-macos=2.9.2 wheel:tensorflow-metal-0.5.1',
  ],
  [
    '2.8-metal-0.4.0',
    'python=3.9 tensorflow-macos=2.8.0 wheel:tensorflow-metal-0.4.0',
    'python=3.9 tensorflow-macos=2.8.0 wheel:tensorflow-metal-0.3.0',
  ],
  [
    '2.7-metal-0.3.0',
    'python=3.9 tensorflow-macos=2.7.0 wheel:tensorflow-metal-0.3.0',
    'python=3.9 tensorflow-macos=2.7.0 wheel:tensorflow-metal-0.2.0',
  ],
  [
    '2.6-metal-0.2.0',
    'python=3.9 tensorflow-macos=2.6.0 wheel:tensorflow-metal-0.2.0',
    'python=3.9 tensorflow-macos=2.6.0 wheel:tensorflow-metal-0.1.2',
  ],
  [
    '2.5-metal-0.1.2',
    'python=3.9 tensorflow-macos=2.5.0 wheel:tensorflow-metal-0.1.2',
    'python=3.9 tensorflow-macos=2.5.0 tensorflow-metal=0.1.1',
  ],
  [
    '2.5-metal-0.1.1',
    'python=3.9 tensorflow=2.5.0 tensorflow-metal=0.1.1',
    'python=3.9 tensorflow-macos=2.5.0 wheel:tensorflow-metal-0.1.2',
  ],
];

/** A Python just past the last that a version was released for, and that last one. */
const PYTHONS: readonly (readonly [id: string, packages: string, holds: string, not: string])[] = [
  ['tensorflow-2.9-python', 'tensorflow=2.9.2', '3.11', '3.10'],
  ['tensorflow-2.10-python', 'tensorflow=2.10.1', '3.11', '3.10'],
  ['tensorflow-2.11-python', 'tensorflow=2.11.1', '3.11', '3.10'],
  ['tensorflow-2.12-python', 'tensorflow=2.12.0', '3.12', '3.11'],
  ['tensorflow-2.13-python', 'tensorflow=2.13.1', '3.12', '3.11'],
  ['tensorflow-2.14-python', 'tensorflow=2.14.1', '3.12', '3.11'],
  ['tensorflow-2.15-python', 'tensorflow=2.15.1', '3.12', '3.11'],
  ['tensorflow-2.16-python', 'tensorflow=2.16.2', '3.13', '3.12'],
  ['tensorflow-2.17-python', 'tensorflow=2.17.1', '3.13', '3.12'],
  ['tensorflow-2.18-python', 'tensorflow=2.18.1', '3.8', '3.9'],
  ['tensorflow-2.19-python', 'tensorflow=2.19.1', '3.13', '3.12'],
  ['tensorflow-2.20-python', 'tensorflow=2.20.0', '3.14', '3.13'],
  ['tensorflow-2.21-python', 'tensorflow=2.21.0', '3.9', '3.10'],
  ['torch-1.12-python', 'torch=1.12.1', '3.11', '3.10'],
  ['torch-1.13-python', 'torch=1.13.1', '3.12', '3.11'],
  ['torch-2.0-python', 'torch=2.0.1', '3.12', '3.11'],
  ['torch-2.1-python', 'torch=2.1.2', '3.12', '3.11'],
  ['torch-2.2-python', 'torch=2.2.2', '3.13', '3.12'],
  ['torch-2.3-python', 'torch=2.3.1', '3.13', '3.12'],
  ['torch-2.4-python', 'torch=2.4.1', '3.13', '3.12'],
  ['torch-2.5-python', 'torch=2.5.1', '3.8', '3.9'],
  ['torch-2.6-python', 'torch=2.6.0', '3.14', '3.13'],
  ['torch-2.7-python', 'torch=2.7.1', '3.14', '3.13'],
  ['torch-2.8-python', 'torch=2.8.0', '3.14', '3.13'],
  ['torch-2.9-python', 'torch=2.9.1', '3.9', '3.10'],
  ['torch-2.10-python', 'torch=2.10.0', '3.15', '3.14'],
  ['torch-2.11-python', 'torch=2.11.0', '3.15', '3.14'],
  ['torch-2.12-python', 'torch=2.12.0', '3.15', '3.14'],
  ['torch-2.13-python', 'torch=2.13.0', '3.9', '3.14'],
];

/** The Keras of another TensorFlow, and its own. */
const KERAS: readonly (readonly [tensorflow: string, holds: string, not: string])[] = [
  ['2.9', '2.10.0', '2.9.0'],
  ['2.10', '2.9.0', '2.10.0'],
  ['2.11', '2.12.0', '2.11.0'],
  ['2.12', '3.5.0', '2.12.0'],
  ['2.13', '2.13.0', '2.13.1'],
  ['2.14', '2.15.0', '2.14.0'],
  ['2.15', '3.5.0', '2.15.0'],
  ['2.16', '2.15.0', '3.5.0'],
  ['2.17', '3.1.0', '3.5.0'],
  ['2.18', '3.4.0', '3.5.0'],
  ['2.19', '3.4.0', '3.5.0'],
];

/** A cuDNN that the build was not made for, and one that it was. */
const CUDNN: readonly (readonly [
  tensorflow: string,
  library: string,
  holds: string,
  not: string,
])[] = [
  ['2.14', 'cu11', '8.6.0.163', '8.7.0.84'],
  ['2.15', 'cu12', '8.8.1.3', '8.9.4.25'],
  ['2.16', 'cu12', '9.1.0.70', '8.9.7.29'],
  ['2.17', 'cu12', '9.1.0.70', '8.9.7.29'],
  ['2.18', 'cu12', '8.9.7.29', '9.3.0.75'],
  ['2.19', 'cu12', '9.1.0.70', '9.3.0.75'],
  ['2.20', 'cu12', '8.9.7.29', '9.10.2.21'],
  ['2.21', 'cu12', '10.0.0.1', '9.10.2.21'],
];

const H200 = 'linux gpu=NVIDIA_H200 driver=580.95.05';
const CUDA_TF = `${H200} tensorflow=2.18.1+build:12.5.1 nvidia-cuda-runtime-cu12=12.5.82`;

const OTHERS: Readonly<Record<string, Example>> = {
  'tensorflow-rosetta': {
    holds: 'M1 arch=x86_64 wheel:tensorflow-2.16.2-x86_64',
    not: 'intel wheel:tensorflow-2.16.2-x86_64',
  },
  'tensorflow-2.20-no-plugin': {
    holds: 'M3 python=3.11 tensorflow=2.21.0 wheel:tensorflow-metal-1.1.0',
    not: 'M3 python=3.11 tensorflow=2.17.1 wheel:tensorflow-metal-1.1.0',
  },
  'tensorflow-2.18-metal-1.1': {
    holds: 'M3 python=3.11 tensorflow=2.18.1 wheel:tensorflow-metal-1.0.1',
    not: 'M3 tensorflow=2.18.1 wheel:tensorflow-metal-1.2.0',
  },
  'tensorflow-metal-unlisted': {
    holds: 'M3 python=3.11 tensorflow=2.15.1 wheel:tensorflow-metal-1.0.0',
    not: 'M3 python=3.11 tensorflow=2.15.1 wheel:tensorflow-metal-1.1.0',
  },
  'tensorflow-metal-alone': {
    holds: 'M3 wheel:tensorflow-metal-1.2.0',
    not: 'M3 wheel:tensorflow-metal-1.2.0 wheel:tensorflow-2.18.1',
  },
  'tensorflow-2.20-cpu': {
    holds: 'M3 wheel:tensorflow-2.20.0',
    not: 'M3 wheel:tensorflow-2.18.1',
  },
  'tensorflow-2.18-without-metal': {
    holds: 'M3 wheel:tensorflow-2.18.1',
    not: 'M3 wheel:tensorflow-2.18.1 wheel:tensorflow-metal-1.2.0',
  },
  'tensorflow-2.16-without-metal': {
    holds: 'M3 wheel:tensorflow-2.16.2',
    not: 'linux tensorflow=2.16.2',
  },
  'tensorflow-2.14-without-metal': {
    holds: 'M3 python=3.11 wheel:tensorflow-2.15.1',
    not: 'M3 wheel:tensorflow-2.16.2',
  },
  'tensorflow-2.13-without-metal': {
    holds: 'M3 python=3.11 tensorflow=2.13.1',
    not: 'M3 python=3.11 tensorflow=2.14.1',
  },
  'tensorflow-2.12-without-metal': {
    holds: 'M3 python=3.11 wheel:tensorflow-macos-2.12.0',
    not: 'M3 python=3.11 wheel:tensorflow-macos-2.12.0 wheel:tensorflow-metal-0.8.0',
  },
  'tensorflow-2.10-without-metal': {
    holds: 'M3 python=3.10 tensorflow-macos=2.10.0',
    not: 'M3 python=3.10 tensorflow-macos=2.11.0',
  },
  'tensorflow-2.9-without-metal': {
    holds: 'M3 python=3.10 tensorflow-macos=2.9.2',
    not: 'M3 python=3.10 tensorflow-macos=2.8.0',
  },
  'tensorflow-mac-cpu': {
    holds: 'intel macos=14.8 wheel:tensorflow-2.16.2-x86_64',
    not: 'M3 wheel:tensorflow-2.16.2',
  },
  'tensorflow-metal-macos-12.0': {
    holds: 'M1 macos=11.7 python=3.9 tensorflow-macos=2.8.0 wheel:tensorflow-metal-0.4.0',
    not: 'M1 macos=12.0 python=3.9 tensorflow-macos=2.8.0 wheel:tensorflow-metal-0.4.0',
  },
  'tensorflow-metal-macos-12.1': {
    holds: 'M1 macos=12.0.1 python=3.10 tensorflow-macos=2.9.2 wheel:tensorflow-metal-0.5.0',
    not: 'M1 macos=12.1 python=3.10 tensorflow-macos=2.9.2 wheel:tensorflow-metal-0.5.0',
  },
  'tensorflow-metal-relu': {
    holds: 'M3 wheel:tensorflow-2.16.2 wheel:tensorflow-metal-1.2.0',
    not: 'M3 wheel:tensorflow-2.18.1 wheel:tensorflow-metal-1.2.0',
  },
  'tensorflow-metal-relu-range': {
    holds: 'M3 wheel:tensorflow-2.18.1 wheel:tensorflow-metal-1.2.0',
    not: 'M3 python=3.11 tensorflow=2.13.1 wheel:tensorflow-metal-1.0.1',
  },
  'tensorflow-metal-keras-3': {
    holds: 'M3 tensorflow=2.17.1 wheel:tensorflow-metal-1.2.0 wheel:keras-3.5.0',
    not: 'M3 env:TF_USE_LEGACY_KERAS=1 tensorflow=2.17.1 wheel:tensorflow-metal-1.2.0 wheel:keras-3.5.0',
  },
  'tensorflow-metal-xla': {
    holds: 'M3 wheel:tensorflow-2.18.1 wheel:tensorflow-metal-1.2.0',
    not: 'M3 wheel:tensorflow-2.18.1',
  },
  'tensorflow-metal-float64': {
    holds: 'M3 wheel:tensorflow-2.18.1 wheel:tensorflow-metal-1.2.0',
    not: 'M3 wheel:tensorflow-2.18.1',
  },
  'tensorflow-metal-stateless-random': {
    holds: 'M3 wheel:tensorflow-2.18.1 wheel:tensorflow-metal-1.2.0',
    not: 'M3 python=3.11 tensorflow=2.17.1 wheel:tensorflow-metal-1.1.0',
  },
  'tensorflow-metal-ctc': {
    holds: 'M3 wheel:tensorflow-2.18.1 wheel:tensorflow-metal-1.2.0',
    not: 'M3 tensorflow=2.18.0 wheel:tensorflow-metal-1.2.0',
  },
  'tensorflow-macos-wheel': {
    holds: 'M1 macos=11.7 wheel:tensorflow-2.16.2',
    not: 'M1 macos=12.6 wheel:tensorflow-2.16.2',
  },
  'tensorflow-cpu-build': {
    holds: `${H200} tensorflow-cpu=2.21.0`,
    not: `${H200} tensorflow=2.21.0+build:12.5.1`,
  },
  'tensorflow-rocm-build': {
    holds: `${H200} tensorflow-rocm=2.14.0.600`,
    not: `${H200} tensorflow=2.14.0+build:11.8`,
  },
  'tensorflow-cuda12-driver': {
    holds: 'linux gpu=NVIDIA_A100 driver=470.223.02 tensorflow=2.18.1+build:12.5.1',
    not: 'linux gpu=NVIDIA_A100 driver=525.60.13 tensorflow=2.18.1+build:12.5.1',
  },
  'tensorflow-cuda11-driver': {
    holds: 'linux gpu=NVIDIA_T4 driver=440.100 python=3.10 tensorflow=2.12.0+build:11.8',
    not: 'linux gpu=NVIDIA_T4 driver=470.223.02 python=3.10 tensorflow=2.12.0+build:11.8',
  },
  'tensorflow-no-driver': {
    holds: 'linux gpu=NVIDIA_T4 tensorflow=2.18.1+build:12.5.1',
    not: 'linux tensorflow=2.18.1+build:12.5.1',
  },
  'tensorflow-no-cuda12-libraries': {
    holds: `${H200} tensorflow=2.18.1+build:12.5.1`,
    not: CUDA_TF,
  },
  'tensorflow-no-cuda11-libraries': {
    holds: `${H200} python=3.11 tensorflow=2.14.1+build:11.8`,
    not: `${H200} python=3.11 tensorflow=2.14.1+build:11.8 nvidia-cuda-runtime-cu11=11.8.89`,
  },
  'tensorflow-windows': {
    holds: 'windows tensorflow=2.18.1',
    not: 'windows python=3.10 tensorflow=2.10.1',
  },
  'tensorflow-cuda': { holds: CUDA_TF, not: 'linux tensorflow=2.18.1+build:12.5.1' },
  'python-without-tensorflow-metal': { holds: 'M3 python=3.13', not: 'M3 python=3.12' },
  'python-without-tensorflow': { holds: 'linux python=3.14', not: 'linux python=3.13' },

  'torch-rosetta': {
    holds: 'M1 arch=x86_64 python=3.11 wheel:torch-2.2.2-x86_64',
    not: 'M1 python=3.11 wheel:torch-2.2.2',
  },
  'torch-intel-mac': {
    holds: 'intel macos=14.8 python=3.11 wheel:torch-2.2.2-x86_64',
    not: 'M1 arch=x86_64 python=3.11 wheel:torch-2.2.2-x86_64',
  },
  'torch-before-mps': {
    holds: 'M1 python=3.9 torch=1.11.0',
    not: 'M1 python=3.9 torch=1.12.1',
  },
  'torch-macos-12.3': {
    holds: 'M1 macos=12.2 python=3.11 wheel:torch-2.2.2',
    not: 'M1 macos=12.3 python=3.11 wheel:torch-2.2.2',
  },
  'torch-2.12-macos-14': {
    holds: 'M1 macos=13.6 wheel:torch-2.12.0',
    not: 'M1 macos=14.8 wheel:torch-2.12.0',
  },
  'torch-2.9-macos-14': {
    holds: 'M1 macos=13.6 wheel:torch-2.9.1',
    not: 'M1 macos=14.0 wheel:torch-2.9.1',
  },
  'torch-2.5-macos-13': {
    holds: 'M1 macos=12.6 torch=2.5.1',
    not: 'M1 macos=12.6 wheel:torch-2.4.1',
  },
  'torch-mps': { holds: 'M3 wheel:torch-2.9.1', not: 'linux torch=2.9.1' },
  'torch-cpu-build': {
    holds: `${H200} torch=2.9.1+cpu`,
    not: `${H200} torch=2.9.1+build:12.8`,
  },
  'torch-no-driver': {
    holds: 'linux gpu=NVIDIA_H200 torch=2.9.1+build:12.8',
    not: `${H200} torch=2.9.1+build:12.8`,
  },
  'torch-cuda11-driver': {
    holds: 'linux gpu=NVIDIA_T4 driver=440.100 python=3.11 torch=2.1.2+cu118',
    not: 'linux gpu=NVIDIA_T4 driver=450.80.02 python=3.11 torch=2.1.2+cu118',
  },
  'torch-cuda12-driver': {
    holds: 'linux gpu=NVIDIA_A100 driver=470.223.02 torch=2.9.1+build:12.8',
    not: 'linux gpu=NVIDIA_A100 driver=525.60.13 torch=2.9.1+build:12.8',
  },
  'torch-cuda13-driver': {
    holds: 'linux gpu=NVIDIA_H200 driver=570.124.06 torch=2.13.0+build:13.0',
    not: `${H200} torch=2.13.0+build:13.0`,
  },
  'torch-cuda13-old-gpu': {
    holds: 'linux gpu=Tesla_V100-SXM2-16GB driver=580.95.05 torch=2.13.0+build:13.0',
    not: 'linux gpu=Tesla_T4 driver=580.95.05 torch=2.13.0+build:13.0',
  },
  'torch-cuda': {
    holds: `${H200} torch=2.9.1 nvidia-cuda-runtime-cu12=12.8.90`,
    not: `${H200} torch=2.9.1+build:cpu`,
  },
  'torch-mps-virtual-machine': {
    holds: 'M1 vm=yes wheel:torch-2.9.1',
    not: 'M1 wheel:torch-2.9.1',
  },
  'torch-mps-large-k': { holds: 'M2 wheel:torch-2.9.1', not: 'M3 wheel:torch-2.9.1' },
  'torch-mps-large-batched-k': { holds: 'M1 torch=2.15.0', not: 'M4 torch=2.15.0' },
  'torch-macos-26-mpsgraph': {
    holds: 'M3 macos=26.2 wheel:torch-2.9.1',
    not: 'M3 macos=15.6 wheel:torch-2.9.1',
  },
  'torch-macos-26.3-attention': {
    holds: 'M3 macos=26.3 wheel:torch-2.9.1',
    not: 'M3 macos=26.4 wheel:torch-2.9.1',
  },
  'torch-2.2-macos-14.4': {
    holds: 'M3 macos=14.4.1 python=3.11 torch=2.2.1',
    not: 'M3 macos=14.4.1 python=3.11 wheel:torch-2.2.2',
  },
  'torch-mps-wide-conv1d': { holds: 'M3 wheel:torch-2.4.1', not: 'M3 wheel:torch-2.9.1' },
  'torch-mps-float64': { holds: 'M3 wheel:torch-2.9.1', not: `${H200} torch=2.9.1+build:12.8` },
  'python-without-torch': { holds: 'linux python=3.15', not: 'linux python=3.14' },
  'python-too-old-for-torch': { holds: 'linux python=3.9', not: 'linux python=3.10' },

  'jax-rosetta': {
    holds: 'M1 arch=x86_64 jax=0.4.38 jaxlib=0.4.38',
    not: 'M1 jax=0.4.38 jaxlib=0.4.38',
  },
  'jax-metal-0.1.1-jaxlib': {
    holds: 'M3 wheel:jax-metal-0.1.1 jax=0.4.33 jaxlib=0.4.33',
    not: 'M3 wheel:jax-metal-0.1.1 wheel:jax-0.4.34 wheel:jaxlib-0.4.34',
  },
  'jax-metal-0.1.1-macos': {
    holds: 'M3 macos=14.3 wheel:jax-metal-0.1.1 jax=0.4.34 jaxlib=0.4.34',
    not: 'M3 macos=14.4 wheel:jax-metal-0.1.1 jax=0.4.34 jaxlib=0.4.34',
  },
  'jax-metal-0.1.0-jaxlib': {
    holds: 'M3 wheel:jax-metal-0.1.0 jax=0.4.25 jaxlib=0.4.25',
    not: 'M3 wheel:jax-metal-0.1.0 jax=0.4.26 jaxlib=0.4.26',
  },
  'jax-metal-0.1.0-macos': {
    holds: 'M3 macos=14.3 wheel:jax-metal-0.1.0',
    not: 'M3 macos=15.0 wheel:jax-metal-0.1.0',
  },
  'jax-metal-0.0.7-jaxlib': {
    holds: 'M3 wheel:jax-metal-0.0.7 jax=0.4.25 jaxlib=0.4.25',
    not: 'M3 wheel:jax-metal-0.0.7 jax=0.4.26 jaxlib=0.4.26',
  },
  'jax-metal-0.0.7-macos': {
    holds: 'M3 macos=13.6 wheel:jax-metal-0.0.7',
    not: 'M3 macos=14.4 wheel:jax-metal-0.0.7',
  },
  'jax-metal-0.0.6-jaxlib': {
    holds: 'M3 wheel:jax-metal-0.0.6 jax=0.4.24 jaxlib=0.4.24',
    not: 'M3 wheel:jax-metal-0.0.6 jax=0.4.23 jaxlib=0.4.23',
  },
  'jax-metal-0.0.6-macos': {
    holds: 'M3 macos=14.3 wheel:jax-metal-0.0.6',
    not: 'M3 macos=14.4 wheel:jax-metal-0.0.6',
  },
  'jax-metal-0.0.5-jaxlib': {
    holds: 'M3 wheel:jax-metal-0.0.5 jax=0.4.22 jaxlib=0.4.22',
    not: 'M3 wheel:jax-metal-0.0.5 jax=0.4.20 jaxlib=0.4.20',
  },
  'jax-metal-0.0.5-macos': {
    holds: 'M3 macos=14.1 wheel:jax-metal-0.0.5',
    not: 'M3 macos=14.2 wheel:jax-metal-0.0.5',
  },
  'jax-metal-0.0.4-jaxlib': {
    holds: 'M3 wheel:jax-metal-0.0.4 jax=0.4.12 jaxlib=0.4.12',
    not: 'M3 wheel:jax-metal-0.0.4 jax=0.4.11 jaxlib=0.4.11',
  },
  'jax-metal-0.0.4-macos': {
    holds: 'M3 macos=13.6 wheel:jax-metal-0.0.4',
    not: 'M3 macos=14.0 wheel:jax-metal-0.0.4',
  },
  'jax-metal-0.0.3-jaxlib': {
    holds: 'M3 wheel:jax-metal-0.0.3 jax=0.4.11 jaxlib=0.4.11',
    not: 'M3 wheel:jax-metal-0.0.3 jax=0.4.11 jaxlib=0.4.10',
  },
  'jax-metal-0.0.3-macos': {
    holds: 'M3 macos=13.4 wheel:jax-metal-0.0.3',
    not: 'M3 macos=13.4.1 wheel:jax-metal-0.0.3',
  },
  'jax-metal-newer-jax': {
    holds: 'M3 wheel:jax-metal-0.1.1 wheel:jax-0.10.0 jaxlib=0.10.0',
    not: 'M3 wheel:jax-metal-0.1.1 wheel:jax-0.4.34 wheel:jaxlib-0.4.34',
  },
  'jax-metal-works': {
    holds: 'M3 wheel:jax-metal-0.1.1 wheel:jax-0.4.34 wheel:jaxlib-0.4.34',
    not: 'M3 wheel:jax-metal-0.1.1 wheel:jax-0.10.0 jaxlib=0.10.0',
  },
  'jax-metal-end-of-life': {
    holds: 'M3 wheel:jax-metal-0.1.1 jax=0.4.34 jaxlib=0.4.34',
    not: 'M3 jax=0.4.34 jaxlib=0.4.34',
  },
  'jax-metal-compatibility-variable': {
    holds: 'M3 env:ENABLE_PJRT_COMPATIBILITY=1 wheel:jax-metal-0.1.1 jax=0.4.35 jaxlib=0.4.35',
    not: 'M3 wheel:jax-metal-0.1.1 jax=0.4.35 jaxlib=0.4.35',
  },
  'jax-metal-float64': {
    holds: 'M3 wheel:jax-metal-0.1.1 jax=0.4.35 jaxlib=0.4.35',
    not: 'M3 jax=0.4.35 jaxlib=0.4.35',
  },
  'jax-mps-0.9': { holds: 'M3 jax=0.9.1 jax-mps=0.9.7', not: 'M3 jax=0.10.0 jax-mps=0.9.7' },
  'jax-mps-0.9-other-jax': {
    holds: 'M3 jax=0.10.0 jax-mps=0.9.7',
    not: 'M3 jax=0.9.1 jax-mps=0.9.7',
  },
  'jax-mps-0.10': { holds: 'M3 jax=0.10.1 jax-mps=0.10.9', not: 'M3 jax=0.11.0 jax-mps=0.10.9' },
  'jax-mps-0.10-other-jax': {
    holds: 'M3 jax=0.11.0 jax-mps=0.10.9',
    not: 'M3 jax=0.10.1 jax-mps=0.10.9',
  },
  'jax-mps-0.11': { holds: 'M3 jax=0.11.0 jax-mps=0.11.1', not: 'M3 jax=0.12.0 jax-mps=0.11.1' },
  'jax-mps-0.11-other-jax': {
    holds: 'M3 jax=0.12.0 jax-mps=0.11.1',
    not: 'M3 jax=0.11.0 jax-mps=0.11.1',
  },
  'metaljax-works': {
    holds: 'M3 jax=0.11.0 metaljax=0.11.6',
    not: 'M3 macos=13.6 jax=0.11.0 metaljax=0.11.6',
  },
  'metaljax-requirements': {
    holds: 'M3 jax=0.10.0 metaljax=0.11.6',
    not: 'M3 jax=0.11.0 metaljax=0.11.6',
  },
  'jax-mac-cpu': { holds: 'M3 wheel:jax-0.10.0', not: 'M3 jax=0.10.0 jax-mps=0.10.9' },
  'jax-metal-pjrt-plugin': {
    holds: 'M3 macos=26.1 jax=0.10.0 metal-pjrt-plugin=0.1.0',
    not: 'M3 macos=26.1 jax=0.10.0',
  },
  'jax-jax-graft': { holds: 'M3 jax=0.11.0 jax-graft=0.0.5', not: 'M3 jax=0.11.0' },
  'jax-applejax': { holds: 'M3 jax=0.9.1 applejax=0.9.7', not: 'linux jax=0.9.1 applejax=0.9.7' },
  'jaxlib-python-3.12': {
    holds: 'linux python=3.12 jaxlib=0.4.16',
    not: 'linux python=3.12 jaxlib=0.4.17',
  },
  'jaxlib-python-3.13': {
    holds: 'linux python=3.13 jaxlib=0.4.33',
    not: 'linux python=3.13 jaxlib=0.4.34',
  },
  'jaxlib-python-3.14': {
    holds: 'linux python=3.14 jaxlib=0.7.0',
    not: 'linux python=3.14 jaxlib=0.7.1',
  },
  'jax-cuda12-driver': {
    holds: 'linux gpu=NVIDIA_A100 driver=470.223.02 jax=0.10.0 jax-cuda12-plugin=0.10.0',
    not: 'linux gpu=NVIDIA_A100 driver=525.60.13 jax=0.10.0 jax-cuda12-plugin=0.10.0',
  },
  'jax-cuda12-cudnn': {
    holds: `${H200} jax=0.10.0 jax-cuda12-plugin=0.10.0 nvidia-cudnn-cu12=9.3.0.75`,
    not: `${H200} jax=0.10.0 jax-cuda12-plugin=0.10.0 nvidia-cudnn-cu12=9.10.2.21`,
  },
  'jax-cuda12': {
    holds: `${H200} jax=0.10.0 jax-cuda12-plugin=0.10.0`,
    not: `${H200} jax=0.10.0`,
  },
  'jax-cuda13-driver': {
    holds: 'linux gpu=NVIDIA_H200 driver=570.124.06 jax=0.10.0 jax-cuda13-plugin=0.10.0',
    not: `${H200} jax=0.10.0 jax-cuda13-plugin=0.10.0`,
  },
  'jax-cuda13-cudnn': {
    holds: `${H200} jax=0.10.0 jax-cuda13-plugin=0.10.0 nvidia-cudnn-cu13=10.0.0`,
    not: `${H200} jax=0.10.0 jax-cuda13-plugin=0.10.0 nvidia-cudnn-cu13=9.26.0.51`,
  },
  'jax-cuda13': {
    holds: `${H200} jax=0.10.0 jax-cuda13-plugin=0.10.0`,
    not: `${H200} jax=0.10.0 jax-cuda12-plugin=0.10.0`,
  },
  'jax-linux-cpu-driver-580': {
    holds: `${H200} wheel:jax-0.10.0`,
    not: 'linux gpu=NVIDIA_A100 driver=550.54.15 wheel:jax-0.10.0',
  },
  'jax-linux-cpu': {
    holds: 'linux gpu=NVIDIA_A100 driver=550.54.15 wheel:jax-0.10.0',
    not: 'linux wheel:jax-0.10.0',
  },

  'mlx-rosetta': { holds: 'M1 arch=x86_64 mlx=0.29.0', not: 'M1 mlx=0.29.0' },
  'mlx-intel-mac': { holds: 'intel mlx=0.29.0', not: 'M1 mlx=0.29.0' },
  'mlx-macos-13.3': { holds: 'M1 macos=13.2 mlx=0.5.0', not: 'M1 macos=13.3 mlx=0.5.0' },
  'mlx-macos-13.5': {
    holds: 'M1 macos=13.4 wheel:mlx-0.18.1',
    not: 'M1 macos=13.5 wheel:mlx-0.18.1',
  },
  'mlx-macos-14.0': {
    holds: 'M1 macos=13.6 wheel:mlx-0.30.0 wheel:mlx-metal-0.30.0',
    not: 'M1 macos=14.0 wheel:mlx-0.30.0 wheel:mlx-metal-0.30.0',
  },
  'mlx-without-metal': {
    holds: 'M3 wheel:mlx-0.30.0',
    not: 'M3 wheel:mlx-0.30.0 wheel:mlx-metal-0.30.0',
  },
  'mlx-other-metal': {
    holds: 'M3 wheel:mlx-0.29.3 wheel:mlx-metal-0.30.0',
    not: 'M3 wheel:mlx-0.30.0 wheel:mlx-metal-0.30.0',
  },
  'mlx-metal': {
    holds: 'M3 wheel:mlx-0.30.0 wheel:mlx-metal-0.30.0',
    not: 'linux mlx=0.30.0',
  },
  'mlx-neural-accelerators': {
    holds: 'M5 macos=26.1 wheel:mlx-0.30.0 wheel:mlx-metal-0.30.0',
    not: 'M5 macos=26.2 wheel:mlx-0.30.0 wheel:mlx-metal-0.30.0',
  },
  'mlx-virtual-machine': {
    holds: 'M1 vm=yes wheel:mlx-0.18.1',
    not: 'M1 wheel:mlx-0.18.1',
  },
  'mlx-cuda-12-driver': {
    holds: 'linux gpu=NVIDIA_A100 driver=535.86.10 mlx=0.31.0 mlx-cuda-12=0.31.0',
    not: `${H200} mlx=0.31.0 mlx-cuda-12=0.31.0`,
  },
  'mlx-cuda-12': {
    holds: `${H200} mlx=0.31.0 mlx-cuda-12=0.31.0`,
    not: 'linux mlx=0.31.0 mlx-cuda-12=0.31.0',
  },
  'mlx-cuda-13-driver': {
    holds: 'linux gpu=NVIDIA_A100 driver=570.26 mlx=0.31.0 mlx-cuda-13=0.31.0',
    not: `${H200} mlx=0.31.0 mlx-cuda-13=0.31.0`,
  },
  'mlx-cuda-13': {
    holds: `${H200} mlx=0.31.0 mlx-cuda-13=0.31.0`,
    not: `${H200} mlx=0.31.0 mlx-cuda-12=0.31.0`,
  },
  'mlx-cuda-old': {
    holds: `${H200} mlx=0.30.0 mlx-cuda=0.30.0`,
    not: `${H200} mlx=0.30.0 mlx-cuda-12=0.30.0`,
  },
  'mlx-linux-cpu': { holds: `${H200} mlx=0.31.0 mlx-cpu=0.31.0`, not: 'linux mlx=0.31.0' },

  'mlx-0.18-python': {
    holds: 'M3 python=3.13 mlx=0.18.1',
    not: 'M3 python=3.12 wheel:mlx-0.18.1',
  },
  'mlx-0.29-python': { holds: 'M3 python=3.14 mlx=0.29.0', not: 'M3 python=3.13 mlx=0.29.0' },
  'mlx-0.32-python': {
    holds: 'M3 python=3.9 mlx=0.30.0 mlx-metal=0.30.0',
    not: 'M3 python=3.12 wheel:mlx-0.30.0 wheel:mlx-metal-0.30.0',
  },

  'onnxruntime-both': {
    holds: `${H200} onnxruntime=1.20.1 onnxruntime-gpu=1.20.1`,
    not: `${H200} onnxruntime-gpu=1.20.1`,
  },
  'onnxruntime-cpu-package': {
    holds: `${H200} onnxruntime=1.20.1`,
    not: 'linux onnxruntime=1.20.1',
  },
  'onnxruntime-gpu-cudnn': {
    holds: `${H200} onnxruntime-gpu=1.20.1 nvidia-cudnn-cu12=8.9.7.29`,
    not: `${H200} onnxruntime-gpu=1.20.1 nvidia-cudnn-cu12=9.3.0.75`,
  },
  'onnxruntime-gpu': {
    holds: `${H200} onnxruntime-gpu=1.20.1`,
    not: `${H200} onnxruntime=1.20.1`,
  },
  'onnxruntime-coreml': {
    holds: 'M3 wheel:onnxruntime-1.20.1',
    not: 'linux onnxruntime=1.20.1',
  },

  'torch-2.2-numpy-2': {
    holds: 'M3 python=3.11 wheel:torch-2.2.2 numpy=2.1.0',
    not: 'M3 python=3.11 wheel:torch-2.2.2 wheel:numpy-1.26.4',
  },
  'tensorflow-2.17-numpy-2': {
    holds: 'M3 wheel:tensorflow-2.16.2 numpy=2.0.2',
    not: 'M3 wheel:tensorflow-2.18.1 numpy=2.0.2',
  },
  'tensorflow-2.11-numpy-2': {
    holds: 'M3 python=3.10 tensorflow-macos=2.10.0 numpy=2.0.2',
    not: 'M3 python=3.10 tensorflow-macos=2.10.0 numpy=1.26.4',
  },
  'tensorflow-2.18-numpy-2.1': {
    holds: 'M3 wheel:tensorflow-2.18.1 numpy=2.1.0',
    not: 'M3 wheel:tensorflow-2.18.1 numpy=2.0.2',
  },
  'tensorflow-2.19-numpy-2.2': {
    holds: 'M3 tensorflow=2.19.1 numpy=2.2.0',
    not: 'M3 tensorflow=2.19.1 numpy=2.1.3',
  },
  'jaxlib-0.4.25-numpy-2': {
    holds: 'M3 jax=0.4.25 jaxlib=0.4.25 numpy=2.0.2',
    not: 'M3 wheel:jax-0.4.34 wheel:jaxlib-0.4.34 numpy=2.0.2',
  },
  'jax-numpy-floor': {
    holds: 'M3 wheel:jax-0.10.0 jaxlib=0.10.0 numpy=1.26.4',
    not: 'M3 wheel:jax-0.10.0 jaxlib=0.10.0 numpy=2.1.0',
  },

  'package-several-versions': {
    holds: 'M3 torch=2.9.1 torch=2.8.0',
    not: 'M3 wheel:torch-2.9.1',
  },
  'package-other-system': {
    holds: 'linux python=3.11 wheel:torch-2.2.2',
    not: 'M3 python=3.11 wheel:torch-2.2.2',
  },
  'package-other-architecture': {
    holds: 'M1 arch=x86_64 python=3.11 wheel:torch-2.2.2',
    not: 'M1 arch=x86_64 python=3.11 wheel:torch-2.2.2-x86_64',
  },
  'package-other-python': {
    holds: 'M3 python=3.12 wheel:tensorflow-metal-1.1.0 tensorflow=2.17.1',
    not: 'M3 python=3.11 wheel:tensorflow-metal-1.1.0 tensorflow=2.17.1',
  },
  'package-requires-python': {
    holds: 'M3 python=3.10 wheel:jax-0.10.0',
    not: 'M3 python=3.12 wheel:jax-0.10.0',
  },
};

export const EXAMPLES: Readonly<Record<string, Example>> = {
  ...OTHERS,
  ...Object.fromEntries(
    METAL_PAIRS.map(([id, holds, not]) => [
      `tensorflow-${id}`,
      { holds: `M3 ${holds}`, not: `M3 ${not}` },
    ]),
  ),
  ...Object.fromEntries(
    PYTHONS.map(([id, packages, holds, not]) => [
      id,
      { holds: `linux python=${holds} ${packages}`, not: `linux python=${not} ${packages}` },
    ]),
  ),
  ...Object.fromEntries(
    KERAS.map(([minor, holds, not]) => [
      `tensorflow-${minor}-keras`,
      {
        holds: `linux python=3.10 tensorflow=${minor}.1 keras=${holds}`,
        not: `linux python=3.10 tensorflow=${minor}.1 keras=${not}`,
      },
    ]),
  ),
  ...Object.fromEntries(
    CUDNN.map(([minor, library, holds, not]) => {
      const machine = `${H200} python=3.11 tensorflow=${minor}.1+build:12.0`;
      return [
        `tensorflow-${minor}-cudnn`,
        {
          holds: `${machine} nvidia-cudnn-${library}=${holds}`,
          not: `${machine} nvidia-cudnn-${library}=${not}`,
        },
      ];
    }),
  ),
};
