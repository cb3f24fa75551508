import { existsSync, mkdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { MpsbenchError } from '../errors.js';
import type { DeviceInfo } from '../result/schema.js';
import type { BenchSettings } from './settings.js';

/** `DIR/cnn/webgpu-0`: where --save-tensors puts the files of one workload on one device. */
export function tensorFolder(root: string, workload: string, device: string): string {
  return join(root, workload, device.replaceAll(':', '-'));
}

/**
 * Makes every folder of --save-tensors, so that a bad one is known before anything is measured.
 * @throws MpsbenchError `io`
 */
export function makeTensorFolders(
  { saveTensors, workloads }: Pick<BenchSettings, 'saveTensors' | 'workloads'>,
  devices: readonly DeviceInfo[],
): void {
  if (saveTensors === undefined) return;
  try {
    for (const { workload } of workloads) {
      for (const { id } of devices) makeFolder(tensorFolder(saveTensors, workload.id, id));
    }
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    throw new MpsbenchError(
      'io',
      `The folder ${saveTensors} for the tensors could not be made (${code ?? message}).`,
      'Name a folder that can be written with --save-tensors DIR.',
      { cause },
    );
  }
}

/**
 * Makes a folder and those above it. Node's own recursive mkdir never ends where a folder that is
 * there answers ENOENT to a new name, as /proc does (seen with Node 20).
 */
function makeFolder(path: string): void {
  const above = dirname(path);
  if (above !== path && !existsSync(above)) makeFolder(above);
  try {
    mkdirSync(path);
  } catch (error) {
    if (!statSync(path, { throwIfNoEntry: false })?.isDirectory()) throw error;
  }
}
