/** The files of a virtual environment, for a recorded machine: what pip and venv write. */

export interface RecordedPackage {
  readonly name: string;
  readonly version: string;
  readonly tag: string;
  readonly requiresPython?: string;
}

export interface RecordedVenv {
  readonly prefix: string;
  /** `3.11.7`. */
  readonly python: string;
  readonly arch: 'arm64' | 'x86_64' | 'elf-x86_64';
  readonly packages: readonly RecordedPackage[];
}

/** The first bytes of an interpreter: Mach-O 64 (little-endian) or ELF 64. */
const HEADS = {
  arm64: [0xcf, 0xfa, 0xed, 0xfe, 0x0c, 0x00, 0x00, 0x01],
  x86_64: [0xcf, 0xfa, 0xed, 0xfe, 0x07, 0x00, 0x00, 0x01],
  'elf-x86_64': [0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 3, 0, 62, 0],
} as const;

export function recordedVenv({ prefix, python, arch, packages }: RecordedVenv): {
  files: Record<string, string>;
  binaries: Record<string, Uint8Array>;
} {
  const minor = python.split('.').slice(0, 2).join('.');
  const site = `${prefix}/lib/python${minor}/site-packages`;
  const files: Record<string, string> = {
    [`${prefix}/pyvenv.cfg`]: `home = /opt/python/bin\ninclude-system-site-packages = false\nversion = ${python}\n`,
  };
  for (const { name, version, tag, requiresPython } of packages) {
    const folder = `${site}/${name.replaceAll('-', '_')}-${version}.dist-info`;
    files[`${folder}/METADATA`] = [
      'Metadata-Version: 2.1',
      `Name: ${name}`,
      `Version: ${version}`,
      ...(requiresPython ? [`Requires-Python: ${requiresPython}`] : []),
      '\nA description.\n',
    ].join('\n');
    files[`${folder}/WHEEL`] = `Wheel-Version: 1.0\nRoot-Is-Purelib: false\nTag: ${tag}\n`;
  }
  const head = new Uint8Array(64);
  head.set(HEADS[arch]);
  return { files, binaries: { [`${prefix}/bin/python`]: head } };
}
