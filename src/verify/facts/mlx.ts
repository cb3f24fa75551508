import { outside } from './ranges.js';
import { UPDATE_DRIVER } from './recommended.js';
import type { Rule, RuleFix } from './types.js';

const ARM64: RuleFix = {
  text: 'Install MLX into an environment of an arm64 Python.',
  pip: ['mlx'],
  python: '>=3.10,<3.15',
};

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
  { name: 'mlx-cuda-12', driver: '550.54.14' },
  { name: 'mlx-cuda-13', driver: '580' },
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
    confidence: 'high',
  },
  {
    id: 'mlx-intel-mac',
    topic: 'mlx',
    when: { machine: 'intel-mac', mlx: 'present' },
    effect: 'fails',
    text: 'MLX is for Apple silicon; this is an Intel Mac.',
    sources: ['mlx-src'],
    confidence: 'high',
  },
  ...MACOS.map(
    ({ mlx, macos }): Rule => ({
      id: `mlx-macos-${macos}`,
      topic: 'mlx',
      when: { machine: 'apple-silicon', mlx, macos: `<${macos}` },
      effect: 'fails',
      text: `MLX {mlx} needs macOS ${macos}; this is {macos}.`,
      fixes: [{ text: 'Update macOS.' }],
      sources: ['mlx-src'],
      confidence: 'high',
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
    },
    effect: 'fails',
    text: 'MLX {mlx} needs the package mlx-metal, which is not installed.',
    fixes: [{ text: 'Install it again, with what it needs.', pip: ['--force-reinstall', 'mlx'] }],
    sources: ['mlx-src', 'pt-locks'],
    confidence: 'high',
  },
  {
    id: 'mlx-other-metal',
    topic: 'mlx',
    when: { machine: 'apple-silicon', mlx: '>=0.29.3', 'mlx-metal-version': 'other' },
    effect: 'fails',
    text: 'MLX {mlx} needs mlx-metal of the same version; this environment has {mlx-metal}.',
    fixes: [{ text: 'Install both again.', pip: ['--force-reinstall', 'mlx'] }],
    sources: ['mlx-src', 'pt-locks'],
    confidence: 'high',
  },
  {
    id: 'mlx-metal',
    topic: 'mlx',
    when: { machine: 'apple-silicon', interpreter: 'arm64', mlx: 'present' },
    effect: 'works',
    text: 'MLX {mlx} reaches the GPU through Metal.',
    sources: ['mlx-src'],
    confidence: 'high',
  },
  {
    id: 'mlx-neural-accelerators',
    when: { machine: 'apple-silicon', mlx: 'present', chip: 'M5', macos: '<26.2' },
    effect: 'limit',
    text: 'MLX uses the neural accelerators of this GPU from macOS 26.2; this is {macos}.',
    fixes: [{ text: 'Update macOS.' }],
    sources: ['mlx-device', 'mlx-src'],
    confidence: 'high',
  },
  {
    id: 'mlx-virtual-machine',
    when: { machine: 'apple-silicon', mlx: 'present', 'virtual-machine': 'present' },
    effect: 'hazard',
    text: 'In a virtual machine, test suites of MLX and Metal pass for some projects and hang for others.',
    sources: ['gha-hang', 'gha-14380'],
    confidence: 'medium',
  },
  ...CUDA.flatMap(({ name, driver }): Rule[] => [
    {
      id: `${name}-driver`,
      topic: 'mlx',
      when: { gpu: 'nvidia', mlx: 'present', [name]: 'present', driver: `<${driver}` },
      effect: 'fails',
      text: `${name} needs the NVIDIA driver ${driver}; this is {driver}.`,
      fixes: [UPDATE_DRIVER],
      sources: ['mlx-src'],
      confidence: 'high',
    },
    {
      id: name,
      topic: 'mlx',
      when: { gpu: 'nvidia', mlx: 'present', [name]: 'present', driver: `>=${driver}` },
      effect: 'works',
      text: `MLX {mlx} reaches the NVIDIA GPU through ${name} (driver {driver}).`,
      sources: ['mlx-src'],
      confidence: 'high',
    },
  ]),
  {
    id: 'mlx-cuda-old',
    topic: 'mlx',
    when: { gpu: 'nvidia', mlx: 'present', 'mlx-cuda': 'present' },
    effect: 'hazard',
    text: 'The package mlx-cuda ended with 0.30.0; mlx-cuda-12 and mlx-cuda-13 took its place.',
    fixes: [
      {
        text: 'Change to its successor.',
        uninstall: ['mlx-cuda'],
        pip: ['mlx[cuda12]'],
        python: '>=3.10',
      },
    ],
    sources: ['pypi-list', 'mlx-src'],
    confidence: 'high',
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
    fixes: [{ text: 'Install it with its backend.', pip: ['mlx[cuda12]'], python: '>=3.10' }],
    sources: ['mlx-src'],
    confidence: 'high',
  },
  ...PYTHONS.map(
    ({ id, mlx, python }): Rule => ({
      id: `mlx-${id}-python`,
      when: { mlx, python: outside(python), 'mlx-editable': 'absent' },
      effect: 'undeclared',
      text: `MLX {mlx} has no wheels for Python {python} (it has ${python}).`,
      fixes: [
        {
          text: 'Make an environment of a Python that it has wheels for.',
          pip: ['mlx=={mlx}'],
          python,
        },
      ],
      sources: ['mlx-src', 'pt-locks'],
      confidence: 'high',
    }),
  ),
];
