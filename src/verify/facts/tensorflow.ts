import { CUDA_FLOOR } from './cuda-drivers.js';
import { outside } from './ranges.js';
import { METAL_PAIR, UPDATE_DRIVER } from './recommended.js';
import { TENSORFLOW_METAL_RULES } from './tensorflow-metal.js';
import type { Rule, RuleFix } from './types.js';

const AND_CUDA: RuleFix = {
  text: 'Install TensorFlow with the CUDA libraries that it was built for.',
  pip: ['tensorflow[and-cuda]'],
  python: '>=3.10,<3.14',
};

/** pip would keep a build of the same version. */
const INSTEAD: RuleFix = { ...AND_CUDA, uninstall: ['{tensorflow-distribution}'] };

/** What each minor version was released for: Python, CUDA, cuDNN, Keras. */
interface Release {
  readonly minor: number;
  readonly python: string;
  readonly cudnn: string;
  readonly keras?: string;
}

/** TensorFlow's table of tested builds; Keras from the requirements of the wheels. */
const RELEASES: readonly Release[] = [
  { minor: 9, python: '>=3.7,<3.11', cudnn: '8.1', keras: '==2.9.*' },
  { minor: 10, python: '>=3.7,<3.11', cudnn: '8.1', keras: '==2.10.*' },
  { minor: 11, python: '>=3.7,<3.11', cudnn: '8.1', keras: '==2.11.*' },
  { minor: 12, python: '>=3.8,<3.12', cudnn: '8.6', keras: '==2.12.*' },
  { minor: 13, python: '>=3.8,<3.12', cudnn: '8.6', keras: '>=2.13.1,<2.14' },
  { minor: 14, python: '>=3.9,<3.12', cudnn: '8.7', keras: '==2.14.*' },
  { minor: 15, python: '>=3.9,<3.12', cudnn: '8.9', keras: '==2.15.*' },
  { minor: 16, python: '>=3.9,<3.13', cudnn: '8.9', keras: '>=3.0.0' },
  { minor: 17, python: '>=3.9,<3.13', cudnn: '8.9', keras: '>=3.2.0' },
  { minor: 18, python: '>=3.9,<3.13', cudnn: '9.3', keras: '>=3.5.0' },
  { minor: 19, python: '>=3.9,<3.13', cudnn: '9.3', keras: '>=3.5.0' },
  { minor: 20, python: '>=3.9,<3.14', cudnn: '9.3' },
  { minor: 21, python: '>=3.10,<3.14', cudnn: '9.3' },
];

/** cu11 libraries until 2.14, cu12 from 2.15. */
const cudnnPackage = (minor: number) => (minor < 15 ? 'nvidia-cudnn-cu11' : 'nvidia-cudnn-cu12');

const pythonRules = RELEASES.map(
  ({ minor, python }): Rule => ({
    id: `tensorflow-2.${minor}-python`,
    when: { tensorflow: `==2.${minor}.*`, python: outside(python) },
    effect: 'undeclared',
    text: `TensorFlow 2.${minor} has no wheels for Python {python} (it has ${python}).`,
    fixes: [
      {
        text: 'Make an environment of a Python that it has wheels for.',
        pip: [`tensorflow==2.${minor}.*`],
        python,
      },
    ],
    sources: ['tf-docs-source', 'tf-docs-pip'],
    confidence: 'high',
  }),
);

const cudnnRules = RELEASES.filter(({ minor }) => minor >= 14).map(({ minor, cudnn }): Rule => {
  const name = cudnnPackage(minor);
  const [major = 0] = cudnn.split('.').map(Number);
  return {
    id: `tensorflow-2.${minor}-cudnn`,
    when: {
      gpu: 'nvidia',
      tensorflow: `==2.${minor}.*`,
      'tensorflow-build': 'cuda',
      [name]: outside(`>=${cudnn},<${major + 1}`),
    },
    effect: 'fails',
    text: `TensorFlow {tensorflow} was built for cuDNN ${cudnn}; this environment has {${name}}.`,
    fixes: [
      {
        text: 'Install the cuDNN that it was built for.',
        pip: [`${name}>=${cudnn},<${major + 1}`],
      },
    ],
    sources: ['tf-docs-source'],
    confidence: 'high',
  };
});

const kerasRules = RELEASES.flatMap(({ minor, keras }): Rule[] =>
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
          confidence: 'high',
        },
      ],
);

