import { type RuleFix, UPDATE_DRIVER } from '../../frameworks/faults/fix.js';
import { CUDA_FLOOR } from './cuda-drivers.js';
import { FITTING_TORCH } from './driver-fixes.js';
import { accessRules, noGpuRules } from './nvidia-access.js';
import { COMPANION_RULES } from './pytorch-companions.js';
import { MPS_RULES, onMac, UPDATE_MACOS } from './pytorch-mps.js';
import { outside, pythonWords } from './ranges.js';
import type { Rule } from './types.js';

const ARM64: RuleFix = {
  text: 'Install PyTorch into an environment with an arm64 Python.',
  pip: ['torch'],
  python: '>=3.10,<3.15',
};

/** What each minor version was released for. */
export const TORCH_PYTHONS = [
  { torch: '1.12', python: '>=3.7,<3.11' },
  { torch: '1.13', python: '>=3.7,<3.12' },
  { torch: '2.0', python: '>=3.8,<3.12' },
  { torch: '2.1', python: '>=3.8,<3.12' },
  { torch: '2.2', python: '>=3.8,<3.13' },
  { torch: '2.3', python: '>=3.8,<3.13' },
  { torch: '2.4', python: '>=3.8,<3.13' },
  { torch: '2.5', python: '>=3.9,<3.13' },
  { torch: '2.6', python: '>=3.9,<3.14' },
  { torch: '2.7', python: '>=3.9,<3.14' },
  { torch: '2.8', python: '>=3.9,<3.14' },
  { torch: '2.9', python: '>=3.10,<3.15' },
  { torch: '2.10', python: '>=3.10,<3.15' },
  { torch: '2.11', python: '>=3.10,<3.15' },
  { torch: '2.12', python: '>=3.10,<3.15' },
  { torch: '2.13', python: '>=3.10,<3.15' },
] as const;

const torch = {
  id: 'torch',
  topic: 'torch',
  fact: 'torch',
  name: 'PyTorch',
  check: 'pytorch',
  gpuBuild: { 'torch-build': 'cuda' },
} as const;
const onNvidia = { gpu: 'nvidia', torch: 'present' } as const;

