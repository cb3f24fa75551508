import { DISTRIBUTIONS, PLUGINS } from '../../frameworks/distributions.js';
import { TABLE } from '../facts/index.js';
import type { Check } from '../types.js';
import { frameworkCheck } from './check.js';
import { numpy } from './numpy.js';
import { python } from './python.js';

/** What is said of each framework, from the metadata of every environment. */
export const frameworkChecks: readonly Check[] = [
  python,
  frameworkCheck({
    framework: 'tensorflow',
    name: 'TensorFlow',
    title: 'TensorFlow, its plugin, Keras and CUDA libraries fit together and reach the GPU',
    distributions: DISTRIBUTIONS.tensorflow,
    plugins: PLUGINS.tensorflow,
    companions: ['keras', 'tf-keras'],
    rules: TABLE.tensorflow,
    verdict: 'tensorflow',
  }),
  frameworkCheck({
    framework: 'pytorch',
    name: 'PyTorch',
    title: 'PyTorch and its companions fit this system and reach the GPU',
    distributions: DISTRIBUTIONS.pytorch,
    companions: ['torchvision', 'torchaudio'],
    rules: TABLE.pytorch,
    verdict: 'torch',
  }),
  frameworkCheck({
    framework: 'jax',
    name: 'JAX',
    title: 'JAX and its GPU plugin fit together and reach the GPU',
    distributions: DISTRIBUTIONS.jax,
    plugins: PLUGINS.jax,
    rules: TABLE.jax,
    verdict: 'jax',
  }),
  frameworkCheck({
    framework: 'mlx',
    name: 'MLX',
    title: 'MLX and its backend fit this system and reach the GPU',
    distributions: DISTRIBUTIONS.mlx,
    plugins: PLUGINS.mlx,
    rules: TABLE.mlx,
    verdict: 'mlx',
  }),
  frameworkCheck({
    framework: 'onnxruntime',
    name: 'ONNX Runtime',
    title: 'ONNX Runtime is the package that reaches the GPU, with the libraries it needs',
    distributions: DISTRIBUTIONS.onnxruntime,
    rules: TABLE.onnxruntime,
    verdict: 'onnxruntime',
  }),
  numpy,
];
