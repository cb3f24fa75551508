import { MpsbenchError } from '../../errors.js';
import { f16BitsToF32, f32ToF16Bits } from '../../graph/float16.js';
import type { HostArray } from '../../graph/types.js';
import type { KernelDType, Packing } from '../../kernels/kernel.js';
import { BUFFER_ALIGNMENT_BYTES } from '../../kernels/wgsl.js';
import type { Dawn } from './dawn.js';
import type { BufferId } from './lowered.js';

/** Bytes that cross between host and device at once; bounds the staging memory. */
const TRANSFER_BYTES = 64 * 2 ** 20;

export function paddedBytes(bytes: number): number {
  return Math.max(
    BUFFER_ALIGNMENT_BYTES,
    Math.ceil(bytes / BUFFER_ALIGNMENT_BYTES) * BUFFER_ALIGNMENT_BYTES,
  );
}

/**
 * Refuses a graph that the device cannot hold, before anything is allocated: by its largest buffer,
 * and by the sum where the memory's size is known.
 * @throws MpsbenchError `out_of_memory`
 */
export function checkSizes(
  buffers: ReadonlyMap<BufferId, number>,
  maxBufferBytes: number,
  memoryBytes = Number.POSITIVE_INFINITY,
): void {
  let total = 0;
  for (const [id, bytes] of buffers) {
    total += paddedBytes(bytes);
    if (paddedBytes(bytes) <= maxBufferBytes) continue;
    throw new MpsbenchError(
      'out_of_memory',
      `The tensor ${id} needs ${formatMiB(bytes)}; a buffer of this device can have at most ${formatMiB(maxBufferBytes)}.`,
      `Choose sizes at least ${(bytes / maxBufferBytes).toFixed(2)} times smaller for ${id}.`,
    );
  }
  if (total > memoryBytes) {
    throw new MpsbenchError(
      'out_of_memory',
      `The graph needs ${formatMiB(total)}; this device has ${formatMiB(memoryBytes)}.`,
      `Choose sizes at least ${(total / memoryBytes).toFixed(2)} times smaller.`,
    );
  }
}

function formatMiB(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(1)} MiB`;
}

/** Values as the device stores them, padded with zeros to whole words. */
export function encode(values: HostArray, dtype: KernelDType, packing?: Packing): Uint8Array {
  const ordered = packing ? packing.pack(Float32Array.from(values)) : values;
  const encoded = dtype === 'f16' ? f32ToF16Bits(ordered) : Float32Array.from(ordered);
  const bytes = new Uint8Array(encoded.buffer, encoded.byteOffset, encoded.byteLength);
  if (bytes.byteLength % 4 === 0) return bytes;
  const padded = new Uint8Array(Math.ceil(bytes.byteLength / 4) * 4);
  padded.set(bytes);
  return padded;
}

export function upload(device: GPUDevice, buffer: GPUBuffer, bytes: Uint8Array): void {
  for (let offset = 0; offset < bytes.byteLength; offset += TRANSFER_BYTES) {
    const part = bytes.subarray(offset, Math.min(offset + TRANSFER_BYTES, bytes.byteLength));
    device.queue.writeBuffer(buffer, offset, part as Uint8Array<ArrayBuffer>);
  }
}

export async function download(
  device: GPUDevice,
  dawn: Dawn,
  buffer: GPUBuffer,
  bytes: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const result = new Uint8Array(bytes);
  const staging = device.createBuffer({
    size: Math.min(paddedBytes(bytes), TRANSFER_BYTES),
    usage: dawn.usage.MAP_READ | dawn.usage.COPY_DST,
  });
  try {
    for (let offset = 0; offset < bytes; offset += TRANSFER_BYTES) {
      const length = Math.min(TRANSFER_BYTES, bytes - offset);
      const encoder = device.createCommandEncoder();
      encoder.copyBufferToBuffer(buffer, offset, staging, 0, Math.ceil(length / 4) * 4);
      device.queue.submit([encoder.finish()]);
      await staging.mapAsync(dawn.mapMode.READ);
      result.set(new Uint8Array(staging.getMappedRange(), 0, length), offset);
      staging.unmap();
    }
  } finally {
    staging.destroy();
  }
  return result;
}

export function decode(bytes: Uint8Array<ArrayBuffer>, dtype: KernelDType): Float32Array {
  return dtype === 'f16'
    ? f16BitsToF32(new Uint16Array(bytes.buffer))
    : new Float32Array(bytes.buffer);
}
