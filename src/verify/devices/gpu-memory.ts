import { formatBytes } from '../../result/units.js';
import { sourceText } from '../facts/sources.js';
import { type FindingParts, finding, fix } from '../finding.js';
import { hostOf } from '../system/machine.js';
import type { Check } from '../types.js';

const MIB = 2 ** 20;

/** The limit that a user can set, in MiB; 0 leaves it to macOS. */
const LIMIT_KEY = 'iogpu.wired_limit_mb';

/** With less than this left, macOS itself starts to swap. */
const LEFT_FOR_MACOS_BYTES = 4 * 2 ** 30;

/** How much of a Mac's shared memory the GPU may use, and how to change that. */
export const gpuMemory: Check = {
  id: 'devices.gpu-memory',
  group: 'devices',
  title: 'how much memory the GPU of a Mac may use (recommendedMaxWorkingSetSize)',
  sources: [sourceText('gpu-working-set'), sourceText('mlx-large-models')],
  applies: ({ platform }) => platform === 'darwin',
  async run(context) {
    const [{ memoryBytes, arch }, { devices }, told] = await Promise.all([
      hostOf(context),
      context.discovery(),
      context.source.exec('/usr/sbin/sysctl', [LIMIT_KEY]),
    ]);
    if (arch !== 'arm64') {
      return [finding(gpuMemory, 'not-applicable', 'the GPU of an Intel Mac has its own limits')];
    }
    const setMiB = Number(new RegExp(`^${LIMIT_KEY}: (\\d+)`, 'm').exec(told ?? '')?.[1] ?? 0);
    const reached = devices.find(({ backend }) => backend === 'metal')?.memoryBytes;
    const limit = setMiB > 0 ? setMiB * MIB : reached;
    const parts: FindingParts = {
      details: { wiredLimitMiB: setMiB, ...(limit !== undefined && { limitBytes: limit }) },
    };
    if (limit === undefined) {
      const text = 'memory limit of the GPU: not reported without the Metal backend';
      return [finding(gpuMemory, 'not-applicable', text, parts)];
    }
    const share = `the GPU may use ${formatBytes(limit)} of ${formatBytes(memoryBytes)}`;
    if (setMiB > 0 && memoryBytes - limit < LEFT_FOR_MACOS_BYTES) {
      const text = `${LIMIT_KEY} is ${setMiB}: ${share}, which leaves too little for macOS.`;
      return [
        finding(gpuMemory, 'warning', text, {
          ...parts,
          fixes: [fix('Leave the limit to macOS (needs root).', `sudo sysctl ${LIMIT_KEY}=0`)],
        }),
      ];
    }
    const how =
      setMiB > 0
        ? `${LIMIT_KEY} is ${setMiB}, until the next restart`
        : `macOS's default; sudo sysctl ${LIMIT_KEY}=MIB changes it until the next restart`;
    return [finding(gpuMemory, 'pass', `${share} (${how})`, parts)];
  },
};
