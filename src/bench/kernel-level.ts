import type { DeviceInfo, KernelLevel } from '../result/schema.js';
import type { Discovery } from '../runner/discover.js';
import type { BenchSettings, ChosenWorkload } from './settings.js';

/**
 * The level of kernels for one comparison: the same for every device in it, so that a hand-fused
 * kernel of one device never races the stock library of another. `auto` means *best* for a single
 * device, and for several only if each of them has fused kernels for the workload.
 */
export function kernelLevelFor(
  { workload }: Pick<ChosenWorkload, 'workload'>,
  { kernels, engine }: Pick<BenchSettings, 'kernels' | 'engine'>,
  devices: readonly Pick<DeviceInfo, 'id' | 'framework'>[],
  fused: Discovery['fused'],
): KernelLevel {
  if (kernels !== 'auto') return kernels;
  // A CPU engine requested by name runs without our own patterns.
  if (engine !== undefined) return 'library';
  // A framework brings its own kernels.
  const native = devices.filter(({ framework }) => !framework);
  if (native.length < 2) return 'best';
  return native.every(({ id }) => fused[id]?.includes(workload.id)) ? 'best' : 'library';
}
