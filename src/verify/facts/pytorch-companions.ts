import type { Rule } from './types.js';

/** torchvision 0.(n + 15) belongs to PyTorch 2.n; before 2.0 the numbers had another distance. */
const FIRST_TORCHVISION_2 = 15;

/** `2.9` -> `0.24`; undefined if the rule of numbering does not reach. */
export function torchvisionOf(torchSeries: string): string | undefined {
  const [major, minor] = torchSeries.split('.').map(Number);
  if (minor === undefined || Number.isNaN(minor)) return undefined;
  if (major === 2) return `0.${minor + FIRST_TORCHVISION_2}`;
  return major === 1 && minor >= 8 ? `0.${minor + 1}` : undefined;
}

/** torchaudio carries PyTorch's own number, since 2.0; 0.n before. */
export function torchaudioOf(torchSeries: string): string | undefined {
  const [major, minor] = torchSeries.split('.').map(Number);
  if (minor === undefined || Number.isNaN(minor)) return undefined;
  if (major === 2) return `2.${minor}`;
  return major === 1 && minor >= 8 ? `0.${minor}` : undefined;
}

const together = (name: string): Rule['fixes'] => [
  {
    text: 'Install them together, so that pip finds matching releases.',
    pip: ['--force-reinstall', 'torch', name],
    conda: ['pytorch', name],
    index: 'torch',
  },
];

/** torchvision and torchaudio have ops compiled against one PyTorch. */
export const COMPANION_RULES: readonly Rule[] = [
  {
    id: 'torchvision-other-release',
    when: { torch: 'present', torchvision: 'present', 'torchvision-fit': 'other-release' },
    effect: 'fails',
    text: 'torchvision {torchvision} does not match PyTorch {torch}, which needs {torchvision-wanted}: importing it fails with "operator torchvision::nms does not exist".',
    fixes: together('torchvision'),
    sources: ['torchvision-table', 'pt-issue-157648'],
  },
  {
    id: 'torchvision-other-build',
    when: { torch: 'present', torchvision: 'present', 'torchvision-fit': 'other-build' },
    effect: 'fails',
    text: 'torchvision {torchvision} is a build for another CUDA version than PyTorch {torch}: importing it fails with "operator torchvision::nms does not exist", or its ops do not run on the GPU.',
    fixes: together('torchvision'),
    sources: ['vision-issue-8985', 'pt-issue-157648'],
  },
  {
    id: 'torchaudio-other-release',
    when: { torch: 'present', torchaudio: 'present', 'torchaudio-fit': 'other-release' },
    effect: 'fails',
    text: 'torchaudio {torchaudio} does not match PyTorch {torch}, which needs {torchaudio-wanted}: importing it fails.',
    fixes: together('torchaudio'),
    sources: ['torchaudio-table'],
  },
  {
    id: 'torchaudio-other-build',
    when: { torch: 'present', torchaudio: 'present', 'torchaudio-fit': 'other-build' },
    effect: 'fails',
    text: 'torchaudio {torchaudio} is a build for another CUDA version than PyTorch {torch}: importing it fails.',
    fixes: together('torchaudio'),
    sources: ['torchaudio-table'],
  },
];
