import { mkdir, open, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { HostArray } from '../backends/types.js';
import type { Shape } from '../graph/types.js';

const MAGIC = '\x93NUMPY\x01\x00';

/** The header of NumPy's format 1.0, padded so that the data starts at a multiple of 64 bytes. */
function header(values: HostArray, shape: Shape): Buffer {
  const descr = values instanceof Float64Array ? '<f8' : '<f4';
  const tuple = shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(', ')})`;
  const dict = `{'descr': '${descr}', 'fortran_order': False, 'shape': ${tuple}, }`;
  const prefix = MAGIC.length + 2;
  const padded = Math.ceil((prefix + dict.length + 1) / 64) * 64 - prefix;
  const length = Buffer.alloc(2);
  length.writeUInt16LE(padded);
  return Buffer.concat([
    Buffer.from(MAGIC, 'latin1'),
    length,
    Buffer.from(`${dict.padEnd(padded - 1)}\n`, 'latin1'),
  ]);
}

/**
 * Writes a tensor as a .npy file (little-endian, C order), to a temporary name first. Makes the
 * folder.
 */
export async function writeNpy(path: string, values: HostArray, shape: Shape): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const temporary = `${path}.${process.pid}.tmp`;
  const file = await open(temporary, 'w');
  try {
    await file.writeFile(header(values, shape));
    await file.writeFile(Buffer.from(values.buffer, values.byteOffset, values.byteLength));
  } finally {
    await file.close();
  }
  await rename(temporary, path);
}
