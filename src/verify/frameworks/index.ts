import { DISTRIBUTIONS, PLUGINS } from '../facts/distributions.js';
import { TABLE } from '../facts/index.js';
import type { Check } from '../types.js';
import { frameworkCheck } from './check.js';
import { numpy } from './numpy.js';
import { python } from './python.js';

const isForPython = ({ id }: { id: string }) => id.startsWith('python-');

/** What is said of each framework, from the metadata of every environment. */
export const frameworkChecks: readonly Check[] = [
  python,
  frameworkCheck({
    id: 'frameworks.tensorflow',
    name: 'TensorFlow',
    title: 'TensorFlow, its plugin, Keras and CUDA libraries fit together and reach the GPU',
    packages: [...DISTRIBUTIONS.tensorflow, ...PLUGINS.tensorflow],
    companions: ['keras'],
    rules: TABLE.tensorflow.filter((rule) => !isForPython(rule)),
    verdicts: ['tensorflow'],
  }),
  frameworkCheck({
    id: 'frameworks.pytorch',
    name: 'PyTorch',
    title: 'PyTorch fits this system and reaches the GPU',
    packages: DISTRIBUTIONS.pytorch,
    rules: TABLE.pytorch.filter((rule) => !isForPython(rule)),
    verdicts: ['torch'],
  }),
  frameworkCheck({
    id: 'frameworks.jax',
    name: 'JAX',
    title: 'JAX and its GPU plugin fit together',
    packages: [...DISTRIBUTIONS.jax, ...PLUGINS.jax],
    rules: TABLE.jax,
    verdicts: ['jax', 'jax-metal'],
  }),
  frameworkCheck({
    id: 'frameworks.mlx',
    name: 'MLX',
    title: 'MLX fits this system and reaches the GPU',
    packages: [...DISTRIBUTIONS.mlx, ...PLUGINS.mlx],
    rules: TABLE.mlx,
    verdicts: ['mlx'],
  }),
  frameworkCheck({
    id: 'frameworks.onnxruntime',
    name: 'ONNX Runtime',
    title: 'ONNX Runtime is the package that reaches the GPU',
    packages: DISTRIBUTIONS.onnxruntime,
    rules: TABLE.onnxruntime,
    verdicts: ['onnxruntime'],
  }),
  numpy,
];
