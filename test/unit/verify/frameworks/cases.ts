/**
 * Environments that people have, in one line each (see example-machines.ts), with the verdict: for each kind of
 * fault one that has it and one, as near as can be, that is healthy.
 */
import type { Finding } from '../../../../src/result/schema.js';

export interface Case {
  readonly kind: string;
  readonly machine: string;
  /** `pytorch` is frameworks.pytorch; a name with a dot is the check itself. */
  readonly check: string;
  /** The worst state among the check's findings. */
  readonly state: Finding['state'];
  readonly says?: RegExp;
  readonly fix?: RegExp;
}

const wheel = (name: string, version: string, tag: string) => `${name}=${version}+tag:${tag}`;
const h100 = 'linux gpu=NVIDIA_H100_PCIe driver=535.104.12';
const a100 = 'linux gpu=NVIDIA_A100-SXM4-40GB driver=550.54.15';
const jax = (version: string, plugin = version) =>
  `jax=${version} jaxlib=${version} jax-cuda12-plugin=${plugin} jax-cuda12-pjrt=${plugin} nvidia-cuda-runtime-cu12=12.8.90 nvidia-cudnn-cu12=9.10.2`;
const metalPair = 'python=3.11 tensorflow=2.16.2 tensorflow-metal=1.2.0 numpy=1.26.4';
const ortLibraries = 'cuda=12.4 cudnn=9';
const manylinux = 'cp312-cp312-manylinux_2_28_x86_64';

