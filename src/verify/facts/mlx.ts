import { type RuleFix, UPDATE_DRIVER } from '../../frameworks/faults/fix.js';
import { accessRules, noGpuRules } from './nvidia-access.js';
import { outside, pythonWords } from './ranges.js';
import type { Rule } from './types.js';

const ARM64: RuleFix = {
  text: 'Install MLX into an environment with an arm64 Python.',
  pip: ['mlx'],
  python: '>=3.10,<3.15',
};

const UPDATE_MACOS: RuleFix = { text: 'Update macOS.', command: 'softwareupdate --list' };

const mlx = {
  id: 'mlx',
  topic: 'mlx',
  fact: 'mlx',
  name: 'MLX',
  check: 'mlx',
  gpuBuild: { 'mlx-backend-version': 'present' },
} as const;
/** The packages that carry MLX's code on Linux, of which there has to be one. */
const noBackend = {
  'mlx-cpu': 'absent',
  'mlx-cuda': 'absent',
  'mlx-cuda-12': 'absent',
  'mlx-cuda-13': 'absent',
} as const;

const MACOS = [
  { mlx: '<0.6', macos: '13.3' },
  { mlx: '>=0.6,<0.30', macos: '13.5' },
  { mlx: '>=0.30', macos: '14.0' },
] as const;

const PYTHONS = [
  { id: '0.18', mlx: '<0.19', python: '>=3.8,<3.13' },
  { id: '0.29', mlx: '>=0.19,<0.30', python: '>=3.9,<3.14' },
  { id: '0.32', mlx: '>=0.30,<0.33', python: '>=3.10,<3.15' },
] as const;

const CUDA = [
  { name: 'mlx-cuda-12', driver: '550.54.14', extra: 'cuda12' },
  { name: 'mlx-cuda-13', driver: '580', extra: 'cuda13' },
] as const;

