import { accessSync, constants, rmdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { MpsbenchError } from '../errors.js';
import { makeFolder } from '../files/make-folder.js';
import type { DeviceInfo } from '../result/schema.js';
import type { BenchSettings } from './settings.js';

/** `/home/me/DIR/cnn/webgpu-0`: where --save-tensors puts the files of one workload on one device. */
export function tensorFolder(root: string, workload: string, device: string): string {
  return join(resolve(root), workload, device.replaceAll(':', '-'));
}

/**
 * Tries to make every folder of --save-tensors, so that a bad one is known before anything is measured. New ones are
 * removed again: whatever saves a tensor makes its folder, and a row that saves none leaves none.
 * @throws MpsbenchError `io`
 */
export function tryTensorFolders(
  { saveTensors, workloads }: Pick<BenchSettings, 'saveTensors' | 'workloads'>,
  devices: readonly DeviceInfo[],
): void {
  if (saveTensors === undefined) return;
  try {
    for (const { workload } of workloads) {
      for (const { id } of devices) {
        const folder = tensorFolder(saveTensors, workload.id, id);
        const made = makeFolder(folder);
        accessSync(folder, constants.W_OK);
        for (const path of made.toReversed()) rmdirSync(path);
      }
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
