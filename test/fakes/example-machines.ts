/** Machines and environments in one line each, for the tests of the compatibility table. */
import type { HostSource } from '../../src/host/source.js';
import { parseRequirement } from '../../src/verify/facts/requirement.js';
import { satisfies } from '../../src/verify/facts/version.js';
import { scriptedHost } from './hosts.js';
import { environmentFiles, type FakePackage, fixture, packageFiles } from './python-files.js';

export const PREFIX = '/srv/project/.venv';
const HOME = '/home/ada';

/** Kernels of the systems in the examples. */
const DARWIN: Readonly<Record<string, string>> = {
  '11': '20.6.0',
  '12': '21.6.0',
  '13': '22.6.0',
  '14': '23.4.0',
  '15': '24.1.0',
  '26': '25.3.0',
};

const SETTINGS =
  /^(?:macos|python|arch|gpu|pci|driver|vm|docker|kernel|cuda|cudnn|compat|l4t|layout|libcuda|bare|env:\w+)$/;

/** An example, taken apart: what fixes change is the environment, never the machine. */
export interface Example {
  /** `M3`, `intel`, `linux`, `aarch64`, `wsl`, `jetson`, `windows`. */
  readonly machine: string;
  readonly settings: ReadonlyMap<string, string>;
  readonly packages: readonly FakePackage[];
  readonly conda: readonly string[];
  readonly userSite: readonly FakePackage[];
}

/**
 * `M3 macos=15.1 python=3.12 torch=2.9.1`, `linux gpu=NVIDIA_H200 driver=550.54.15 torch=2.9.1+build:12.8`,
 * `M1 wheel:tensorflow-metal-1.2.0`. `arch` is the interpreter's, `cuda` and `cudnn` are libraries of the
 * system, `layout` is venv, uv or conda, `env:NAME=1` a variable; `conda:pytorch=2.5.1=cpu_py312` a record
 * of conda-meta, `user:torch=1.13.1` a package of the user site; `+tag:`, `+requires:`, `+build:` and
 * `+needs:NAME>=1` go into a package. What real wheels require is installed too, unless `bare=yes`.
 */
export function parseExample(line: string): Example {
  const [machine = '', ...words] = line.split(/\s+/);
  const settings = new Map<string, string>();
  const packages: FakePackage[] = [];
  const userSite: FakePackage[] = [];
  const conda: string[] = [];
  for (const word of words) {
    const [name = '', value = ''] = splitOnce(word, '=');
    if (word.startsWith('wheel:')) packages.push(realWheel(word.slice('wheel:'.length)));
    else if (word.startsWith('conda:')) conda.push(word.slice('conda:'.length));
    else if (word.startsWith('user:'))
      userSite.push(madePackage(name.slice('user:'.length), value));
    else if (SETTINGS.test(name)) settings.set(name, value);
    else packages.push(madePackage(name, value));
  }
  return { machine, settings, packages, conda, userSite };
}

export function exampleMachine(line: string): HostSource {
  return machineOf(parseExample(line));
}

/** The recorded machine of an example. */
export function machineOf({ machine, settings, packages, conda, userSite }: Example): HostSource {
  const isMac = /^(?:M\d|intel)/.test(machine);
  const isArm = machine === 'aarch64' || machine === 'jetson';
  const python = settings.get('python') ?? '3.12';
  const full = python.split('.').length === 2 ? `${python}.4` : python;
  const layout = settings.get('layout') ?? (conda.length > 0 ? 'conda' : 'venv');
  const native = isMac ? (machine === 'intel' ? 'x86_64' : 'arm64') : isArm ? 'elf-aarch64' : 'elf';
  const { files, binaries } = environmentFiles({
    prefix: PREFIX,
    python: full,
    architecture: settings.get('arch') ?? native,
    packages: settings.has('bare') ? packages : [...packages, ...required(packages)],
    windows: machine === 'windows',
    ...(layout === 'conda' && { conda }),
    uv: layout === 'uv',
  });
  const site = `${HOME}/.local/lib/python${full.split('.').slice(0, 2).join('.')}/site-packages`;
  for (const one of userSite) Object.assign(files, packageFiles(site, one));
  const env = {
    HOME,
    [layout === 'conda' ? 'CONDA_PREFIX' : 'VIRTUAL_ENV']: PREFIX,
    ...Object.fromEntries(
      [...settings].filter(([key]) => key.startsWith('env:')).map(([key, v]) => [key.slice(4), v]),
    ),
  };
  return isMac
    ? mac(machine, settings, { env, files, binaries })
    : linux(machine, settings, { env, files, binaries });
}

type Parts = Pick<Parameters<typeof scriptedHost>[0], 'env' | 'files' | 'binaries'>;

function mac(machine: string, settings: ReadonlyMap<string, string>, parts: Parts): HostSource {
  const version = settings.get('macos') ?? '15.1';
  const isArm = machine !== 'intel';
  const facts = [
    `machdep.cpu.brand_string: ${isArm ? `Apple ${machine}` : 'Intel(R) Core(TM) i7'}`,
    'hw.memsize: 17179869184',
    'hw.logicalcpu: 8',
    `hw.optional.arm64: ${isArm ? 1 : 0}`,
    `kern.hv_vmm_present: ${settings.has('vm') ? 1 : 0}`,
    'sysctl.proc_translated: 0',
  ];
  return scriptedHost({
    ...parts,
    platform: 'darwin',
    arch: isArm ? 'arm64' : 'x64',
    os: {
      release: DARWIN[version.split('.')[0] as string] ?? '24.1.0',
      machine: isArm ? 'arm64' : 'x86_64',
    },
    sysctl: facts.join('\n'),
    commands: {
      '/usr/bin/sw_vers': `ProductName:\t\tmacOS\nProductVersion:\t\t${version}\n`,
    },
  });
}

