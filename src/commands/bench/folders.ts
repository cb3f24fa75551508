import { join } from 'node:path';

/** `DIR/cnn/webgpu-0`: where --save-tensors puts the files of one workload on one device. */
export function tensorFolder(root: string, workload: string, device: string): string {
  return join(root, workload, device.replace(':', '-'));
}
