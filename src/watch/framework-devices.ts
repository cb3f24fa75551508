import { FRAMEWORKS } from '../frameworks/catalog.js';
import { isCpuDevice } from '../result/framework-devices.js';
import type { WatchedFramework } from '../result/schema.js';

/** What a framework's record says of where its ops ran. */

/** Devices for tensors without data run nothing. */
const isNone = (device: string) => device === 'meta';

/** The GPUs on which ops were seen. */
export function gpusOf({ devices }: Pick<WatchedFramework, 'devices'>): string[] {
  return devices.filter((device) => !isCpuDevice(device) && !isNone(device));
}

/** `PyTorch 2.9.0`. */
export function titleOf({ framework, version }: WatchedFramework): string {
  const id = Object.keys(FRAMEWORKS).find((known) => known === framework);
  const title = id === undefined ? framework : FRAMEWORKS[id as keyof typeof FRAMEWORKS].title;
  return `${title} ${version}`;
}

/** Whether ops were counted at all: then those that are missing did not run while it counted. */
export function hasCounted({ counted, ops }: WatchedFramework): boolean {
  return counted !== 'off' && ops.length > 0;
}