export const MLX_RULES: readonly Rule[] = [
  {
    id: 'mlx-rosetta',
    topic: 'mlx',
    when: { machine: 'apple-silicon', interpreter: 'x86_64', mlx: 'present' },
    effect: 'fails',
    text: 'MLX runs in arm64 programs only; this Python is for x86_64 and runs under Rosetta.',
    fixes: [ARM64],
    sources: ['mlx-src', 'rosetta-mlx'],
  },
  {
    id: 'mlx-intel-mac',
    topic: 'mlx',
    when: { machine: 'intel-mac', mlx: 'present' },
    effect: 'fails',
    text: 'MLX is for Apple silicon; this is an Intel Mac.',
    sources: ['mlx-src'],
  },
  ...MACOS.map(
    ({ mlx: range, macos }): Rule => ({
      id: `mlx-macos-${macos}`,
      topic: 'mlx',
      when: { machine: 'apple-silicon', mlx: range, macos: `<${macos}` },
      effect: 'fails',
      text: `MLX {mlx} needs macOS ${macos}; this is {macos}.`,
      fixes: [UPDATE_MACOS],
      sources: ['mlx-src'],
    }),
  ),
  {
    id: 'mlx-without-metal',
    topic: 'mlx',
    when: {
      machine: 'apple-silicon',
      mlx: '>=0.29.3',
      'mlx-metal': 'absent',
      'mlx-editable': 'absent',
      'mlx-by-conda': 'absent',
    },
    effect: 'fails',
    text: 'MLX {mlx} needs the package mlx-metal, which is not installed.',
    fixes: [{ text: 'Install it.', pip: ['mlx-metal=={mlx}'] }],
    sources: ['mlx-src', 'pt-locks'],
  },
  {
    id: 'mlx-other-metal',
    topic: 'mlx',
    when: { machine: 'apple-silicon', mlx: '>=0.27.1', 'mlx-metal-version': 'other' },
    effect: 'fails',
    text: 'MLX {mlx} needs mlx-metal of the same version; this environment has {mlx-metal}: its metallib does not match.',
    fixes: [{ text: 'Install the same version.', pip: ['mlx-metal=={mlx}'] }],
    sources: ['mlx-src', 'pt-locks', 'mlx-issue-2402'],
  },
  {
    id: 'mlx-metal',
    topic: 'mlx',
    when: { machine: 'apple-silicon', mlx: 'present' },
    effect: 'works',
    text: 'MLX {mlx} reaches the GPU through Metal',
    sources: ['mlx-src', 'mlx-install'],
    needs: ['interpreter', 'wheel', 'macos', 'requirements'],
  },
  {
    id: 'mlx-neural-accelerators',
    when: { machine: 'apple-silicon', mlx: 'present', chip: 'M5', macos: '<26.2' },
    effect: 'limit',
    text: 'MLX uses the neural accelerators of this GPU from macOS 26.2; this is {macos}.',
    sources: ['mlx-device', 'mlx-src'],
  },
  {
    id: 'mlx-virtual-machine',
    when: { machine: 'apple-silicon', mlx: 'present', 'virtual-machine': 'present' },
    effect: 'hazard',
    text: 'In a virtual machine, test suites of MLX and Metal pass for some projects and hang for others.',
    sources: ['gha-hang', 'gha-14380'],
  },
  {
    id: 'mlx-linux-no-backend',
    topic: 'mlx',
    when: {
      machine: 'linux',
      mlx: '>=0.27.1',
      ...noBackend,
      'mlx-editable': 'absent',
      'mlx-by-conda': 'absent',
    },
    effect: 'fails',
    text: 'MLX {mlx} has no backend: on Linux import mlx.core fails (libmlx.so is missing) without mlx[cpu] or mlx[cuda12].',
    fixes: [
      {
        text: 'Install the CPU backend, or with an NVIDIA GPU mlx[cuda12] instead.',
        pip: ['mlx[{mlx-backend}]=={mlx}'],
      },
    ],
    sources: ['mlx-install', 'mlx-issue-2500'],
  },
  ...accessRules(mlx),
  ...CUDA.flatMap(({ name, driver, extra }): Rule[] => [
    {
      id: `${name}-driver`,
      topic: 'mlx',
      when: { gpu: 'nvidia', mlx: 'present', [name]: 'present', driver: `<${driver}` },
      effect: 'fails',
      text: `${name} needs the NVIDIA driver ${driver}; this is {driver}.`,
      fixes: [
        {
          text: 'Run MLX on the CPU until then.',
          pip: ['mlx[cpu]=={mlx}'],
          uninstall: [name],
        },
        UPDATE_DRIVER,
      ],
      sources: ['mlx-src', 'mlx-install'],
    },
    {
      id: `${name}-old-gpu`,
      topic: 'mlx',
      when: { gpu: 'nvidia', mlx: 'present', [name]: 'present', 'gpu-capability': '<7.5' },
      effect: 'fails',
      text: `${name} needs a GPU of Turing (sm_75) or newer; this is {gpu-model} ({gpu-sm}).`,
      fixes: [{ text: 'Run MLX on the CPU.', pip: ['mlx[cpu]=={mlx}'], uninstall: [name] }],
      sources: ['mlx-install'],
    },
    {
      id: `${name}-other-version`,
      topic: 'mlx',
      when: { gpu: 'nvidia', mlx: 'present', [name]: 'present', 'mlx-backend-version': 'other' },
      effect: 'fails',
      text: `${name} {${name}} does not match MLX {mlx}: both need to be of the same version.`,
      fixes: [{ text: 'Install the same version.', pip: [`mlx[${extra}]=={mlx}`] }],
      sources: ['mlx-src'],
    },
    {
      id: name,
      topic: 'mlx',
      when: { gpu: 'nvidia', mlx: 'present', [name]: 'present' },
      effect: 'works',
      text: `MLX {mlx} reaches the NVIDIA GPU through ${name}`,
      sources: ['mlx-src', 'mlx-install'],
      needs: ['interpreter', 'wheel', 'driver', 'mlx-gpu-code', 'requirements'],
    },
  ]),
  {
    id: 'mlx-cuda-old',
    topic: 'mlx',
    when: { gpu: 'nvidia', mlx: 'present', 'mlx-cuda': 'present' },
    effect: 'hazard',
    text: 'The package mlx-cuda ended with 0.30.0; mlx-cuda-12 and mlx-cuda-13 replaced it.',
    fixes: [
      {
        text: 'Replace it with its successor.',
        uninstall: ['mlx-cuda'],
        pip: ['--upgrade', 'mlx[cuda12]'],
        python: '>=3.10',
      },
    ],
    sources: ['pypi-list', 'mlx-src'],
  },
  {
    id: 'mlx-linux-cpu-old-driver',
    topic: 'mlx',
    when: { gpu: 'nvidia', mlx: 'present', driver: '<550.54.14' },
    effect: 'cpu-only',
    text: 'MLX {mlx} runs on the CPU: its CUDA backend needs the NVIDIA driver 550.54.14; this is {driver}.',
    fixes: [
      { text: 'Without root: use PyTorch, which has builds for this driver.' },
      UPDATE_DRIVER,
    ],
    sources: ['mlx-install'],
  },
  {
    id: 'mlx-linux-cpu',
    topic: 'mlx',
    when: {
      gpu: 'nvidia',
      mlx: 'present',
      'mlx-cuda-12': 'absent',
      'mlx-cuda-13': 'absent',
    },
    effect: 'cpu-only',
    text: 'MLX {mlx} runs on the CPU: its CUDA backend is not installed.',
    fixes: [
      {
        text: 'Install it with its CUDA backend.',
        pip: ['--upgrade', 'mlx[cuda12]'],
        uninstall: ['{mlx-cpu-installed}'],
        python: '>=3.10',
      },
    ],
    sources: ['mlx-src', 'mlx-install'],
  },
  ...noGpuRules(mlx),
  ...PYTHONS.map(
    ({ id, mlx: range, python }): Rule => ({
      id: `mlx-${id}-python`,
      when: {
        mlx: range,
        python: outside(python),
        'mlx-editable': 'absent',
        'mlx-by-conda': 'absent',
      },
      effect: 'undeclared',
      text: `MLX {mlx} has no wheels for Python {python} (only for ${pythonWords(python)}).`,
      fixes: [
        {
          text: 'Create an environment with a Python that it has wheels for.',
          pip: ['mlx=={mlx}'],
          python,
        },
      ],
      sources: ['mlx-src', 'pt-locks'],
    }),
  ),
];
