import { existsSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { parseOtool, readBinary } from '../../../scripts/release/binary.mjs';
import { objections } from '../../../scripts/release/check.mjs';
import { PLATFORMS, packageName, platformOf } from '../../../scripts/release/platforms.mjs';
import { candidates } from '../../../src/backends/native/load.js';

const ADDON = fileURLToPath(new URL('../../../build/Release/mpsbench.node', import.meta.url));

/** As otool prints it, recorded from an addon for macOS; the load commands given replace its own. */
const otool = (...commands: string[]) => `addon.node:
Mach header
      magic cputype cpusubtype  caps    filetype ncmds sizeofcmds      flags
MH_MAGIC_64   ARM64        ALL  0x00       DYLIB    24       3184   NOUNDEFS DYLDLINK TWOLEVEL
${commands.map((command, index) => `Load command ${index}\n${command}`).join('\n')}
Load command 10
      cmd LC_SOURCE_VERSION
  cmdsize 16
  version 0.0
`;
const library = (path: string) => `          cmd LC_LOAD_DYLIB
      cmdsize 88
         name ${path} (offset 24)
   time stamp 2 Thu Jan  1 00:00:02 1970
      current version 24.0.0
compatibility version 1.0.0`;
const minimum = (version: string) => `       cmd LC_BUILD_VERSION
   cmdsize 32
  platform macos
       sdk 26.5
     minos ${version}
    ntools 1
      tool ld
   version 1267.0`;

describe('what a binary says of itself', () => {
  test('Mach-O: processor, libraries, oldest macOS', () => {
    expect(parseOtool(otool(library('/usr/lib/libc++.1.dylib'), minimum('13.0')))).toEqual({
      format: 'Mach-O',
      machine: 'arm64',
      libraries: ['/usr/lib/libc++.1.dylib'],
      floor: [13, 0],
    });
    const older = '      cmd LC_VERSION_MIN_MACOSX\n  cmdsize 16\n  version 10.15';
    expect(parseOtool(otool(older)).floor).toEqual([10, 15]);
  });

  test.runIf(process.platform === 'linux' && existsSync(ADDON))('ELF: this build', () => {
    const binary = readBinary(ADDON);
    expect(binary.format).toBe('ELF');
    expect(binary.machine).toBe({ x64: 'x86_64', arm64: 'aarch64' }[process.arch as string]);
    expect(binary.libraries).toContain('libc.so.6');
    expect(binary.floor?.[0]).toBe(2);
    expect(binary.floor?.[1]).toBeGreaterThan(3);
  });

  test('anything else is refused', () => {
    expect(() => readBinary(join(ADDON, '../../../package.json'))).toThrow(
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
    const metal = library('/System/Library/Frameworks/Metal.framework/Versions/A/Metal');
    expect(
      objections(parseOtool(otool(metal, minimum('13.0'))), platformOf('darwin-arm64')),
    ).toEqual([]);
  });

  test.each([
    ['another processor', { machine: 'aarch64' }, /it is ELF for aarch64; linux-x64 needs/],
    ['another library', { libraries: ['libc.so.6', 'libdnnl.so.2'] }, /linked to libdnnl\.so\.2,/],
    ['a newer glibc', { floor: [2, 34] }, /needs glibc 2\.34, and must load from 2\.28 on/],
  ])('%s speaks against it', (_, change, objection) => {
    expect(elf(change)).toEqual([expect.stringMatching(objection)]);
  });

  test('a library of Homebrew and a newer macOS too', () => {
    const text = otool(library('/opt/homebrew/lib/libomp.dylib'), minimum('15.2'));
    expect(objections(parseOtool(text), platformOf('darwin-arm64'))).toEqual([
      expect.stringContaining('/opt/homebrew/lib/libomp.dylib'),
      expect.stringContaining('needs macOS 15.2, and must load from 13.0 on'),
    ]);
  });
});

test('the package of this platform is the one that is looked for', () => {
  const here = PLATFORMS.find(({ os, cpu }) => os === process.platform && cpu === process.arch);
  expect(candidates({})[0]?.path).toBe(here ? packageName(here) : expect.any(String));
});