const KINDS: Readonly<Record<string, readonly Omit<Case, 'kind'>[]>> = {
  'a pass has to be earned': [
    {
      machine: `${a100} torch=2.9.0+build:12.8`,
      check: 'pytorch',
      state: 'pass',
      says: /code for sm_80.*driver|driver.*code for sm_80/,
    },
    { machine: `${a100} torch=2.9.0`, check: 'pytorch', state: 'unchecked', fix: /--probe/ },
    {
      machine: 'linux gpu=NVIDIA_Graphics_Device driver=580.95.05 torch=2.9.0+build:12.8',
      check: 'pytorch',
      state: 'unchecked',
      says: /code for this GPU/,
      fix: /nvidia-smi/,
    },
    {
      machine: `M3 ${wheel('torch', '2.9.1', 'cp312-none-macosx_11_0_arm64')}`,
      check: 'pytorch',
      state: 'pass',
      says: /arm64 Python, macosx_11_0_arm64 wheel, macOS 15\.1/,
    },
  ],
  'GPU generations against builds': [
    {
      machine: `${h100} python=3.10 torch=2.0.1+build:11.7`,
      check: 'pytorch',
      state: 'fail',
      says: /no code.*H100.*sm_90/,
      fix: /whl\/cu121$/,
    },
    { machine: `${h100} python=3.10 torch=2.0.1+build:11.8`, check: 'pytorch', state: 'pass' },
    {
      machine: 'linux gpu=NVIDIA_GeForce_RTX_5090 driver=570.86.15 torch=2.6.0+build:12.4',
      check: 'pytorch',
      state: 'fail',
      says: /sm_120/,
      fix: /whl\/cu128$/,
    },
    {
      machine: 'linux gpu=NVIDIA_GeForce_RTX_5090 driver=570.86.15 torch=2.7.0+build:12.8',
      check: 'pytorch',
      state: 'pass',
    },
    {
      machine: 'linux gpu=NVIDIA_GeForce_GTX_1080_Ti driver=580.65.06 torch=2.8.0+build:12.8',
      check: 'pytorch',
      state: 'fail',
      says: /sm_61/,
      fix: /whl\/cu126$/,
    },
    {
      machine: 'linux gpu=NVIDIA_GeForce_GTX_1080_Ti driver=580.65.06 torch=2.7.1+build:12.8',
      check: 'pytorch',
      state: 'pass',
    },
    {
      machine: 'linux gpu=Tesla_V100-SXM2-16GB driver=580.65.06 torch=2.11.0+build:12.8',
      check: 'pytorch',
      state: 'fail',
    },
    {
      machine: 'linux gpu=Tesla_V100-SXM2-16GB driver=580.65.06 torch=2.10.0+build:12.8',
      check: 'pytorch',
      state: 'pass',
    },
    {
      machine: 'linux pci=0x2684 driver=550.54.15 torch=2.5.1+build:12.4',
      check: 'pytorch',
      state: 'pass',
      says: /sm_89/,
    },
    {
      machine: 'linux pci=0xfff0 driver=550.54.15 torch=2.5.1+build:12.4',
      check: 'pytorch',
      state: 'unchecked',
    },
    {
      machine:
        'linux gpu=NVIDIA_GeForce_RTX_5080 driver=580.65.06 tensorflow=2.20.0+build:12.5 nvidia-cuda-runtime-cu12=12.5.82 nvidia-cudnn-cu12=9.3.0.75',
      check: 'tensorflow',
      state: 'fail',
      says: /CUDA_ERROR_INVALID_PTX/,
    },
    {
      machine: `linux gpu=Tesla_P100 driver=580.65.06 jax=0.9.0 jaxlib=0.9.0 jax-cuda13-plugin=0.9.0 jax-cuda13-pjrt=0.9.0 nvidia-cuda-runtime=13.0.48 nvidia-cudnn-cu13=9.13`,
      check: 'jax',
      state: 'fail',
      says: /Turing/,
      fix: /jax\[cuda12\]/,
    },
  ],
  'WSL 2': [
    { machine: 'wsl torch=2.3.1+build:12.1', check: 'pytorch', state: 'pass', says: /WSL 2/ },
    {
      machine: 'wsl torch=2.3.1+build:12.1',
      check: 'system.nvidia-driver',
      state: 'pass',
      says: /WSL 2/,
    },
    {
      machine: 'wsl torch=2.3.1+build:cpu',
      check: 'pytorch',
      state: 'warning',
      says: /for the CPU/,
      fix: /whl\/cu126$/,
    },
  ],
  'Jetson and other aarch64 machines': [
    {
      machine: 'jetson python=3.10 torch=2.7.0+build:cpu',
      check: 'pytorch',
      state: 'warning',
      says: /Jetson/,
      fix: /jetson-ai-lab\.io\/jp6\/cu126$/,
    },
    {
      machine: 'jetson python=3.10 torch=2.5.0a0+872d856fea.nv24.08+build:12.6',
      check: 'pytorch',
      state: 'pass',
      says: /NVIDIA's build for Jetson/,
    },
    { machine: 'jetson python=3.10 torch=2.9.0+build:12.6', check: 'pytorch', state: 'unchecked' },
    {
      machine: 'jetson python=3.10 torch=2.7.0+build:cpu',
      check: 'system.nvidia-driver',
      state: 'pass',
      says: /Jetson Linux 36\.4\.3/,
    },
    {
      machine: 'aarch64 gpu=NVIDIA_GB10 driver=580.95.05 torch=2.9.1+cpu+build:cpu',
      check: 'pytorch',
      state: 'warning',
      fix: /whl\/cu130$/,
    },
    {
      machine: 'aarch64 gpu=NVIDIA_GB10 driver=580.95.05 torch=2.9.1+build:13.0',
      check: 'pytorch',
      state: 'pass',
      says: /sm_121/,
    },
    {
      machine: 'aarch64 gpu=NVIDIA_GB10 driver=580.95.05 onnxruntime=1.23.0',
      check: 'onnxruntime',
      state: 'warning',
      says: /aarch64/,
      fix: /build\.sh/,
    },
    {
      machine: 'jetson python=3.10 cuda=12.6 cudnn=9 onnxruntime=1.19.0',
      check: 'onnxruntime',
      state: 'warning',
      fix: /jetson-ai-lab/,
    },
  ],
  'no GPU, and containers': [
    {
      machine: 'linux torch=2.9.0+build:12.8',
      check: 'pytorch',
      state: 'unchecked',
      says: /no Apple or NVIDIA GPU/,
    },
    {
      machine: 'linux docker=yes torch=2.9.0+build:12.8',
      check: 'pytorch',
      state: 'unchecked',
      fix: /--gpus all/,
    },
    {
      machine:
        'linux docker=yes gpu=NVIDIA_A10 driver=550.54.15 libcuda=none torch=2.9.0+build:12.8',
      check: 'pytorch',
      state: 'warning',
      says: /no access/,
      fix: /--gpus all/,
    },
    {
      machine: 'linux docker=yes gpu=NVIDIA_A10 driver=550.54.15 torch=2.9.0+build:12.8',
      check: 'pytorch',
      state: 'pass',
    },
    {
      machine: 'aarch64 docker=yes kernel=6.10.14-linuxkit torch=2.9.0+build:cpu',
      check: 'pytorch',
      state: 'warning',
      says: /Docker Desktop/,
    },
    {
      machine: 'aarch64 docker=yes kernel=6.10.14-linuxkit torch=2.9.0+build:cpu',
      check: 'system.virtual-machine',
      state: 'warning',
      says: /Mac/,
    },
    {
      machine: `linux docker=yes gpu=NVIDIA_A10 driver=560.35.03 compat=550.54.15 env:LD_LIBRARY_PATH=/usr/local/cuda/compat ${jax('0.6.0')}`,
      check: 'jax',
      state: 'fail',
      says: /550\.54\.15.*older/,
      fix: /LD_LIBRARY_PATH/,
    },
    {
      machine:
        'linux docker=yes gpu=NVIDIA_A100 driver=535.104.05 compat=580.65.06 env:LD_LIBRARY_PATH=/usr/local/cuda/compat torch=2.11.0+build:13.0',
      check: 'pytorch',
      state: 'pass',
    },
    {
      machine:
        'linux docker=yes gpu=NVIDIA_A100 driver=535.104.05 compat=550.54.15 torch=2.5.1+build:12.4',
      check: 'system.nvidia-driver',
      state: 'pass',
    },
  ],
  'ranges as wide as their evidence': [
    {
      machine: `${a100} jax=0.4.30 jaxlib=0.4.30 jax-cuda12-plugin=0.4.30 jax-cuda12-pjrt=0.4.30 nvidia-cuda-runtime-cu12=12.5.39 nvidia-cuda-nvcc-cu12=12.4.131 nvidia-cudnn-cu12=9.2.0.82`,
      check: 'jax',
      state: 'pass',
    },
    {
      machine: `${a100} ${jax('0.6.0').replace('9.10.2', '9.2.0.82')}`,
      check: 'jax',
      state: 'fail',
      says: /cuDNN >=9\.8/,
    },
    { machine: 'M2 jax=0.5.0 jaxlib=0.5.0 jax-metal=0.1.1', check: 'jax', state: 'pass' },
    {
      machine: 'M2 jax=0.5.2 jaxlib=0.5.1 jax-metal=0.1.1',
      check: 'jax',
      state: 'fail',
      fix: /jax==0\.4\.35/,
    },
    { machine: `M2 ${metalPair} keras=3.6.0`, check: 'tensorflow', state: 'pass' },
    {
      machine: `M2 ${metalPair} keras=3.11.3`,
      check: 'tensorflow',
      state: 'fail',
      says: /ReLU/,
      fix: /keras<3\.7/,
    },
    {
      machine: 'M4 macos=26.3 torch=2.13.0',
      check: 'pytorch',
      state: 'pass',
      says: /--probe pytorch/,
    },
    {
      machine: 'M1 python=3.10 arch=x86_64 torch=2.2.2',
      check: 'pytorch',
      state: 'warning',
      says: /Rosetta/,
      fix: /aarch64/,
    },
  ],
  companions: [
    {
      machine: `${a100} ${jax('0.9.0.1', '0.9.2')}`,
      check: 'jax',
      state: 'warning',
      says: /0\.9\.2 does not match jaxlib 0\.9\.0\.1/,
      fix: /jax\[cuda12\]==0\.9\.0\.1/,
    },
    { machine: `${a100} ${jax('0.9.0')}`, check: 'jax', state: 'pass' },
    { machine: 'M2 onnxruntime=1.18.0 numpy=2.0.0', check: 'numpy', state: 'fail', fix: /numpy<2/ },
    { machine: 'M2 onnxruntime=1.19.0 numpy=2.0.0', check: 'numpy', state: 'pass' },
    {
      machine: 'M3 torch=2.9.1 torchvision=0.19.1',
      check: 'pytorch',
      state: 'fail',
      says: /torchvision::nms/,
      fix: /torch torchvision/,
    },
    {
      machine: 'M3 torch=2.9.1 torchvision=0.24.1 torchaudio=2.9.1',
      check: 'pytorch',
      state: 'pass',
    },
    {
      machine: `${a100} torch=2.5.1+build:12.4 torchvision=0.20.1+cpu`,
      check: 'pytorch',
      state: 'fail',
      says: /another CUDA version/,
      fix: /whl\/cu124$/,
    },
    {
      machine: `${a100} torch=2.5.1+cu124+build:12.4 torchvision=0.20.1+cu121`,
      check: 'pytorch',
      state: 'pass',
    },
    {
      machine: 'M3 torch=2.4.0 torchaudio=2.3.0',
      check: 'pytorch',
      state: 'fail',
      says: /torchaudio/,
    },
    {
      machine:
        'M2 python=3.11 tensorflow=2.18.1 tensorflow-metal=1.2.0 keras=3.5.0 transformers=4.41.0',
      check: 'tensorflow',
      state: 'warning',
      says: /tf-keras/,
      fix: /tf-keras==2\.18\.\*/,
    },
    {
      machine:
        'M2 python=3.11 tensorflow=2.18.1 tensorflow-metal=1.2.0 keras=3.5.0 transformers=4.41.0 tf-keras=2.18.0',
      check: 'tensorflow',
      state: 'pass',
    },
    {
      machine:
        'M1 python=3.9 tensorflow-macos=2.9.2 tensorflow-metal=0.5.0 keras=2.9.0 protobuf=4.21.1',
      check: 'tensorflow',
      state: 'fail',
      says: /protobuf/,
      fix: /protobuf<3\.20/,
    },
    {
      machine:
        'M1 python=3.9 tensorflow-macos=2.9.2 tensorflow-metal=0.5.0 keras=2.9.0 protobuf=3.19.6',
      check: 'tensorflow',
      state: 'pass',
    },
    {
      machine: `${a100} torch=2.5.1+build:12.4+needs:nvidia-cudnn-cu12==9.1.0.70 nvidia-cudnn-cu12=9.8.0.87`,
      check: 'pytorch',
      state: 'warning',
      says: /requires nvidia-cudnn-cu12==9\.1\.0\.70; this environment has 9\.8/,
      fix: /nvidia-cudnn-cu12==9\.1\.0\.70/,
    },
    {
      machine: `${a100} torch=2.5.1+build:12.4+needs:nvidia-cudnn-cu12==9.1.0.70`,
      check: 'pytorch',
      state: 'warning',
      says: /which is not installed/,
    },
    {
      machine: `${a100} torch=2.5.1+build:12.4+needs:nvidia-cudnn-cu12==9.1.0.70 nvidia-cudnn-cu12=9.1.0.70`,
      check: 'pytorch',
      state: 'pass',
      says: /all 1 requirements met/,
    },
    {
      machine: `${a100} ${jax('0.6.1')} nvidia-nvjitlink-cu12=12.4.127`,
      check: 'jax',
      state: 'fail',
      says: /nvjitlink/,
    },
    {
      machine: `${a100} ${jax('0.6.1')} nvidia-cuda-nvcc-cu12=12.9.41`,
      check: 'jax',
      state: 'warning',
      says: /minor versions/,
    },
  ],
  'CUDA major by release': [
    {
      machine: `${a100} cuda=12.1 cudnn=8 onnxruntime-gpu=1.18.0`,
      check: 'onnxruntime',
      state: 'warning',
      says: /CUDA 11 and cuDNN 8.*found: CUDA 12\.1/,
      fix: /onnxruntime-gpu/,
    },
    {
      machine: `${a100} cuda=11.8 cudnn=8 onnxruntime-gpu=1.18.0`,
      check: 'onnxruntime',
      state: 'pass',
    },
    {
      machine: `${a100} ${ortLibraries} onnxruntime-gpu=1.20.1`,
      check: 'onnxruntime',
      state: 'pass',
      says: /CUDA 12\.4 and cuDNN 9 of the system/,
    },
    {
      machine: `${a100} onnxruntime-gpu=1.20.1`,
      check: 'onnxruntime',
      state: 'warning',
      says: /no CUDA libraries/,
    },
    {
      machine: `${a100} python=3.10 cuda=12.4 cudnn=9 tensorflow=2.12.0+build:11.8`,
      check: 'tensorflow',
      state: 'warning',
      says: /CUDA 11/,
      fix: /and-cuda/,
    },
    {
      machine: `${a100} python=3.10 cuda=11.8 cudnn=8 tensorflow=2.12.0+build:11.8`,
      check: 'tensorflow',
      state: 'pass',
    },
    {
      machine: `${a100} python=3.11 tensorflow=2.16.1+build:12.3 nvidia-cuda-runtime-cu12=12.3.101 nvidia-cudnn-cu12=8.9.7.29`,
      check: 'tensorflow',
      state: 'warning',
      says: /LD_LIBRARY_PATH/,
      fix: />=2\.18/,
    },
    {
      machine: `${a100} python=3.11 tensorflow=2.15.1+build:12.2 nvidia-cuda-runtime-cu12=12.2.140 nvidia-cudnn-cu12=8.9.4.25`,
      check: 'tensorflow',
      state: 'pass',
      says: /of pip's packages/,
    },
  ],
  'the macOS of a wheel': [
    {
      machine: `M2 macos=15.7.4 ${wheel('mlx', '0.30.6', 'cp312-cp312-macosx_26_0_arm64')} ${wheel('mlx-metal', '0.30.6', 'py3-none-macosx_26_0_arm64')}`,
      check: 'mlx',
      state: 'fail',
      says: /macOS 26/,
      fix: /--force-reinstall/,
    },
    {
      machine: `M2 macos=26.2 ${wheel('mlx', '0.30.6', 'cp312-cp312-macosx_26_0_arm64')} ${wheel('mlx-metal', '0.30.6', 'py3-none-macosx_26_0_arm64')}`,
      check: 'mlx',
      state: 'pass',
    },
    {
      machine: `M1 macos=13.6 ${wheel('torch', '2.12.0', 'cp312-none-macosx_14_0_arm64')}`,
      check: 'pytorch',
      state: 'fail',
      says: /macOS 14/,
    },
  ],
  'interpreters without a framework': [
    {
      machine: 'M1 arch=x86_64',
      check: 'python',
      state: 'warning',
      says: /x86_64.*Rosetta/,
      fix: /aarch64/,
    },
    { machine: 'M1', check: 'python', state: 'pass' },
    {
      machine: 'M1 python=3.13',
      check: 'python',
      state: 'warning',
      says: /tensorflow-metal/,
      fix: /tensorflow-metal==1\.2\.0/,
    },
    { machine: 'M1 python=3.13 torch=2.9.1', check: 'python', state: 'pass' },
    {
      machine: 'linux python=3.14',
      check: 'python',
      state: 'warning',
      says: /TensorFlow/,
      fix: /uv venv --python 3\.12/,
    },
    {
      machine: 'linux python=3.15',
      check: 'python',
      state: 'warning',
      says: /no matching distribution/,
    },
    {
      machine: 'linux python=3.8',
      check: 'python',
      state: 'warning',
      says: /older than the wheels/,
    },
    { machine: 'linux python=3.12', check: 'python', state: 'pass' },
  ],
  'conda-meta': [
    {
      machine: `${a100} python=3.11 conda:jaxlib=0.4.31=cuda120py311h1 conda:jax=0.4.31=pyhd8 jax=0.4.31 jaxlib=0.4.31`,
      check: 'jax',
      state: 'pass',
      says: /built for CUDA 12\.0/,
    },
    {
      machine: `${a100} python=3.11 conda:jaxlib=0.4.31=cpu_py311h1 conda:jax=0.4.31=pyhd8 jax=0.4.31 jaxlib=0.4.31`,
      check: 'jax',
      state: 'warning',
      fix: /conda install --prefix \S+ --channel conda-forge 'jaxlib=\*=cuda\*' jax$/,
    },
    {
      machine: `${a100} python=3.11 conda:pytorch=2.5.1=cuda126_py311h1_301 torch=2.5.1+build:12.6`,
      check: 'pytorch',
      state: 'pass',
      says: /conda build/,
    },
    {
      machine: `${a100} python=3.11 conda:pytorch=2.5.1=cpu_generic_py311h1_1`,
      check: 'pytorch',
      state: 'warning',
      fix: /conda install .*'pytorch=\*=cuda\*'$/,
    },
    {
      machine: 'M3 conda:pytorch=2.5.1=cpu_generic_py312_h1 torch=2.5.1',
      check: 'pytorch',
      state: 'pass',
    },
    {
      machine: 'M3 conda:llvm-openmp=18.1.8=h1 torch=2.5.1',
      check: 'pytorch',
      state: 'warning',
      says: /OpenMP/,
      fix: /conda install/,
    },
    {
      machine:
        'M3 conda:llvm-openmp=18.1.8=h1 conda:pytorch=2.5.1=cpu_generic_py312_h1 torch=2.5.1',
      check: 'pytorch',
      state: 'pass',
    },
  ],
  'MLX on Linux': [
    {
      machine: 'linux docker=yes mlx=0.28.0',
      check: 'mlx',
      state: 'fail',
      says: /no backend/,
      fix: /mlx\[cpu\]==0\.28\.0/,
    },
    { machine: `${a100} mlx=0.30.0`, check: 'mlx', state: 'fail', fix: /mlx\[cuda12\]==0\.30\.0/ },
    { machine: `${a100} mlx=0.30.0 mlx-cuda-12=0.30.0`, check: 'mlx', state: 'pass' },
    {
      machine: `${a100} mlx=0.30.0 mlx-cpu=0.30.0`,
      check: 'mlx',
      state: 'warning',
      fix: /mlx\[cuda12\]/,
    },
    { machine: 'linux mlx=0.30.0 mlx-cpu=0.30.0', check: 'mlx', state: 'unchecked' },
  ],
  'the user site': [
    {
      machine: `${a100} python=3.11 conda:numpy=1.26.4=py311 user:torch=1.13.1+build:11.7 torch=2.5.1+build:12.4`,
      check: 'pytorch',
      state: 'warning',
      says: /1\.13\.1 of the user site.*hides 2\.5\.1/,
      fix: /PYTHONNOUSERSITE=1/,
    },
    {
      machine: `${a100} python=3.11 conda:numpy=1.26.4=py311 user:torch=1.13.1+build:11.7 torch=2.5.1+build:12.4 env:PYTHONNOUSERSITE=1`,
      check: 'pytorch',
      state: 'pass',
    },
    // A venv leaves the user site out.
    {
      machine: `${a100} python=3.11 user:torch=1.13.1+build:11.7 torch=2.5.1+build:12.4 ${wheel('filelock', '3.16.1', 'py3-none-any')}`,
      check: 'pytorch',
      state: 'pass',
    },
  ],
  'wheels of another system': [
    {
      machine: `${a100} ${wheel('torch', '2.9.0', 'cp312-cp312-manylinux_2_28_aarch64')}`,
      check: 'pytorch',
      state: 'fail',
      says: /another processor/,
    },
    {
      machine: `${a100} ${wheel('torch', '2.9.0', manylinux)}+build:12.8`,
      check: 'pytorch',
      state: 'pass',
    },
  ],
};

export const CASES: readonly Case[] = Object.entries(KINDS).flatMap(([kind, cases]) =>
  cases.map((one) => ({ kind, ...one })),
);
