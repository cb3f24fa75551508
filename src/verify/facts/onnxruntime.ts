import type { Rule, RuleFix } from './types.js';

const GPU_PACKAGE: RuleFix = {
  text: 'Leave only the package for the GPU.',
  uninstall: ['onnxruntime', 'onnxruntime-gpu'],
  pip: ['onnxruntime-gpu'],
};

export const ONNXRUNTIME_RULES: readonly Rule[] = [
  {
    id: 'onnxruntime-both',
    topic: 'onnxruntime',
    when: { gpu: 'nvidia', onnxruntime: 'present', 'onnxruntime-gpu': 'present' },
    effect: 'cpu-only',
    text: 'onnxruntime and onnxruntime-gpu are both installed and overwrite each other: sessions run on the CPU.',
    fixes: [GPU_PACKAGE],
    sources: ['ort-issue-26996', 'ort-issue-3326'],
    confidence: 'medium',
  },
  {
    id: 'onnxruntime-cpu-package',
    topic: 'onnxruntime',
    when: { gpu: 'nvidia', onnxruntime: 'present', 'onnxruntime-gpu': 'absent' },
    effect: 'cpu-only',
    text: 'The package onnxruntime {onnxruntime} is for the CPU; the NVIDIA GPU needs onnxruntime-gpu.',
    fixes: [GPU_PACKAGE],
    sources: ['ort-install'],
    confidence: 'high',
  },
  {
    id: 'onnxruntime-gpu-cudnn',
    topic: 'onnxruntime',
    when: { gpu: 'nvidia', 'onnxruntime-gpu': '>=1.19', 'nvidia-cudnn-cu12': '<9' },
    effect: 'fails',
    text: 'onnxruntime-gpu {onnxruntime-gpu} needs cuDNN 9; this environment has {nvidia-cudnn-cu12}.',
    fixes: [{ text: 'Install the cuDNN that it needs.', pip: ['nvidia-cudnn-cu12>=9,<10'] }],
    sources: ['ort-install'],
    confidence: 'medium',
  },
  {
    id: 'onnxruntime-gpu',
    topic: 'onnxruntime',
    when: { gpu: 'nvidia', 'onnxruntime-gpu': 'present', driver: 'present' },
    effect: 'works',
    text: 'onnxruntime-gpu {onnxruntime-gpu} has the CUDA provider; a session uses it where it is named first (driver {driver}).',
    sources: ['ort-install'],
    confidence: 'medium',
  },
  {
    id: 'onnxruntime-coreml',
    topic: 'onnxruntime',
    when: { machine: 'apple-silicon', interpreter: 'arm64', onnxruntime: 'present' },
    effect: 'limit',
    text: 'ONNX Runtime {onnxruntime} uses the GPU only for sessions that name CoreMLExecutionProvider; others run on the CPU.',
    sources: ['ort-coreml'],
    confidence: 'medium',
  },
];
