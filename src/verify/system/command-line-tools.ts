import { finding, fix } from '../finding.js';
import type { Check } from '../types.js';

/** Apple's Command Line Tools: clang, git and python3 of /usr/bin are stubs without them. */
export const commandLineTools: Check = {
  id: 'system.command-line-tools',
  group: 'system',
  title: "Apple's Command Line Tools",
  sources: ['https://developer.apple.com/documentation/xcode/installing-the-command-line-tools'],
  applies: ({ platform }) => platform === 'darwin',
  async run({ source }) {
    const folder = (await source.exec('/usr/bin/xcode-select', ['-p']))?.trim() ?? '';
    if (folder.startsWith('/'))
      return [finding(commandLineTools, 'pass', `installed in ${folder}`)];
    return [
      finding(
        commandLineTools,
        'warning',
        'The Command Line Tools are not installed: packages without a wheel cannot be built, and /usr/bin/python3 does not start.',
        { fixes: [fix('Install them.', 'xcode-select --install')] },
      ),
    ];
  },
};
