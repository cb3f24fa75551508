import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { writeNpy } from '../../../src/runner/npy.js';

const folder = mkdtempSync(join(tmpdir(), 'mpsbench-npy-'));

it('writes format 1.0: magic, padded header, little-endian data', () => {
  const path = join(folder, 'x.npy');
  writeNpy(path, Float32Array.of(1, 2, 3, 4, 5, 6), [2, 3]);
  const bytes = readFileSync(path);
  expect(bytes.subarray(0, 8).toString('latin1')).toBe('\x93NUMPY\x01\x00');
  const headerLength = bytes.readUInt16LE(8);
  expect((10 + headerLength) % 64).toBe(0);
  const header = bytes.subarray(10, 10 + headerLength).toString('latin1');
  expect(header.trimEnd()).toBe("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }");
  expect(bytes.readFloatLE(10 + headerLength + 4 * 5)).toBe(6);
  expect(bytes.length).toBe(10 + headerLength + 24);
});

it('writes float64, and one-dimensional shapes with a comma', () => {
  const path = join(folder, 'y.npy');
  writeNpy(path, Float64Array.of(0.1), [1]);
  const text = readFileSync(path).toString('latin1');
  expect(text).toContain("'<f8'");
  expect(text).toContain("'shape': (1,)");
});

it('leaves nothing behind if it fails', () => {
  const path = join(folder, 'full', 'taken.npy');
  mkdirSync(path, { recursive: true });
  expect(() => writeNpy(path, Float32Array.of(1), [1])).toThrow(
    expect.objectContaining({ code: 'io', message: `${path} could not be written (EISDIR).` }),
  );
  expect(readdirSync(join(folder, 'full'))).toEqual(['taken.npy']);
});

const hasNumpy = (() => {
  try {
    execFileSync('python3', ['-c', 'import numpy'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
})();

it.skipIf(!hasNumpy)('NumPy reads it (skipped without NumPy)', () => {
  const path = join(folder, 'z.npy');
  writeNpy(path, Float32Array.of(1.5, -2, 0.25, 8), [2, 2]);
  const read = execFileSync('python3', [
    '-c',
    'import numpy,sys; print(numpy.load(sys.argv[1]).tolist())',
    path,
  ]);
  expect(read.toString().trim()).toBe('[[1.5, -2.0], [0.25, 8.0]]');
});
