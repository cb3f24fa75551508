import { loadAddon } from '../backends/native/load.js';
import { formatCpuList, parseCpuList } from '../host/cpu-list.js';

/**
 * Keeps this thread, and those that it starts from now on, on CPUs of this list: a card is reached
 * fastest from its own NUMA node. CPUs that a mask (taskset, cpuset) excludes stay excluded.
 * @returns where it runs now; undefined if nothing changed, because all allowed CPUs are near, none is,
 *   or the system cannot do it
 */
export function pinTo(nearCpus: string | undefined): string | undefined {
  const cpus = parseCpuList(nearCpus);
  const loaded = cpus.length > 0 ? loadAddon() : undefined;
  if (loaded?.state !== 'loaded') return undefined;
  return formatCpuList(loaded.addon.keepOnCpus(cpus)) || undefined;
}
