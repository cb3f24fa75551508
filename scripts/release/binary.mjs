/**
 * What a shared object says about the machines it loads on, read from the file: ELF as in the ELF-64
 * and GNU symbol-versioning specifications, Mach-O as in mach-o/loader.h. Little-endian, 64 bits.
 */

/**
 * @typedef {object} Binary
 * @property {'ELF' | 'Mach-O'} format
 * @property {string} machine `x86_64`, `aarch64`, `arm64`, …
 * @property {string[]} libraries that it is linked to
 * @property {[number, number] | undefined} floor the oldest glibc, or the oldest macOS
 */

const ELF_MACHINES = { 62: 'x86_64', 183: 'aarch64' };
const MACH_O_CPUS = { 16777223: 'x86_64', 16777228: 'arm64' };
const MACH_O_64 = 0xfeedfacf;

/**
 * @param {Buffer} bytes
 * @returns {Binary}
 * @throws {Error} where it is neither
 */
export function readBinary(bytes) {
  if (bytes.length > 64 && bytes.readUInt32BE(0) === 0x7f454c46) return readElf(bytes);
  if (bytes.length > 32 && bytes.readUInt32LE(0) === MACH_O_64) return readMachO(bytes);
  throw new Error('neither an ELF nor a Mach-O file of 64 bits');
}

const DT = { needed: 1n, strings: 5n, versions: 0x6ffffffen };
const PT = { load: 1, dynamic: 2 };

function readElf(bytes) {
  const number = (offset) => Number(bytes.readBigUInt64LE(offset));
  const segments = Array.from({ length: bytes.readUInt16LE(56) }, (_, index) => {
    const at = number(32) + index * bytes.readUInt16LE(54);
    const [type, offset] = [bytes.readUInt32LE(at), number(at + 8)];
    return { type, offset, address: number(at + 16), size: number(at + 32) };
  });
  const offsetOf = (address) => {
    const home = segments.find(
      (one) => one.type === PT.load && address >= one.address && address < one.address + one.size,
    );
    if (!home) throw new Error('an address of the dynamic section lies in no segment');
    return address - home.address + home.offset;
  };
  const dynamic = segments.find(({ type }) => type === PT.dynamic);
  if (!dynamic) throw new Error('no shared object: it has no dynamic section');
  const entries = Array.from({ length: Math.floor(dynamic.size / 16) }, (_, index) => {
    const at = dynamic.offset + index * 16;
    return { tag: bytes.readBigInt64LE(at), value: number(at + 8) };
  });
  const entryOf = (tag) => entries.find((entry) => entry.tag === tag)?.value;
  const strings = offsetOf(entryOf(DT.strings));
  const text = (index) => cString(bytes, strings + index);
  const versions = entryOf(DT.versions);
  const wanted = versions === undefined ? [] : elfVersions(bytes, offsetOf(versions), text);
  return {
    format: 'ELF',
    machine: ELF_MACHINES[bytes.readUInt16LE(18)] ?? 'unknown',
    libraries: entries.filter(({ tag }) => tag === DT.needed).map(({ value }) => text(value)),
    floor: newest(wanted.flatMap((name) => /^GLIBC_(\d+)\.(\d+)/.exec(name)?.slice(1) ?? [])),
  };
}

/** The names in the chain of Verneed and Vernaux records. */
function elfVersions(bytes, start, text) {
  const names = [];
  for (let at = start, step = -1; step !== 0; at += step) {
    step = bytes.readUInt32LE(at + 12);
    let entry = at + bytes.readUInt32LE(at + 8);
    for (let left = bytes.readUInt16LE(at + 2); left > 0; left--) {
      names.push(text(bytes.readUInt32LE(entry + 8)));
      entry += bytes.readUInt32LE(entry + 12);
    }
  }
  return names;
}

const LC = { dylib: 0xc, weakDylib: 0x80000018, minimumMacos: 0x24, buildVersion: 0x32 };

function readMachO(bytes) {
  const binary = {
    format: 'Mach-O',
    machine: MACH_O_CPUS[bytes.readUInt32LE(4)] ?? 'unknown',
    libraries: [],
    floor: undefined,
  };
  let at = 32;
  for (let left = bytes.readUInt32LE(16); left > 0; left--) {
    const command = bytes.readUInt32LE(at);
    if (command === LC.dylib || command === LC.weakDylib) {
      binary.libraries.push(cString(bytes, at + bytes.readUInt32LE(at + 8)));
    }
    if (command === LC.buildVersion) binary.floor = packedVersion(bytes.readUInt32LE(at + 12));
    if (command === LC.minimumMacos) binary.floor = packedVersion(bytes.readUInt32LE(at + 8));
    at += bytes.readUInt32LE(at + 4);
  }
  return binary;
}

/** xxxx.yy.zz in 32 bits. */
const packedVersion = (word) => [word >>> 16, (word >>> 8) & 0xff];

const cString = (bytes, start) => bytes.toString('utf8', start, bytes.indexOf(0, start));

/** @param {string[]} parts major and minor in turn */
function newest(parts) {
  const versions = Array.from({ length: parts.length / 2 }, (_, index) => [
    Number(parts[2 * index]),
    Number(parts[2 * index + 1]),
  ]);
  return versions.sort((a, b) => a[0] - b[0] || a[1] - b[1]).at(-1);
}