function linux(kind: string, settings: ReadonlyMap<string, string>, parts: Parts): HostSource {
  const isArm = kind === 'aarch64' || kind === 'jetson';
  const machine = isArm ? 'aarch64' : 'x86_64';
  const kernels: Readonly<Record<string, string>> = {
    wsl: '5.15.153.1-microsoft-standard-WSL2',
    jetson: '5.15.148-tegra',
  };
  return scriptedHost({
    ...parts,
    files: { ...parts.files, ...nvidiaFiles(kind, machine, settings) },
    platform: kind === 'windows' ? 'win32' : 'linux',
    arch: isArm ? 'arm64' : 'x64',
    os: { release: settings.get('kernel') ?? kernels[kind] ?? '6.1.0', machine },
  });
}

/** What the kernel, the driver and CUDA's packages put on a Linux machine. */
function nvidiaFiles(
  kind: string,
  machine: string,
  settings: ReadonlyMap<string, string>,
): Record<string, string> {
  const files: Record<string, string> = {};
  const libraries = `/usr/lib/${machine}-linux-gnu`;
  const model = settings.get('gpu')?.replaceAll('_', ' ');
  const pci = settings.get('pci');
  if (model || pci) {
    files['/sys/bus/pci/devices/0000:01:00.0/vendor'] = '0x10de\n';
    files['/sys/bus/pci/devices/0000:01:00.0/class'] = '0x030200\n';
    if (pci) files['/sys/bus/pci/devices/0000:01:00.0/device'] = `${pci}\n`;
    if (model) {
      files['/proc/driver/nvidia/gpus/0000:01:00.0/information'] = `Model: \t\t ${model}\n`;
    }
  }
  const driver = settings.get('driver');
  if (driver) {
    files['/proc/driver/nvidia/version'] =
      `NVRM version: NVIDIA UNIX ${machine} Kernel Module  ${driver}  Release Build\n`;
    if (settings.get('libcuda') !== 'none') {
      files[`${libraries}/libcuda.so.1`] = '';
      files[`${libraries}/libcuda.so.${driver}`] = '';
    }
  }
  if (kind === 'wsl') files['/usr/lib/wsl/lib/libcuda.so.1.1'] = '';
  if (kind === 'jetson') {
    const [major, revision] = splitOnce(settings.get('l4t') ?? '36.4.3', '.');
    files['/etc/nv_tegra_release'] = `# R${major} (release), REVISION: ${revision}, GCID: 1\n`;
    files['/proc/device-tree/model'] = 'NVIDIA Jetson Orin Nano Developer Kit\0';
    files[`${libraries}/nvidia/libcuda.so.1.1`] = '';
  }
  const [cuda, cudnn, compat] = ['cuda', 'cudnn', 'compat'].map((name) => settings.get(name));
  if (cuda) files[`/usr/local/cuda-${cuda}/lib64/libcudart.so.${cuda.split('.')[0]}`] = '';
  if (cudnn) files[`${libraries}/libcudnn.so.${cudnn}`] = '';
  if (compat) files[`/usr/local/cuda-12.4/compat/libcuda.so.${compat}`] = '';
  if (settings.has('docker')) files['/.dockerenv'] = '\n';
  return files;
}

/** A package for each requirement of the real wheels that the example does not name itself. */
function required(packages: readonly FakePackage[]): readonly FakePackage[] {
  const known = new Set(packages.map(({ name }) => name.toLowerCase().replaceAll('_', '-')));
  return packages
    .filter(({ wheel }) => wheel !== undefined)
    .flatMap(({ wheel = '' }) => [
      ...fixture(wheel, 'METADATA').matchAll(/^Requires-Dist: (.+)$/gm),
    ])
    .flatMap(([, line = '']) => {
      const requirement = parseRequirement(line);
      const isExtra = /\bextra\b/.test(line);
      if (!requirement || isExtra || known.has(requirement.name)) return [];
      known.add(requirement.name);
      const version = versionWithin(requirement.specifier);
      return [{ name: requirement.name, version }];
    });
}

/** Some version that a specifier allows. */
export function versionWithin(specifier: string): string {
  const named = [...specifier.matchAll(/\d+(?:\.\d+)*/g)].map(([version]) => version);
  const candidates = [...named, ...named.map((version) => `${version}.1`), '1.0', '0.1'];
  const found = candidates.find((version) => specifier === '' || satisfies(version, specifier));
  if (found === undefined) throw new Error(`no version was found within ${specifier}`);
  return found;
}

function realWheel(wheel: string): FakePackage {
  const metadata = fixture(wheel, 'METADATA');
  const name = /^Name: (.+)$/m.exec(metadata)?.[1] ?? '';
  const version = /^Version: (.+)$/m.exec(metadata)?.[1] ?? '';
  return { name, version, wheel };
}

function madePackage(name: string, text: string): FakePackage {
  const [version = '', ...options] = text.split(/\+(?=tag:|requires:|build:|needs:)/);
  const option = (key: string) =>
    options.find((one) => one.startsWith(`${key}:`))?.slice(key.length + 1);
  const tag = option('tag');
  const requiresPython = option('requires');
  const build = option('build');
  const needs = option('needs');
  return {
    name,
    version,
    ...(tag && { tag }),
    ...(requiresPython && { requiresPython }),
    ...(build && { build }),
    ...(needs && { requires: [needs] }),
  };
}

function splitOnce(text: string, separator: string): readonly string[] {
  const at = text.indexOf(separator);
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}
