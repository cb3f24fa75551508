/** Files of Python environments, made from real wheels' metadata or from a name and a version. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const WHEELS = join(import.meta.dirname, '../fixtures/wheels');

export interface FakePackage {
  readonly name: string;
  readonly version: string;
  /** A folder of test/fixtures/wheels, whose METADATA and WHEEL are taken. */
  readonly wheel?: string;
  readonly tag?: string;
  readonly requiresPython?: string;
  /** `Requires-Dist` lines. */
  readonly requires?: readonly string[];
  /** The CUDA version that torch/version.py or build_info.py tells; `cpu` and `rocm` have none. */
  readonly build?: string;
}

export interface FakeEnvironment {
  readonly prefix: string;
  /** Full: `3.12.4`. */
  readonly python: string;
  readonly architecture: string;
  readonly packages: readonly FakePackage[];
  /** `Lib` and `Scripts` instead of `lib/python3.x` and `bin`. */
  readonly windows?: boolean;
  /** Records of conda-meta (`pytorch=2.5.1=cuda126_py312`): a conda environment instead of a venv. */
  readonly conda?: readonly string[];
  /** uv makes environments without pip. */
  readonly uv?: boolean;
}

export interface Files {
  readonly files: Record<string, string>;
  readonly binaries: Record<string, Uint8Array>;
}

/** The files of a venv at its prefix. */
export function environmentFiles(environment: FakeEnvironment): Files {
  const {
    prefix,
    python,
    architecture,
    packages,
    windows = false,
    conda,
    uv = false,
  } = environment;
  const minor = python.split('.').slice(0, 2).join('.');
  const site = `${prefix}/${windows ? 'Lib' : `lib/python${minor}`}/site-packages`;
  const files: Record<string, string> = { [`${site}/README.txt`]: '' };
  if (conda) {
    files[`${prefix}/conda-meta/history`] = '';
    for (const record of [`python=${python}=h0_cpython`, ...conda]) {
      files[`${prefix}/conda-meta/${record.replaceAll('=', '-')}.json`] = '{}';
    }
  } else {
    files[`${prefix}/pyvenv.cfg`] =
      `home = /opt/python/bin\nversion = ${python}\n${uv ? 'uv = 0.9.0\n' : ''}`;
  }
  if (!uv) Object.assign(files, packageFiles(site, { name: 'pip', version: '24.0' }));
  for (const one of packages) Object.assign(files, packageFiles(site, one));
  const interpreter = `${prefix}/${windows ? 'Scripts/python.exe' : 'bin/python'}`;
  return { files, binaries: { [interpreter]: interpreterHead(architecture) } };
}

/** What pip writes for a package in site-packages. */
export function packageFiles(site: string, one: FakePackage): Record<string, string> {
  const info = `${site}/${one.name.replaceAll('-', '_')}-${one.version}.dist-info`;
  return {
    [`${info}/METADATA`]: one.wheel ? fixture(one.wheel, 'METADATA') : metadataOf(one),
    [`${info}/WHEEL`]: one.wheel
      ? fixture(one.wheel, 'WHEEL')
      : `Wheel-Version: 1.0\nTag: ${one.tag ?? 'py3-none-any'}\n`,
    ...buildFiles(site, one),
  };
}

export function fixture(wheel: string, file: string): string {
  return readFileSync(join(WHEELS, wheel, file), 'utf8');
}

function metadataOf({ name, version, requiresPython, requires = [] }: FakePackage): string {
  const python = requiresPython ? `Requires-Python: ${requiresPython}\n` : '';
  const lines = requires.map((line) => `Requires-Dist: ${line}\n`).join('');
  return `Metadata-Version: 2.1\nName: ${name}\nVersion: ${version}\n${python}${lines}\nA description.\n`;
}

function buildFiles(site: string, { name, build }: FakePackage): Record<string, string> {
  if (build === undefined) return {};
  const isCpu = build === 'cpu';
  if (name === 'torch') {
    const cuda = isCpu ? 'None' : `'${build}'`;
    return { [`${site}/torch/version.py`]: `cuda: Optional[str] = ${cuda}\nhip = None\n` };
  }
  const facts =
    isCpu || build === 'rocm'
      ? `('is_cuda_build', False), ('is_rocm_build', ${isCpu ? 'False' : 'True'})`
      : `('cuda_version', '${build}'), ('is_cuda_build', True)`;
  return { [`${site}/tensorflow/python/platform/build_info.py`]: `build_info = [${facts}]\n` };
}

/** The first bytes of an executable: Mach-O of arm64, x86_64 and universal2, ELF of the others. */
export function interpreterHead(architecture: string): Uint8Array {
  const head = new Uint8Array(1024);
  const view = new DataView(head.buffer);
  const macCpu: Record<string, number> = { arm64: 0x0100000c, x86_64: 0x01000007 };
  if (architecture === 'universal2') {
    view.setUint32(0, 0xcafebabe);
    view.setUint32(4, 2);
    view.setUint32(8, macCpu.x86_64 as number);
    view.setUint32(28, macCpu.arm64 as number);
  } else if (architecture in macCpu) {
    view.setUint32(0, 0xfeedfacf, true);
    view.setUint32(4, macCpu[architecture] as number, true);
  } else {
    head.set([0x7f, 0x45, 0x4c, 0x46, 2, 1]);
    view.setUint16(18, architecture === 'elf-aarch64' ? 183 : 62, true);
  }
  return head;
}
