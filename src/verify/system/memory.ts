import { formatBytes } from '../../result/units.js';
import { sourceText } from '../facts/sources.js';
import { finding, fix } from '../finding.js';
import type { Check } from '../types.js';
import { conditionsOf, hostOf } from './machine.js';

/** The least that Macs with Apple silicon are sold with. */
const ENOUGH_BYTES = 7.5 * 2 ** 30;
/** Below this, the example workloads themselves may not fit. */
const LEAST_FREE_BYTES = 2 ** 29;

/** Memory of the host, which the GPU of Apple silicon shares. */
export const memory: Check = {
  id: 'system.memory',
  group: 'system',
  title: 'memory of the machine',
  sources: [sourceText('gpu-working-set')],
  applies: () => true,
  async run(context) {
    const [{ memoryBytes, arch }, { freeMemoryBytes }] = await Promise.all([
      hostOf(context),
      conditionsOf(context),
    ]);
    const total = `${formatBytes(memoryBytes)} memory`;
    const shared = context.platform === 'darwin' && arch === 'arm64' ? ', shared with the GPU' : '';
    if (memoryBytes < ENOUGH_BYTES) {
      return [
        finding(memory, 'warning', `${total}${shared}: low for machine learning.`, {
          fixes: [fix('Use small batches, and close other programs.')],
        }),
      ];
    }
    // macOS counts what it could give back as used: its free memory says little.
    if (context.platform === 'linux' && (freeMemoryBytes ?? memoryBytes) < LEAST_FREE_BYTES) {
      return [
        finding(
          memory,
          'warning',
          `${total}, of which ${formatBytes(freeMemoryBytes ?? 0)} free.`,
          {
            fixes: [fix('See which programs use it.', 'ps aux --sort=-rss | head')],
          },
        ),
      ];
    }
    return [finding(memory, 'pass', `${total}${shared}`)];
  },
};
