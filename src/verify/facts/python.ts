import { pythonWords } from './ranges.js';
import { INSTALL_NEWEST_PAIR, NEWEST_PAIR } from './tensorflow-metal-pairs.js';
import { NEWEST_TENSORFLOW } from './tensorflow-releases.js';
import type { Rule } from './types.js';

/** What PyTorch's newest releases have wheels for. */
const TORCH_PYTHON = '>=3.10,<3.15';

/** An environment without any framework: someone is about to install one, or failed to. */
const isEmpty = { chosen: 'yes', frameworks: 'none' } as const;

/**
 * Why pip says "no matching distribution" in an environment that the user has chosen: its Python is for
 * another processor, too new or too old.
 */
export const PYTHON_RULES: readonly Rule[] = [
  {
    id: 'python-x86_64-on-apple-silicon',
    topic: 'python',
    when: { ...isEmpty, machine: 'apple-silicon', interpreter: 'x86_64' },
    effect: 'cpu-only',
    text: 'This Python {python} is for Intel (x86_64) and runs under Rosetta on Apple silicon: pip finds no MLX, and no PyTorch after 2.2, TensorFlow after 2.16 or JAX after 0.4.38.',
    fixes: [
      {
        text: 'Create an environment with an arm64 Python for Apple silicon.',
        pip: ['torch', 'mlx'],
        python: TORCH_PYTHON,
      },
    ],
    sources: ['rosetta-mlx', 'pt-pr-141182', 'tf-docs-pip', 'jax-tags'],
  },
  {
    id: 'python-too-new',
    topic: 'python',
    when: { ...isEmpty, python: '>=3.15' },
    effect: 'undeclared',
    text: `Python {python} is newer than the wheels of PyTorch (${pythonWords(TORCH_PYTHON)}) and TensorFlow (${pythonWords(NEWEST_TENSORFLOW.python)}): pip finds no matching distribution.`,
    fixes: [
      {
        text: 'Create an environment with a Python that both have wheels for.',
        pip: ['torch'],
        python: TORCH_PYTHON,
        index: 'torch',
      },
    ],
    sources: ['pt-test-infra', 'tf-docs-source'],
  },
  {
    id: 'python-too-old',
    topic: 'python',
    when: { ...isEmpty, python: '<3.10' },
    effect: 'undeclared',
    text: `Python {python} is older than the wheels of PyTorch since 2.9 and TensorFlow since 2.21 (${pythonWords(TORCH_PYTHON)}): pip finds old releases only, or none.`,
    fixes: [
      {
        text: 'Create an environment with a newer Python.',
        pip: ['torch'],
        python: TORCH_PYTHON,
        index: 'torch',
      },
    ],
    sources: ['pt-test-infra', 'tf-docs-source'],
  },
  {
    id: 'python-without-tensorflow-metal',
    topic: 'python',
    when: { ...isEmpty, machine: 'apple-silicon', python: '>=3.13' },
    effect: 'undeclared',
    text: `Python {python} is newer than the wheels of tensorflow-metal (${pythonWords(NEWEST_PAIR.python)}): pip finds no matching distribution of it. PyTorch and MLX have wheels.`,
    fixes: [INSTALL_NEWEST_PAIR],
    sources: ['heartkit-locks', 'tfmetal-setup-1.2.0'],
  },
  {
    id: 'python-without-tensorflow',
    topic: 'python',
    when: { ...isEmpty, python: '>=3.14' },
    effect: 'undeclared',
    text: `Python {python} is newer than the wheels of TensorFlow 2.${NEWEST_TENSORFLOW.minor} (${pythonWords(NEWEST_TENSORFLOW.python)}): pip finds no matching distribution of it. PyTorch has wheels.`,
    fixes: [
      {
        text: 'Create an environment with a Python that it has wheels for.',
        pip: ['tensorflow[and-cuda]>=2.18'],
        python: NEWEST_TENSORFLOW.python,
      },
    ],
    sources: ['tf-docs-source'],
  },
];
