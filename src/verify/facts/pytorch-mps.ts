import type { RuleFix } from '../../frameworks/faults/fix.js';
import type { Rule } from './types.js';

export const UPDATE_MACOS: RuleFix = { text: 'Update macOS.', command: 'softwareupdate --list' };

/** PyTorch on a Mac whose GPU has MPS. */
export const onMac = { machine: 'apple-silicon', torch: 'present' } as const;

/** Where MPS gives wrong numbers, or none. */
export const MPS_RULES: readonly Rule[] = [
  {
    id: 'torch-mps-virtual-machine',
    when: { ...onMac, torch: '>=1.12', 'virtual-machine': 'present' },
    effect: 'hazard',
    text: 'In a virtual machine MPS reports itself as available, which proves little: small memory limits, hangs and wrong results have been reported.',
    sources: ['gha-9918', 'gha-11899', 'gha-14380', 'gha-hang'],
    conflict: "GitHub's staff say that MPS runs on macOS 15 runners",
  },
  {
    id: 'torch-mps-large-k',
    when: { ...onMac, torch: '>=1.12,<2.14', chip: 'M1|M2' },
    effect: 'limit',
    text: 'On M1 and M2, matrix products with an inner size of 32767 or more give wrong numbers before PyTorch 2.14.',
    sources: ['pt-issue-195163', 'pt-issue-193487'],
  },
  {
    id: 'torch-mps-large-batched-k',
    when: { ...onMac, torch: '>=2.14,<2.16', chip: 'M1|M2' },
    effect: 'limit',
    text: 'On M1 and M2, batched matrix products (bmm, einsum) with an inner size of 32767 or more give wrong numbers.',
    sources: ['pt-issue-195163'],
  },
  {
    id: 'torch-macos-26-mpsgraph',
    when: { ...onMac, torch: '>=2.8,<2.14', macos: '==26.*', 'virtual-machine': 'present' },
    effect: 'hazard',
    text: 'In a macOS 26 virtual machine, MPSGraph gave different results than on macOS 15 for one model (one report): compare with the CPU.',
    sources: ['gha-14380'],
  },
  {
    id: 'torch-macos-26-unavailable',
    when: { ...onMac, torch: '>=1.12', macos: '==26.*' },
    effect: 'limit',
    text: 'Some macOS 26 systems report MPS as built but not available, for a reason not yet known: mpsbench verify --probe pytorch tells whether this one does.',
    sources: ['pt-issue-177819', 'pt-issue-167679'],
  },
  {
    id: 'torch-macos-26.3-attention',
    when: { ...onMac, torch: '>=1.12', macos: '==26.3.*' },
    effect: 'limit',
    text: 'On macOS 26.3, attention on MPS is less accurate.',
    sources: ['pt-pr-181742'],
  },
  {
    id: 'torch-2.2-macos-14.4',
    when: { ...onMac, torch: '>=2.2.0,<2.2.2', macos: '==14.4.*' },
    effect: 'wrong-results',
    text: 'PyTorch {torch} on macOS 14.4 gives wrong results or crashes.',
    fixes: [{ text: 'Install 2.2.2 or newer.', pip: ['torch>=2.2.2'], python: '>=3.8,<3.15' }],
    sources: ['pt-issue-122016'],
  },
  {
    id: 'torch-mps-wide-conv1d',
    when: { ...onMac, torch: '>=2.2,<2.5' },
    effect: 'limit',
    text: 'conv1d with more than 65536 output channels gives wrong numbers on MPS.',
    sources: ['pt-issue-129207'],
  },
  {
    id: 'torch-mps-float64',
    when: { ...onMac, torch: '>=1.12' },
    effect: 'limit',
    text: 'float64 tensors cannot be on MPS: Metal has no 64-bit floating point.',
    sources: ['jax-mps-readme'],
  },
];
