import { MPS_RULES, onMac, UPDATE_MACOS } from './pytorch-mps.js';
import { outside } from './ranges.js';
import { UPDATE_DRIVER } from './recommended.js';
import type { Rule, RuleFix } from './types.js';

const NEWEST: RuleFix = {
  text: 'Install PyTorch into an environment of an arm64 Python.',
  pip: ['torch'],
  python: '>=3.10,<3.15',
};

/** What each minor version was released for. */
const PYTHONS = [
  { torch: '1.12', python: '>=3.7,<3.11', confidence: 'medium' },
  { torch: '1.13', python: '>=3.7,<3.12', confidence: 'high' },
  { torch: '2.0', python: '>=3.8,<3.12', confidence: 'high' },
  { torch: '2.1', python: '>=3.8,<3.12', confidence: 'high' },
  { torch: '2.2', python: '>=3.8,<3.13', confidence: 'high' },
  { torch: '2.3', python: '>=3.8,<3.13', confidence: 'high' },
  { torch: '2.4', python: '>=3.8,<3.13', confidence: 'high' },
  { torch: '2.5', python: '>=3.9,<3.13', confidence: 'high' },
  { torch: '2.6', python: '>=3.9,<3.14', confidence: 'high' },
  { torch: '2.7', python: '>=3.9,<3.14', confidence: 'high' },
  { torch: '2.8', python: '>=3.9,<3.14', confidence: 'high' },
  { torch: '2.9', python: '>=3.10,<3.15', confidence: 'high' },
  { torch: '2.10', python: '>=3.10,<3.15', confidence: 'high' },
  { torch: '2.11', python: '>=3.10,<3.15', confidence: 'high' },
  { torch: '2.12', python: '>=3.10,<3.15', confidence: 'high' },
  { torch: '2.13', python: '>=3.10,<3.15', confidence: 'high' },
] as const;

/** The driver that loads any toolkit of a CUDA major version. */
const DRIVERS = [
  { cuda: '11', floor: '450.80.02' },
  { cuda: '12', floor: '525.60.13' },
  { cuda: '13', floor: '580' },
] as const;