export const PYTORCH_RULES: readonly Rule[] = [
  {
    id: 'torch-rosetta',
    topic: 'torch',
    when: { ...onMac, interpreter: 'x86_64' },
    effect: 'hazard',
    text: 'PyTorch {torch} for x86_64 runs under Rosetta: MPS may be available, but slower, and x86_64 wheels for macOS ended with 2.2.2.',
    fixes: [ARM64],
    sources: ['pt-test-infra', 'pt-pr-141182', 'pt-wheel-log'],
  },
  {
    id: 'torch-intel-mac',
    topic: 'torch',
    when: { machine: 'intel-mac', torch: '>=1.12' },
    effect: 'cpu-only',
    text: 'PyTorch {torch} on an Intel Mac: wheels ended with 2.2.2, and MPS on AMD GPUs is no longer maintained.',
    sources: ['pt-pr-141182', 'pt-test-infra', 'pt-apple-page'],
    conflict: "Apple's page still names AMD GPUs and x86_64",
  },
  {
    id: 'torch-before-mps',
    topic: 'torch',
    when: { ...onMac, torch: '<1.12' },
    effect: 'cpu-only',
    text: 'PyTorch {torch} runs on the CPU: MPS began with 1.12.',
    // pip keeps what is installed unless it is told to upgrade.
    fixes: [{ ...ARM64, text: 'Install a PyTorch that has MPS.', pip: ['--upgrade', 'torch'] }],
    sources: ['pt-apple-page'],
  },
  {
    id: 'torch-macos-12.3',
    topic: 'torch',
    when: { ...onMac, macos: '<12.3' },
    effect: 'fails',
    text: 'MPS needs macOS 12.3; this is {macos}: PyTorch {torch} runs on the CPU.',
    fixes: [UPDATE_MACOS],
    sources: ['pt-apple-page', 'pt-mps-doc'],
  },
  macosRule('2.12', '>=2.12', '14.0', '<2.9', '>=3.9,<3.14', {
    text: 'PyTorch {torch} and its wheels need macOS 14; this is {macos}.',
    sources: ['pt-pr-179083', 'pt-nixhashes', 'pt-locks'],
  }),
  macosRule('2.9', '>=2.9,<2.12', '14.0', '<2.9', '>=3.9,<3.14', {
    text: 'Since 2.9 MPS needs macOS 14; this is {macos}: PyTorch {torch} runs on the CPU.',
    sources: ['pt-pr-162921', 'pt-pr-177390', 'pt-issue-164943'],
    conflict: 'the documentation and error texts still say 12.3, or 13.0',
  }),
  macosRule('2.5', '>=2.5,<2.9', '13.0', '<2.5', '>=3.8,<3.13', {
    text: 'Since 2.5 MPS needs macOS 13; this is {macos}: PyTorch {torch} runs on the CPU.',
    sources: ['pt-pr-133141', 'pt-issue-139425'],
    conflict: 'the documentation and error texts still say 12.3',
  }),
  {
    id: 'torch-mps',
    topic: 'torch',
    when: { ...onMac, torch: '>=1.12' },
    effect: 'works',
    text: 'PyTorch {torch} reaches the GPU through MPS',
    sources: ['pt-mps-doc', 'pt-apple-page'],
    needs: ['interpreter', 'wheel', 'macos', 'requirements'],
  },
  ...accessRules(torch),
  {
    id: 'torch-rocm-build',
    topic: 'torch',
    when: { ...onNvidia, 'torch-build': 'rocm' },
    effect: 'cpu-only',
    text: 'PyTorch {torch} is a build for AMD GPUs (ROCm): it cannot use the NVIDIA GPU.',
    fixes: [FITTING_TORCH],
    sources: ['pt-release-matrix'],
  },
  {
    id: 'torch-cpu-build-jetson',
    topic: 'torch',
    when: { ...onNvidia, nvidia: 'jetson', 'torch-build': 'cpu' },
    effect: 'cpu-only',
    text: "PyTorch {torch} is a build for the CPU: PyPI's wheels for aarch64 do not support the GPU of a Jetson.",
    fixes: [
      {
        text: "Install NVIDIA's build for this release of Jetson Linux.",
        pip: ['--force-reinstall', 'torch'],
        index: 'jetson',
      },
    ],
    sources: ['jetson-pytorch'],
  },
  {
    id: 'torch-cpu-build',
    topic: 'torch',
    when: { ...onNvidia, 'torch-build': 'cpu' },
    effect: 'cpu-only',
    text: 'PyTorch {torch} is a build for the CPU: it cannot use the NVIDIA GPU.',
    fixes: [FITTING_TORCH],
    sources: ['pt-test-infra', 'pt-release-matrix', 'pt-issue-168065', 'pt-issue-160162'],
  },
  ...Object.entries(CUDA_FLOOR).map(
    ([cuda, floor]): Rule => ({
      id: `torch-cuda${cuda}-driver`,
      topic: 'torch',
      when: { ...onNvidia, 'torch-cuda': `==${cuda}.*`, driver: `<${floor}` },
      effect: 'fails',
      text: `PyTorch {torch} was built for CUDA {torch-cuda}, which needs the NVIDIA driver ${floor}; this is {driver}.`,
      fixes: [FITTING_TORCH, UPDATE_DRIVER],
      sources: ['nvidia-minor', 'nvidia-table3'],
    }),
  ),
  {
    id: 'torch-no-gpu-code',
    topic: 'torch',
    when: { ...onNvidia, 'torch-build': 'cuda', 'torch-gpu-code': 'none' },
    effect: 'fails',
    text: 'PyTorch {torch} for CUDA {torch-cuda} has no code for this GPU ({gpu-model}, {gpu-sm}): it was built for {torch-coverage}.',
    fixes: [FITTING_TORCH],
    sources: ['pt-release-matrix', 'pt-build-script', 'pt-builder-script', 'pt-issue-110153'],
  },
  {
    id: 'torch-cuda',
    topic: 'torch',
    when: { ...onNvidia, 'torch-build': 'cuda' },
    effect: 'works',
    text: 'PyTorch {torch} for CUDA {torch-cuda} reaches the NVIDIA GPU',
    sources: ['nvidia-minor', 'pt-release-matrix'],
    needs: ['interpreter', 'wheel', 'driver', 'torch-gpu-code', 'requirements'],
  },
  {
    id: 'torch-unknown-build',
    topic: 'torch',
    when: { ...onNvidia },
    effect: 'unknown',
    text: 'The files of PyTorch {torch} do not tell whether it was built for CUDA.',
    fixes: [{ text: 'Ask PyTorch itself.', command: 'mpsbench verify --probe pytorch' }],
    sources: ['pt-release-matrix'],
  },
  ...noGpuRules(torch),
  ...COMPANION_RULES,
  ...MPS_RULES,
  {
    id: 'torch-duplicate-openmp',
    when: { machine: 'apple-silicon|intel-mac', torch: 'present', openmp: 'present' },
    effect: 'undeclared',
    text: 'Two OpenMP runtimes: pip\'s PyTorch brings its own beside {openmp} of this environment. Programs may abort with "OMP: Error #15".',
    fixes: [
      {
        text: 'Install PyTorch from conda too, so that both share one runtime.',
        conda: ['pytorch'],
      },
    ],
    sources: ['pt-issue-78490', 'pt-issue-44282'],
  },
  ...TORCH_PYTHONS.map(
    ({ torch, python }): Rule => ({
      id: `torch-${torch}-python`,
      when: { torch: `==${torch}.*`, python: outside(python), 'torch-by-conda': 'absent' },
      effect: 'undeclared',
      text: `PyTorch ${torch} has no wheels for Python {python} (only for ${pythonWords(python)}).`,
      fixes: [
        {
          text: 'Create an environment with a Python that it has wheels for.',
          pip: [`torch==${torch}.*`],
          index: 'torch',
          python,
        },
      ],
      sources: ['pt-test-infra'],
    }),
  ),
];

/** MPS of a range of releases needs a newer macOS; an older release works on this one. */
function macosRule(
  id: string,
  range: string,
  macos: string,
  older: string,
  python: string,
  rest: Pick<Rule, 'text' | 'sources' | 'conflict'>,
): Rule {
  return {
    id: `torch-${id}-macos-${macos.split('.')[0]}`,
    topic: 'torch',
    when: { ...onMac, torch: range, macos: `<${macos}` },
    effect: 'fails',
    ...rest,
    fixes: [
      UPDATE_MACOS,
      { text: 'Or install the last release for this macOS.', pip: [`torch${older}`], python },
    ],
  };
}
