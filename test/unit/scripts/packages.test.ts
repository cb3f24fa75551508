import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { readBinary } from '../../../scripts/release/binary.mjs';
import { objections } from '../../../scripts/release/check.mjs';
import { PLATFORMS, packageName, platformOf } from '../../../scripts/release/platforms.mjs';
import { candidates } from '../../../src/backends/native/load.js';

const ADDON = fileURLToPath(new URL('../../../build/Release/mpsbench.node', import.meta.url));

/** A Mach-O header with these load commands: [number, words after command and size, text]. */
function machO(cpu: number, commands: readonly [number, readonly number[], string?][]): Buffer {
  const header = Buffer.alloc(32);
  header.writeUInt32LE(0xfeedfacf, 0);
  header.writeUInt32LE(cpu, 4);
  header.writeUInt32LE(commands.length, 16);
  const bodies = commands.map(([command, words, text = '']) => {
    const body = Buffer.alloc(8 + 4 * words.length + text.length + 8);
    body.writeUInt32LE(command, 0);
    body.writeUInt32LE(body.length, 4);
    words.forEach((word, index) => {
      body.writeUInt32LE(word, 8 + 4 * index);
    });
    body.write(text, 8 + 4 * words.length);
    return body;
  });
  return Buffer.concat([header, ...bodies]);
}

const library = (path: string): [number, number[], string] => [0xc, [24, 0, 0, 0], path];
const minimum = (major: number, minor: number): [number, number[]] => [
  0x32,
  [1, (major << 16) | (minor << 8), 0, 0],
];
const ARM64 = 16777228;

describe('what a binary says of itself', () => {
  test('Mach-O: processor, libraries, oldest macOS', () => {
    const bytes = machO(ARM64, [library('/usr/lib/libc++.1.dylib'), minimum(13, 0)]);
    expect(readBinary(bytes)).toEqual({
      format: 'Mach-O',
      machine: 'arm64',
      libraries: ['/usr/lib/libc++.1.dylib'],
      floor: [13, 0],
    });
  });

  test.runIf(process.platform === 'linux' && existsSync(ADDON))('ELF: this build', () => {
    const binary = readBinary(readFileSync(ADDON));
    expect(binary.format).toBe('ELF');
    expect(binary.machine).toBe({ x64: 'x86_64', arm64: 'aarch64' }[process.arch as string]);
    expect(binary.libraries).toContain('libc.so.6');
    expect(binary.floor?.[0]).toBe(2);
    expect(binary.floor?.[1]).toBeGreaterThan(3);
  });

  test('anything else is refused', () => {
    expect(() => readBinary(readFileSync(join(ADDON, '../../../package.json')))).toThrow(
      'neither an ELF nor a Mach-O',
    );
  });
});

describe('an addon for every machine of a platform', () => {
  const elf = (change: object) =>
    objections(
      {
        format: 'ELF',
        machine: 'x86_64',
        libraries: ['libm.so.6', 'libc.so.6', 'ld-linux-x86-64.so.2'],
        floor: [2, 28],
        ...change,
      },
      platformOf('linux-x64'),
    );

  test('links the system alone, and an old one', () => {
    expect(elf({})).toEqual([]);
    const bytes = machO(ARM64, [
      library('/System/Library/Frameworks/Metal.framework/Versions/A/Metal'),
      minimum(13, 0),
    ]);
    expect(objections(readBinary(bytes), platformOf('darwin-arm64'))).toEqual([]);
  });

  test.each([
    ['another processor', { machine: 'aarch64' }, /it is ELF for aarch64; linux-x64 needs/],
    ['another library', { libraries: ['libc.so.6', 'libdnnl.so.2'] }, /linked to libdnnl\.so\.2,/],
    ['a newer glibc', { floor: [2, 34] }, /needs glibc 2\.34, and must load from 2\.28 on/],
  ])('%s speaks against it', (_, change, objection) => {
    expect(elf(change)).toEqual([expect.stringMatching(objection)]);
  });

  test('a library of Homebrew and a newer macOS too', () => {
    const bytes = machO(ARM64, [library('/opt/homebrew/lib/libomp.dylib'), minimum(15, 2)]);
    expect(objections(readBinary(bytes), platformOf('darwin-arm64'))).toEqual([
      expect.stringContaining('/opt/homebrew/lib/libomp.dylib'),
      expect.stringContaining('needs macOS 15.2, and must load from 13.0 on'),
    ]);
  });
});

test('the package of this platform is the one that is looked for', () => {
  const here = PLATFORMS.find(({ os, cpu }) => os === process.platform && cpu === process.arch);
  expect(candidates({})[0]?.path).toBe(here ? packageName(here) : expect.any(String));
});