/** TensorFlow on every platform. */
export const TENSORFLOW_RULES: readonly Rule[] = [
  ...TENSORFLOW_METAL_RULES,
  {
    id: 'tensorflow-macos-wheel',
    when: { machine: 'apple-silicon|intel-mac', macos: '<12.0', tensorflow: '>=2.13' },
    effect: 'undeclared',
    text: 'The wheels of TensorFlow {tensorflow} need macOS 12.0; this is {macos}.',
    fixes: [{ text: 'Update macOS.' }],
    sources: ['tf-docs-pip'],
    confidence: 'high',
  },
  {
    id: 'tensorflow-cpu-build',
    topic: 'tensorflow',
    when: { gpu: 'nvidia', machine: 'linux', tensorflow: 'present', 'tensorflow-build': 'cpu' },
    effect: 'cpu-only',
    text: 'TensorFlow {tensorflow} is a build for the CPU: it never looks for the NVIDIA GPU.',
    fixes: [INSTEAD],
    sources: ['tf-docs-pip'],
    confidence: 'high',
  },
  {
    id: 'tensorflow-rocm-build',
    topic: 'tensorflow',
    when: { gpu: 'nvidia', machine: 'linux', tensorflow: 'present', 'tensorflow-build': 'rocm' },
    effect: 'cpu-only',
    text: 'TensorFlow {tensorflow} is a build for AMD GPUs (ROCm): it cannot use the NVIDIA GPU.',
    fixes: [INSTEAD],
    sources: ['rocm-tf'],
    confidence: 'high',
  },
  {
    id: 'tensorflow-cuda12-driver',
    topic: 'tensorflow',
    when: { gpu: 'nvidia', machine: 'linux', tensorflow: '>=2.15', driver: `<${CUDA_FLOOR[12]}` },
    effect: 'fails',
    text: `TensorFlow {tensorflow} was built for CUDA 12, which needs the NVIDIA driver ${CUDA_FLOOR[12]}; this is {driver}.`,
    fixes: [UPDATE_DRIVER],
    sources: ['tf-docs-pip', 'nvidia-minor'],
    confidence: 'high',
  },
  {
    id: 'tensorflow-cuda11-driver',
    topic: 'tensorflow',
    when: {
      gpu: 'nvidia',
      machine: 'linux',
      tensorflow: '>=2.5,<2.15',
      driver: `<${CUDA_FLOOR[11]}`,
    },
    effect: 'fails',
    text: `TensorFlow {tensorflow} was built for CUDA 11, which needs the NVIDIA driver ${CUDA_FLOOR[11]}; this is {driver}.`,
    fixes: [UPDATE_DRIVER],
    sources: ['tf-docs-source', 'nvidia-minor'],
    confidence: 'high',
  },
  {
    id: 'tensorflow-no-driver',
    topic: 'tensorflow',
    when: { gpu: 'nvidia', machine: 'linux', tensorflow: 'present', driver: 'absent' },
    effect: 'cpu-only',
    text: 'TensorFlow {tensorflow} runs on the CPU: no NVIDIA driver is loaded.',
    fixes: [{ text: "Install the NVIDIA driver with your distribution's packages, then restart." }],
    sources: ['tf-docs-pip'],
    confidence: 'high',
  },
  {
    id: 'tensorflow-no-cuda12-libraries',
    topic: 'tensorflow',
    when: {
      gpu: 'nvidia',
      machine: 'linux',
      tensorflow: '>=2.15',
      'nvidia-cuda-runtime-cu12': 'absent',
    },
    effect: 'hazard',
    text: 'TensorFlow {tensorflow} needs the libraries of CUDA 12, which this environment does not hold: the GPU is used only where the system has them.',
    fixes: [AND_CUDA],
    sources: ['tf-docs-pip', 'tf-docs-source', 'heartkit-locks'],
    confidence: 'medium',
  },
  {
    id: 'tensorflow-no-cuda11-libraries',
    topic: 'tensorflow',
    when: {
      gpu: 'nvidia',
      machine: 'linux',
      tensorflow: '==2.14.*',
      'nvidia-cuda-runtime-cu11': 'absent',
    },
    effect: 'hazard',
    text: 'TensorFlow {tensorflow} needs the libraries of CUDA 11.8, which this environment does not hold: the GPU is used only where the system has them.',
    fixes: [{ ...AND_CUDA, pip: ['tensorflow[and-cuda]==2.14.*'], python: '>=3.9,<3.12' }],
    sources: ['tf-docs-source', 'heartkit-locks'],
    confidence: 'medium',
  },
  {
    id: 'tensorflow-windows',
    topic: 'tensorflow',
    when: { machine: 'windows', tensorflow: '>=2.11' },
    effect: 'cpu-only',
    text: 'TensorFlow {tensorflow} runs on the CPU: 2.10 was the last that reached a GPU on Windows itself.',
    fixes: [{ text: 'Install it inside WSL 2.', command: 'wsl --install' }],
    sources: ['tf-docs-pip'],
    confidence: 'high',
  },
  {
    id: 'tensorflow-cuda',
    topic: 'tensorflow',
    when: { gpu: 'nvidia', machine: 'linux', tensorflow: 'present', driver: 'present' },
    effect: 'works',
    text: 'TensorFlow {tensorflow} finds what it needs for the NVIDIA GPU (driver {driver}).',
    sources: ['tf-docs-source', 'tf-docs-pip'],
    confidence: 'medium',
  },
  ...cudnnRules,
  ...kerasRules,
  ...pythonRules,
  {
    id: 'python-without-tensorflow-metal',
    when: {
      machine: 'apple-silicon',
      chosen: 'yes',
      python: '>=3.13',
      tensorflow: 'absent',
    },
    effect: 'limit',
    text: 'Python {python}: tensorflow-metal has no wheels past Python 3.12, so TensorFlow cannot reach the GPU from here.',
    fixes: [METAL_PAIR],
    sources: ['heartkit-locks', 'pypi-list'],
    confidence: 'medium',
  },
  {
    id: 'python-without-tensorflow',
    when: { chosen: 'yes', python: '>=3.14', tensorflow: 'absent' },
    effect: 'limit',
    text: 'Python {python}: TensorFlow 2.21, the newest, has wheels for Python 3.10 to 3.13.',
    sources: ['tf-docs-source'],
    confidence: 'high',
  },
];
