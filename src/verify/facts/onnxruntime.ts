import type { RuleFix } from '../../frameworks/faults/fix.js';
import { accessRules, noGpuRules } from './nvidia-access.js';
import type { Rule } from './types.js';

const GPU_PACKAGE: RuleFix = {
  text: 'Install the package for the GPU, and remove the other: they overwrite each other.',
  pip: ['--force-reinstall', 'onnxruntime-gpu'],
  uninstall: ['onnxruntime'],
  conda: ['onnxruntime=*=*cuda*'],
};

const ort = {
  id: 'onnxruntime',
  topic: 'onnxruntime',
  fact: 'onnxruntime',
  name: 'ONNX Runtime',
  check: 'onnxruntime',
  gpuBuild: { 'onnxruntime-build': 'cuda' },
} as const;
const gpuPackage = { ...ort, fact: 'onnxruntime-gpu', name: 'onnxruntime-gpu' } as const;
const onNvidia = { gpu: 'nvidia' } as const;

export const ONNXRUNTIME_RULES: readonly Rule[] = [
  ...accessRules(gpuPackage).map(
    (rule): Rule => ({ ...rule, id: rule.id.replace('onnxruntime', 'onnxruntime-gpu') }),
  ),
  {
    id: 'onnxruntime-both',
    topic: 'onnxruntime',
    when: { ...onNvidia, onnxruntime: 'present', 'onnxruntime-gpu': 'present' },
    effect: 'cpu-only',
    text: 'onnxruntime and onnxruntime-gpu are both installed and overwrite each other: sessions run on the CPU.',
    fixes: [GPU_PACKAGE],
    sources: ['ort-issue-26996', 'ort-issue-3326'],
  },
  {
    id: 'onnxruntime-jetson',
    topic: 'onnxruntime',
    when: { ...onNvidia, nvidia: 'jetson', onnxruntime: 'present', 'onnxruntime-build': 'absent' },
    effect: 'cpu-only',
    text: 'The package onnxruntime {onnxruntime} is for the CPU; a Jetson needs the build for its release of Jetson Linux.',
    fixes: [
      {
        text: 'Install that build, and remove the other.',
        pip: ['--force-reinstall', 'onnxruntime-gpu'],
        uninstall: ['onnxruntime'],
        index: 'jetson',
      },
    ],
    sources: ['ort-install', 'jetson-pytorch'],
  },
  {
    id: 'onnxruntime-aarch64',
    topic: 'onnxruntime',
    when: {
      ...onNvidia,
      interpreter: 'aarch64',
      onnxruntime: 'present',
      'onnxruntime-build': 'absent',
    },
    effect: 'cpu-only',
    text: 'The package onnxruntime {onnxruntime} is for the CPU, and PyPI has no onnxruntime-gpu for aarch64.',
    fixes: [
      {
        text: 'Build it from source for this machine.',
        command: './build.sh --use_cuda --build_wheel --config Release',
      },
    ],
    sources: ['ort-install'],
  },
  {
    id: 'onnxruntime-cpu-package',
    topic: 'onnxruntime',
    when: {
      ...onNvidia,
      onnxruntime: 'present',
      'onnxruntime-gpu': 'absent',
      'onnxruntime-build': 'absent',
    },
    effect: 'cpu-only',
    text: 'The package onnxruntime {onnxruntime} is for the CPU; the NVIDIA GPU needs onnxruntime-gpu.',
    fixes: [GPU_PACKAGE],
    sources: ['ort-install'],
  },
  {
    id: 'onnxruntime-gpu-cudnn',
    topic: 'onnxruntime',
    when: { ...onNvidia, 'onnxruntime-gpu': '>=1.19', 'nvidia-cudnn-cu12': '<9' },
    effect: 'fails',
    text: 'onnxruntime-gpu {onnxruntime-gpu} needs cuDNN 9; this environment has {nvidia-cudnn-cu12}.',
    fixes: [{ text: 'Install the cuDNN that it needs.', pip: ['nvidia-cudnn-cu12>=9,<10'] }],
    sources: ['ort-install', 'ort-cuda'],
  },
  {
    id: 'onnxruntime-gpu-cuda11',
    topic: 'onnxruntime',
    when: { ...onNvidia, 'onnxruntime-gpu': '<1.19', 'onnxruntime-libraries': 'missing' },
    effect: 'cpu-only',
    text: 'onnxruntime-gpu {onnxruntime-gpu} of PyPI was built for CUDA 11 and cuDNN 8, which were not found ({cuda-found}): sessions run on the CPU.',
    fixes: [
      {
        text: 'Upgrade to a release for CUDA 12 and cuDNN 9, with the libraries that it needs.',
        pip: ['--upgrade', 'onnxruntime-gpu[cuda,cudnn]>=1.21'],
        python: '>=3.10,<3.14',
      },
    ],
    sources: ['ort-cuda', 'ort-issue-21684'],
  },
  {
    id: 'onnxruntime-gpu-libraries',
    topic: 'onnxruntime',
    when: { ...onNvidia, 'onnxruntime-gpu': '>=1.19', 'onnxruntime-libraries': 'missing' },
    effect: 'cpu-only',
    text: 'onnxruntime-gpu {onnxruntime-gpu} needs CUDA 12 and cuDNN 9, which were not found ({cuda-found}): sessions run on the CPU.',
    fixes: [
      {
        text: 'Install the libraries with it; onnxruntime.preload_dlls() loads them.',
        pip: ['--upgrade', 'onnxruntime-gpu[cuda,cudnn]>=1.21'],
        python: '>=3.10,<3.14',
      },
    ],
    sources: ['ort-cuda'],
  },
  {
    id: 'onnxruntime-gpu',
    topic: 'onnxruntime',
    when: { ...onNvidia, 'onnxruntime-build': 'cuda' },
    effect: 'works',
    text: 'ONNX Runtime {onnxruntime-version} has the CUDA provider, for sessions that name it first',
    sources: ['ort-install', 'ort-cuda'],
    needs: [
      'interpreter',
      'wheel',
      'driver',
      'onnxruntime-gpu-code',
      'onnxruntime-libraries-words',
      'requirements',
    ],
  },
  {
    id: 'onnxruntime-coreml',
    topic: 'onnxruntime',
    when: { machine: 'apple-silicon', interpreter: 'arm64', 'onnxruntime-version': 'present' },
    effect: 'limit',
    text: 'ONNX Runtime {onnxruntime-version} uses the GPU only for sessions that name CoreMLExecutionProvider; others run on the CPU.',
    sources: ['ort-coreml'],
  },
  {
    id: 'onnxruntime-rosetta',
    topic: 'onnxruntime',
    when: { machine: 'apple-silicon', interpreter: 'x86_64', 'onnxruntime-version': 'present' },
    effect: 'hazard',
    text: 'ONNX Runtime {onnxruntime-version} runs under Rosetta: this Python is for x86_64.',
    fixes: [
      {
        text: 'Install it into an environment with an arm64 Python.',
        pip: ['onnxruntime'],
        python: '>=3.10,<3.15',
      },
    ],
    sources: ['ort-coreml'],
  },
  ...noGpuRules({ ...ort, fact: 'onnxruntime-version' }),
];
