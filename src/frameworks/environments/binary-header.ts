/** Bytes of a file that hold its architecture: a fat header of twenty slices fits. */
export const HEADER_BYTES = 1024;

/** Formats of interpreters, each told by its first bytes. */
const FAT = 0xcafebabe;
const FAT_64 = 0xcafebabf;
const MACH_O = 0xfeedface;
const MACH_O_64 = 0xfeedfacf;
const ELF = 0x7f454c46;
const PE_SIGNATURE = 0x50450000;

/** A Java class begins with the bytes of a fat binary, followed by a version above 40. */
const MOST_SLICES = 20;

/** `cputype` of mach/machine.h. */
const MACH_CPUS: Readonly<Record<number, string>> = {
  7: 'i386',
  16777223: 'x86_64',
  16777228: 'arm64',
};

/** `e_machine` of the ELF specification. */
const ELF_MACHINES: Readonly<Record<number, string>> = {
  3: 'i386',
  21: 'ppc64',
  22: 's390x',
  40: 'arm',
  62: 'x86_64',
  183: 'aarch64',
  243: 'riscv64',
};

/** `Machine` of the PE/COFF specification. */
const PE_MACHINES: Readonly<Record<number, string>> = {
  332: 'i386',
  34404: 'x86_64',
  43620: 'arm64',
};

/** The architectures that an executable was built for; empty where the bytes are no executable. */
export function readArchitectures(head: Uint8Array): readonly string[] {
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  if (view.byteLength < 20) return [];
  const magic = view.getUint32(0);
  if (magic === FAT || magic === FAT_64) return fatSlices(view, magic === FAT ? 20 : 32);
  if (magic === MACH_O || magic === MACH_O_64) return named(MACH_CPUS, view.getUint32(4));
  const swapped = view.getUint32(0, true);
  if (swapped === MACH_O || swapped === MACH_O_64) {
    return named(MACH_CPUS, view.getUint32(4, true));
  }
  if (magic === ELF) return named(ELF_MACHINES, view.getUint16(18, view.getUint8(5) === 1));
  return isPe(view) ? named(PE_MACHINES, view.getUint16(peOffset(view) + 4, true)) : [];
}

/** Whether the bytes begin a script, which is never taken for an interpreter. */
export function isScript(head: Uint8Array): boolean {
  return head[0] === 0x23 && head[1] === 0x21;
}

function fatSlices(view: DataView, sliceBytes: number): readonly string[] {
  const count = view.getUint32(4);
  if (count > MOST_SLICES) return [];
  const names = Array.from({ length: count }, (_, slice) => 8 + slice * sliceBytes)
    .filter((offset) => offset + 4 <= view.byteLength)
    .flatMap((offset) => named(MACH_CPUS, view.getUint32(offset)));
  return [...new Set(names)];
}

const peOffset = (view: DataView) => (view.byteLength >= 64 ? view.getUint32(60, true) : 0);

function isPe(view: DataView): boolean {
  const offset = peOffset(view);
  if (view.getUint16(0) !== 0x4d5a || offset + 6 > view.byteLength) return false;
  return view.getUint32(offset) === PE_SIGNATURE;
}

function named(names: Readonly<Record<number, string>>, code: number): readonly string[] {
  const name = names[code];
  return name === undefined ? [] : [name];
}
