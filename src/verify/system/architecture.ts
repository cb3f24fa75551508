import { finding, fix } from '../finding.js';
import type { Check } from '../types.js';
import { hostOf } from './machine.js';

/** Apple silicon or Intel, and whether this Node is translated. */
export const architecture: Check = {
  id: 'system.architecture',
  group: 'system',
  title: 'CPU architecture, and Node.js not running under Rosetta',
  sources: [
    'https://developer.apple.com/documentation/apple-silicon/about-the-rosetta-translation-environment',
    'https://github.com/pytorch/test-infra (PyTorch 2.2 was the last with macOS x86_64 wheels)',
  ],
  applies: () => true,
  async run(context) {
    const { cpu, arch, rosetta } = await hostOf(context);
    const name = `${cpu}, ${arch}`;
    if (rosetta) {
      return [
        finding(
          architecture,
          'warning',
          `${name}, but Node.js is an Intel build running under Rosetta.`,
          {
            fixes: [
              fix(
                'Install Node.js for Apple silicon; this command then prints arm64.',
                'node -p process.arch',
              ),
            ],
          },
        ),
      ];
    }
    if (context.platform === 'darwin' && arch !== 'arm64') {
      return [
        finding(
          architecture,
          'warning',
          `${name}: current frameworks have no GPU wheels for Intel Macs.`,
          { fixes: [fix('Use WebGPU on this machine, or a Mac with Apple silicon.')] },
        ),
      ];
    }
    return [finding(architecture, 'pass', name)];
  },
};
