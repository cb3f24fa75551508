import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/**
 * What a shared object says about the machines that it loads on.
 * @typedef {object} Binary
 * @property {'ELF' | 'Mach-O'} format
 * @property {string} machine `x86_64`, `aarch64`, `arm64`, ...
 * @property {string[]} libraries that it is linked to
 * @property {[number, number] | undefined} floor the oldest glibc, or the oldest macOS
 */

/**
 * By the tools of the system that built it: readelf of binutils, otool of Xcode.
 * @param {string} file
 * @returns {Binary}
 * @throws {Error} where it is neither
 */
export function readBinary(file) {
  const tool = (name, ...options) =>
    execFileSync(name, [...options, file], { encoding: 'utf8', maxBuffer: 2 ** 28 });
  switch (readFileSync(file).readUInt32BE(0)) {
    case 0x7f454c46:
      return parseReadelf(
        tool('readelf', '--wide', '--file-header', '--dynamic', '--version-info'),
      );
    case 0xcffaedfe:
      return parseOtool(tool('otool', '-h', '-v', '-l'));
    default:
      throw new Error(`${file} is neither an ELF nor a Mach-O file for one 64-bit processor`);
  }
}

const ELF_MACHINES = { 'Advanced Micro Devices X86-64': 'x86_64', AArch64: 'aarch64' };

/** @returns {Binary} */
export function parseReadelf(text) {
  const machine = first(text, /^ *Machine: +(.+)$/m);
  return {
    format: 'ELF',
    machine: ELF_MACHINES[machine] ?? machine,
    libraries: all(text, /\(NEEDED\) +Shared library: \[(.+)\]/g),
    floor: newest(all(text, /\bGLIBC_(\d+\.\d+)/g)),
  };
}

/** @returns {Binary} */
export function parseOtool(text) {
  return {
    format: 'Mach-O',
    machine: first(text, /^ *MH_MAGIC_64 +(\w+)/m).toLowerCase(),
    libraries: all(text, /\bLC_LOAD_(?:WEAK_)?DYLIB\n.*\n +name (.+) \(offset/g),
    // Older tools write LC_VERSION_MIN_MACOSX instead of LC_BUILD_VERSION.
    floor: newest(all(text, /(?:^ *minos|\bLC_VERSION_MIN_MACOSX\n.*\n *version) (\d+\.\d+)/gm)),
  };
}

const first = (text, pattern) => pattern.exec(text)?.[1] ?? 'unknown';
const all = (text, pattern) => [...text.matchAll(pattern)].map(([, found]) => found);

const newest = (versions) =>
  versions
    .map((version) => version.split('.').map(Number))
    .sort(([a, b], [c, d]) => a - c || b - d)
    .at(-1);
