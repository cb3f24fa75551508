import { dirname } from 'node:path';
import { writeFileAtomic } from '../files/atomic-file.js';
import { makeFolder } from '../files/make-folder.js';
import { formatShape } from '../graph/shapes.js';
import type { HostArray, Shape } from '../graph/types.js';

const MAGIC = '\x93NUMPY\x01\x00';

/** The header of NumPy's format 1.0, padded so that the data starts at a multiple of 64 bytes. */
function header(values: HostArray, shape: Shape): Buffer {
  const descr = values instanceof Float64Array ? '<f8' : '<f4';
  const dict = `{'descr': '${descr}', 'fortran_order': False, 'shape': ${formatShape(shape)}, }`;
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

/** One call of the system takes less than 2 GiB. */
const MOST_BYTES_A_WRITE = 2 ** 30;

function* contents(values: HostArray, shape: Shape): Generator<Uint8Array> {
  yield header(values, shape);
  const data = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  for (let at = 0; at < data.length; at += MOST_BYTES_A_WRITE) {
    yield data.subarray(at, at + MOST_BYTES_A_WRITE);
  }
}

/**
 * Writes a tensor as a .npy file (little-endian, C order) into a folder, which is made if it is missing.
 * @throws MpsbenchError `io`; what is not written in full is not left behind
 */
export function writeNpy(path: string, values: HostArray, shape: Shape): void {
  makeFolder(dirname(path));
  writeFileAtomic(path, contents(values, shape));
}
