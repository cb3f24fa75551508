/** Machines and environments in one line each, for the examples of the compatibility table. */
import type { HostSource } from '../../src/host/source.js';
import { scriptedHost } from './hosts.js';
import { environmentFiles, type FakePackage, fixture } from './python-files.js';

const PREFIX = '/srv/project/.venv';

/** Kernels of the systems in the examples. */
const DARWIN: Readonly<Record<string, string>> = {
  '11': '20.6.0',
  '12': '21.6.0',
  '13': '22.6.0',
  '14': '23.4.0',
  '15': '24.1.0',
  '26': '25.3.0',
};

/**
 * `M3 macos=15.1 python=3.12 torch=2.9.1`, `linux gpu=NVIDIA_H200 driver=550.54 torch=2.9.1+build:12.8`,
 * `M1 python=3.12 wheel:tensorflow-metal-1.2.0`. `arch=x86_64` is the interpreter's, `env:NAME=1` a
 * variable, `+tag:` and `+requires:` go into the metadata of a package.
 */
export function exampleMachine(line: string): HostSource {
  const [machine = '', ...words] = line.split(/\s+/);
  const settings = new Map<string, string>();
  const packages: FakePackage[] = [];
  for (const word of words) {
    const [name = '', value = ''] = splitOnce(word, '=');
    if (word.startsWith('wheel:')) packages.push(realWheel(word.slice('wheel:'.length)));
    else if (/^(?:macos|python|arch|gpu|driver|vm|env:\w+)$/.test(name)) settings.set(name, value);
    else packages.push(madePackage(name, value));
  }
  const isMac = /^(?:M\d|intel)/.test(machine);
  const python = settings.get('python') ?? '3.12';
  const { files, binaries } = environmentFiles({
    prefix: PREFIX,
    python: python.split('.').length === 2 ? `${python}.4` : python,
    architecture:
      settings.get('arch') ?? (isMac ? (machine === 'intel' ? 'x86_64' : 'arm64') : 'elf'),
    packages,
    windows: machine === 'windows',
  });
  const env = {
    HOME: '/home/ada',
    VIRTUAL_ENV: PREFIX,
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

function linux(platform: string, settings: ReadonlyMap<string, string>, parts: Parts): HostSource {
  const files = { ...parts.files };
  const model = settings.get('gpu')?.replaceAll('_', ' ');
  const driver = settings.get('driver');
  if (model) {
    files['/sys/bus/pci/devices/0000:01:00.0/vendor'] = '0x10de\n';
    files['/sys/bus/pci/devices/0000:01:00.0/class'] = '0x030200\n';
    files['/proc/driver/nvidia/gpus/0000:01:00.0/information'] = `Model: \t\t ${model}\n`;
  }
  if (driver) {
    files['/proc/driver/nvidia/version'] =
      `NVRM version: NVIDIA UNIX x86_64 Kernel Module  ${driver}  Release Build\n`;
  }
  return scriptedHost({
    ...parts,
    files,
    platform: platform === 'windows' ? 'win32' : 'linux',
    arch: 'x64',
    os: { release: '6.1.0', machine: 'x86_64' },
  });
}

function realWheel(wheel: string): FakePackage {
  const metadata = fixture(wheel, 'METADATA');
  const name = /^Name: (.+)$/m.exec(metadata)?.[1] ?? '';
  const version = /^Version: (.+)$/m.exec(metadata)?.[1] ?? '';
  return { name, version, wheel };
}

function madePackage(name: string, text: string): FakePackage {
  const [version = '', ...options] = text.split(/\+(?=tag:|requires:|build:)/);
  const option = (key: string) =>
    options.find((one) => one.startsWith(`${key}:`))?.slice(key.length + 1);
  const tag = option('tag');
  const requiresPython = option('requires');
  const build = option('build');
  return {
    name,
    version,
    ...(tag && { tag }),
    ...(requiresPython && { requiresPython }),
    ...(build && { build }),
  };
}

function splitOnce(text: string, separator: string): readonly string[] {
  const at = text.indexOf(separator);
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}