export const PYTORCH_RULES: readonly Rule[] = [
  {
    id: 'torch-rosetta',
    topic: 'torch',
    when: { ...onMac, interpreter: 'x86_64' },
    effect: 'cpu-only',
    text: 'PyTorch {torch} for x86_64 runs under Rosetta, away from the GPU: its x86_64 wheels ended with 2.2.2.',
    fixes: [NEWEST],
    sources: ['pt-test-infra', 'pt-pr-141182', 'pt-wheel-log'],
    confidence: 'high',
  },
  {
    id: 'torch-intel-mac',
    topic: 'torch',
    when: { machine: 'intel-mac', torch: '>=1.12' },
    effect: 'cpu-only',
    text: 'PyTorch {torch} on an Intel Mac: wheels ended with 2.2.2, and MPS on AMD GPUs is no longer cared for.',
    sources: ['pt-pr-141182', 'pt-test-infra', 'pt-apple-page'],
    confidence: 'high',
    conflict: "Apple's page still names AMD GPUs and x86_64",
  },
  {
    id: 'torch-before-mps',
    topic: 'torch',
    when: { ...onMac, torch: '<1.12' },
    effect: 'cpu-only',
    text: 'PyTorch {torch} runs on the CPU: MPS began with 1.12.',
    fixes: [NEWEST],
    sources: ['pt-apple-page'],
    confidence: 'high',
  },
  {
    id: 'torch-macos-12.3',
    topic: 'torch',
    when: { ...onMac, macos: '<12.3' },
    effect: 'fails',
    text: 'MPS needs macOS 12.3 at least; this is {macos}: PyTorch {torch} runs on the CPU.',
    fixes: [UPDATE_MACOS],
    sources: ['pt-apple-page', 'pt-mps-doc'],
    confidence: 'high',
  },
  {
    id: 'torch-2.12-macos-14',
    topic: 'torch',
    when: { ...onMac, torch: '>=2.12', macos: '<14.0' },
    effect: 'fails',
    text: 'PyTorch {torch} needs macOS 14, by the tag of its wheels too; this is {macos}.',
    fixes: [
      UPDATE_MACOS,
      {
        text: 'Or install the last version for macOS 13.',
        pip: ['torch<2.9'],
        python: '>=3.9,<3.14',
      },
    ],
    sources: ['pt-pr-179083', 'pt-nixhashes', 'pt-locks'],
    confidence: 'high',
  },
  {
    id: 'torch-2.9-macos-14',
    topic: 'torch',
    when: { ...onMac, torch: '>=2.9,<2.12', macos: '<14.0' },
    effect: 'fails',
    text: 'From 2.9, MPS needs macOS 14; this is {macos}: PyTorch {torch} runs on the CPU.',
    fixes: [
      UPDATE_MACOS,
      {
        text: 'Or install the last version for macOS 13.',
        pip: ['torch<2.9'],
        python: '>=3.9,<3.14',
      },
    ],
    sources: ['pt-pr-162921', 'pt-pr-177390', 'pt-issue-164943'],
    confidence: 'high',
    conflict: 'the documentation and error texts still say 12.3, or 13.0',
  },
  {
    id: 'torch-2.5-macos-13',
    topic: 'torch',
    when: { ...onMac, torch: '>=2.5,<2.9', macos: '<13.0' },
    effect: 'fails',
    text: 'From 2.5, MPS needs macOS 13; this is {macos}: PyTorch {torch} runs on the CPU.',
    fixes: [
      UPDATE_MACOS,
      {
        text: 'Or install the last version for macOS 12.',
        pip: ['torch<2.5'],
        python: '>=3.8,<3.13',
      },
    ],
    sources: ['pt-pr-133141', 'pt-issue-139425'],
    confidence: 'high',
    conflict: 'the documentation and error texts still say 12.3',
  },
  {
    id: 'torch-mps',
    topic: 'torch',
    when: { ...onMac, interpreter: 'arm64', macos: '>=12.3' },
    effect: 'works',
    text: 'PyTorch {torch} reaches the GPU through MPS.',
    sources: ['pt-mps-doc', 'pt-apple-page'],
    confidence: 'high',
  },
  {
    id: 'torch-cpu-build',
    topic: 'torch',
    when: { gpu: 'nvidia', torch: 'present', 'torch-build': 'cpu' },
    effect: 'cpu-only',
    text: 'PyTorch {torch} is a build for the CPU: it cannot use the NVIDIA GPU.',
    fixes: [
      {
        text: 'Install the build for CUDA.',
        pip: ['--force-reinstall', 'torch'],
        uninstall: ['torch'],
        python: '>=3.10,<3.15',
      },
    ],
    sources: ['pt-test-infra', 'pt-locks'],
    confidence: 'high',
  },
  {
    id: 'torch-no-driver',
    topic: 'torch',
    when: { gpu: 'nvidia', torch: 'present', driver: 'absent' },
    effect: 'cpu-only',
    text: 'PyTorch {torch} runs on the CPU: no NVIDIA driver is loaded.',
    fixes: [{ text: "Install the NVIDIA driver with your distribution's packages, then restart." }],
    sources: ['nvidia-minor'],
    confidence: 'high',
  },
  ...DRIVERS.map(
    ({ cuda, floor }): Rule => ({
      id: `torch-cuda${cuda}-driver`,
      topic: 'torch',
      when: { gpu: 'nvidia', torch: 'present', 'torch-cuda': `==${cuda}.*`, driver: `<${floor}` },
      effect: 'fails',
      text: `PyTorch {torch} was built for CUDA {torch-cuda}, which needs the NVIDIA driver ${floor}; this is {driver}.`,
      fixes: [UPDATE_DRIVER],
      sources: ['nvidia-minor', 'nvidia-table3'],
      confidence: 'high',
    }),
  ),
  {
    id: 'torch-cuda13-old-gpu',
    topic: 'torch',
    when: {
      gpu: 'nvidia',
      torch: 'present',
      'torch-cuda': '==13.*',
      'gpu-generation': 'maxwell|pascal|volta',
    },
    effect: 'fails',
    text: 'PyTorch {torch} was built for CUDA {torch-cuda}, which has no code for the generation of this GPU ({gpu-model}).',
    fixes: [
      {
        text: 'Install a version that was built for CUDA 12.',
        pip: ['torch<2.11'],
        python: '>=3.10,<3.15',
      },
    ],
    sources: ['nvidia-table3', 'pt-test-infra'],
    confidence: 'medium',
  },
  {
    id: 'torch-cuda',
    topic: 'torch',
    when: { gpu: 'nvidia', torch: 'present', 'torch-build': 'cuda', driver: 'present' },
    effect: 'works',
    text: 'PyTorch {torch} for CUDA {torch-cuda} reaches the NVIDIA GPU (driver {driver}).',
    sources: ['nvidia-minor', 'pt-test-infra'],
    confidence: 'high',
  },
  ...MPS_RULES,
  ...PYTHONS.map(
    ({ torch, python, confidence }): Rule => ({
      id: `torch-${torch}-python`,
      when: { torch: `==${torch}.*`, python: outside(python) },
      effect: 'undeclared',
      text: `PyTorch ${torch} has no wheels for Python {python} (it has ${python}).`,
      fixes: [
        {
          text: 'Make an environment of a Python that it has wheels for.',
          pip: [`torch==${torch}.*`],
          python,
        },
      ],
      sources: ['pt-test-infra'],
      confidence,
    }),
  ),
  {
    id: 'python-without-torch',
    when: { chosen: 'yes', python: '>=3.15', torch: 'absent' },
    effect: 'limit',
    text: 'Python {python}: PyTorch 2.13 has wheels for Python 3.10 to 3.14.',
    sources: ['pt-test-infra'],
    confidence: 'medium',
  },
  {
    id: 'python-too-old-for-torch',
    when: { chosen: 'yes', python: '<3.10', torch: 'absent' },
    effect: 'limit',
    text: 'Python {python}: PyTorch has needed Python 3.10 since 2.9.',
    sources: ['pt-test-infra'],
    confidence: 'high',
  },
];
