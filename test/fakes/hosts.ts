/** Recorded machines, played through HostSource: what each file and command there says. */
import type { FileKind } from '../../src/host/files.js';
import type { HostSource, OsFacts } from '../../src/host/source.js';

interface Recording {
  readonly platform: NodeJS.Platform;
  readonly arch: string;
  readonly os: Partial<OsFacts>;
  readonly env?: Record<string, string>;
  readonly files?: Record<string, string>;
  readonly commands?: Record<string, string>;
  /** What `sysctl -a` says, as far as it matters here. */
  readonly sysctl?: string;
  /** Files that are no text, such as the head of an interpreter. */
  readonly binaries?: Record<string, Uint8Array>;
  /** Files that are there but cannot be opened. */
  readonly denied?: readonly string[];
}

/** A source that knows nothing but the recording; asking for more finds nothing. */
export function scriptedHost({
  platform,
  arch,
  os,
  env = {},
  files = {},
  commands = {},
  sysctl,
  binaries = {},
  denied = [],
}: Recording): HostSource {
  const base: OsFacts = {
    type: platform === 'darwin' ? 'Darwin' : 'Linux',
    release: '0.0.0',
    machine: 'x86_64',
    cpuModel: '',
    logicalCpus: 1,
    totalMemoryBytes: 2 ** 30,
    freeMemoryBytes: 2 ** 29,
    load1: 0,
    node: '20.20.0',
  };
  const paths = [...Object.keys(files), ...Object.keys(binaries), ...denied];
  const kindOf = async (path: string): Promise<FileKind | undefined> => {
    if (paths.includes(path)) return 'file';
    return paths.some((known) => known.startsWith(`${path}/`)) ? 'folder' : undefined;
  };
  return {
    platform,
    arch,
    env,
    os: { ...base, ...os },
    readFile: async (path) => files[path],
    list: async (folder) => {
      const names = paths
        .filter((path) => path.startsWith(`${folder}/`))
        .map((path) => path.slice(folder.length + 1).split('/')[0] as string);
      return [...new Set(names)];
    },
    access: async (path) =>
      denied.includes(path) ? 'denied' : path in files ? 'allowed' : 'missing',
    readHead: async (path, maxBytes) => {
      if (denied.includes(path)) return { state: 'denied' };
      const text = files[path];
      const bytes = text === undefined ? binaries[path] : new TextEncoder().encode(text);
      if (!bytes) return { state: 'missing' };
      const complete = bytes.length <= maxBytes;
      return { state: 'read', bytes: bytes.subarray(0, maxBytes), complete };
    },
    realPath: async (path) => ((await kindOf(path)) ? path : undefined),
    kind: kindOf,
    exec: async (command, args) => {
      if (command === '/usr/sbin/sysctl' && sysctl !== undefined) return asked(sysctl, args);
      return commands[[command, ...args].join(' ')];
    },
  };
}

/** As sysctl(8) does: a line for each key that is there, in the order in which they are asked for. */
function asked(sysctl: string, keys: readonly string[]): string {
  const lines = sysctl.split('\n').map((line) => line.trim());
  return keys
    .flatMap((key) => lines.filter((line) => line.startsWith(`${key}: `)))
    .map((line) => `${line}\n`)
    .join('');
}

const cpuinfo = (model: string, flags: string, clocks: readonly number[]) =>
  clocks
    .map(
      (mhz, index) =>
        `processor\t: ${index}\nmodel name\t: ${model}\ncpu MHz\t\t: ${mhz}\nflags\t\t: fpu vme ${flags}\n`,
    )
    .join('\n');

/** A virtual machine of a cloud, quiet. */
export const linuxVm = scriptedHost({
  platform: 'linux',
  arch: 'x64',
  os: { release: '6.1.0-28-cloud-amd64', machine: 'x86_64', logicalCpus: 2 },
  files: {
    '/etc/os-release':
      'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nNAME="Debian GNU/Linux"\nID=debian\n',
    '/proc/cpuinfo': cpuinfo('AMD EPYC 7B13', 'avx2 hypervisor', [2449.998, 2450.002]),
    '/proc/meminfo':
      'MemTotal:       24684092 kB\nMemFree:        20723328 kB\nMemAvailable:   24201544 kB\n',
    '/proc/loadavg': '0.08 0.50 0.27 1/87 8596\n',
    '/proc/self/cgroup': '0::/user.slice\n',
    '/sys/class/dmi/id/sys_vendor': 'Google\n',
    '/sys/class/dmi/id/product_name': 'Google Compute Engine\n',
  },
});

/** A laptop with an Intel CPU, unplugged, with another program running. */
export const linuxLaptop = scriptedHost({
  platform: 'linux',
  arch: 'x64',
  os: { release: '6.8.0-45-generic', machine: 'x86_64', logicalCpus: 8 },
  files: {
    '/etc/os-release': 'PRETTY_NAME="Ubuntu 24.04.1 LTS"\nID=ubuntu\nID_LIKE=debian\n',
    '/proc/cpuinfo': cpuinfo(
      '11th Gen Intel(R) Core(TM) i7-1165G7 @ 2.80GHz',
      'avx512f',
      [1200, 2000],
    ),
    '/proc/meminfo': 'MemTotal:       16000000 kB\nMemAvailable:    9000000 kB\n',
    '/proc/loadavg': '3.40 2.10 1.00 3/900 4242\n',
    '/proc/self/cgroup': '0::/user.slice/user-1000.slice\n',
    '/sys/class/dmi/id/sys_vendor': 'LENOVO\n',
    '/sys/class/power_supply/AC/type': 'Mains\n',
    '/sys/class/power_supply/AC/online': '0\n',
    '/sys/class/power_supply/BAT0/type': 'Battery\n',
    '/sys/class/power_supply/BAT0/status': 'Discharging\n',
    '/sys/class/power_supply/hidpp_battery_0/type': 'Battery\n',
    '/sys/class/power_supply/hidpp_battery_0/scope': 'Device\n',
    '/sys/class/power_supply/hidpp_battery_0/status': 'Discharging\n',
    '/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor': 'powersave\n',
    '/sys/devices/system/cpu/cpu0/cpufreq/scaling_driver': 'intel_pstate\n',
    '/sys/devices/system/cpu/cpu0/cpufreq/energy_performance_preference': 'balance_performance\n',
    '/sys/firmware/acpi/platform_profile': 'low-power\n',
    '/sys/devices/system/cpu/cpu0/thermal_throttle/package_throttle_count': '17\n',
    '/sys/class/thermal/thermal_zone0/type': 'acpitz\n',
    '/sys/class/thermal/thermal_zone0/temp': '20000\n',
    '/sys/class/thermal/thermal_zone9/type': 'x86_pkg_temp\n',
    '/sys/class/thermal/thermal_zone9/temp': '71400\n',
  },
});

/** An ARM board, whose governor saves power. */
export const armBoard = scriptedHost({
  platform: 'linux',
  arch: 'arm64',
  os: { release: '6.6.31', machine: 'aarch64', logicalCpus: 4 },
  files: {
    '/etc/os-release': 'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\n',
    '/proc/cpuinfo':
      'processor\t: 0\nFeatures\t: fp asimd\nCPU part\t: 0xd0b\n\nModel\t\t: Raspberry Pi 5\n',
    '/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor': 'powersave\n',
    '/sys/devices/system/cpu/cpu0/cpufreq/scaling_driver': 'cpufreq-dt\n',
    '/sys/devices/system/cpu/cpu0/cpufreq/scaling_cur_freq': '1500000\n',
  },
});

/** A container with 1.5 of 16 CPUs. */
export const linuxContainer = scriptedHost({
  platform: 'linux',
  arch: 'x64',
  os: { release: '6.1.0', machine: 'x86_64', logicalCpus: 16 },
  files: {
    '/etc/os-release': 'PRETTY_NAME="Alpine Linux v3.20"\nID=alpine\n',
    '/proc/cpuinfo': cpuinfo('AMD Ryzen 9 7950X', 'avx2', [4500]),
    '/proc/self/cgroup': '0::/\n',
    '/.dockerenv': '',
    '/sys/fs/cgroup/cpu.max': '150000 100000\n',
  },
});

/** All that `pmset -g therm` says on Apple silicon. */
const NO_WARNINGS =
  'Note: No thermal warning level has been recorded\nNote: No performance warning level has been recorded\n';

const PRESSURE_KEY = 'com.apple.system.thermalpressurelevel';
export const PRESSURE = `/usr/bin/notifyutil -g ${PRESSURE_KEY}`;

/** What notifyutil prints, 0 to 4. */
export const pressureOf = (level: number) => `${PRESSURE_KEY} ${level}\n`;

/** A MacBook Pro on mains. */
export const macM3 = scriptedHost({
  platform: 'darwin',
  arch: 'arm64',
  os: {
    release: '24.1.0',
    machine: 'arm64',
    cpuModel: 'Apple M3 Max',
    logicalCpus: 16,
    load1: 1.4,
  },
  sysctl: `
    machdep.cpu.brand_string: Apple M3 Max
    hw.model: Mac15,9
    hw.memsize: 68719476736
    hw.logicalcpu: 16
    hw.optional.arm64: 1
    kern.hv_vmm_present: 0
    sysctl.proc_translated: 0
    hw.perflevel0.name: Performance
    hw.perflevel0.physicalcpu: 12
    hw.perflevel1.name: Efficiency
    hw.perflevel1.physicalcpu: 4`,
  commands: {
    '/usr/bin/sw_vers': 'ProductName:\t\tmacOS\nProductVersion:\t\t15.1\nBuildVersion:\t\t24B83\n',
    '/usr/bin/pmset -g':
      'System-wide power settings:\nCurrently in use:\n powermode            0\n',
    '/usr/bin/pmset -g batt':
      "Now drawing from 'AC Power'\n -InternalBattery-0 (id=1)\t100%; charged; 0:00 remaining\n",
    '/usr/bin/pmset -g therm': NO_WARNINGS,
    [PRESSURE]: pressureOf(0),
  },
});

/** Intel's Node on Apple silicon, unplugged, in low-power mode and hot. */
export const macRosetta = scriptedHost({
  platform: 'darwin',
  arch: 'x64',
  os: { release: '23.6.0', machine: 'x86_64', cpuModel: 'Apple M1', logicalCpus: 8 },
  sysctl: `
    machdep.cpu.brand_string: Apple M1
    hw.memsize: 8589934592
    hw.logicalcpu: 8
    hw.optional.arm64: 1
    kern.hv_vmm_present: 0
    sysctl.proc_translated: 1`,
  commands: {
    '/usr/bin/sw_vers': 'ProductName:\t\tmacOS\nProductVersion:\t\t14.6\n',
    '/usr/bin/pmset -g': 'Currently in use:\n lowpowermode         1\n',
    '/usr/bin/pmset -g batt': "Now drawing from 'Battery Power'\n",
    '/usr/bin/pmset -g therm': NO_WARNINGS,
    [PRESSURE]: pressureOf(2),
  },
});

type Extra = Pick<Recording, 'env' | 'files' | 'binaries' | 'denied' | 'commands' | 'sysctl'>;

interface MacRecording extends Extra {
  readonly chip: string;
  readonly cpus: number;
  readonly memoryGiB: number;
  /** As sw_vers prints it, and the kernel that belongs to it. */
  readonly macos: string;
  readonly darwin: string;
  readonly arch?: 'arm64' | 'x64';
  /** What hw.optional.arm64, kern.hv_vmm_present and sysctl.proc_translated say. */
  readonly arm64?: 0 | 1;
  readonly virtual?: 0 | 1;
  readonly translated?: 0 | 1;
}

/** A Mac on mains, cool, with the Command Line Tools. */
export function mac({
  chip,
  cpus,
  memoryGiB,
  macos,
  darwin,
  arch = 'arm64',
  arm64 = 1,
  virtual = 0,
  translated = 0,
  commands,
  ...extra
}: MacRecording): HostSource {
  return scriptedHost({
    platform: 'darwin',
    arch,
    os: {
      release: darwin,
      machine: arch === 'x64' ? 'x86_64' : 'arm64',
      cpuModel: chip,
      logicalCpus: cpus,
      freeMemoryBytes: 2 ** 29,
    },
    sysctl: [
      `machdep.cpu.brand_string: ${chip}`,
      `hw.memsize: ${memoryGiB * 2 ** 30}`,
      `hw.logicalcpu: ${cpus}`,
      `hw.optional.arm64: ${arm64}`,
      `kern.hv_vmm_present: ${virtual}`,
      `sysctl.proc_translated: ${translated}`,
    ].join('\n'),
    ...extra,
    commands: {
      '/usr/bin/sw_vers': `ProductName:\t\tmacOS\nProductVersion:\t\t${macos}\n`,
      '/usr/bin/pmset -g': 'Currently in use:\n powermode            0\n',
      '/usr/bin/pmset -g batt': "Now drawing from 'AC Power'\n",
      '/usr/bin/pmset -g therm': NO_WARNINGS,
      [PRESSURE]: pressureOf(0),
      '/usr/bin/xcode-select -p': '/Library/Developer/CommandLineTools\n',
      ...commands,
    },
  });
}

/** A Mac of each series, a virtual one, and one with an Intel CPU. */
export const macs = {
  m1: mac({ chip: 'Apple M1', cpus: 8, memoryGiB: 8, macos: '13.6.7', darwin: '22.6.0' }),
  m2Pro: mac({ chip: 'Apple M2 Pro', cpus: 12, memoryGiB: 16, macos: '14.6', darwin: '23.6.0' }),
  m3: mac({ chip: 'Apple M3', cpus: 8, memoryGiB: 24, macos: '15.1', darwin: '24.1.0' }),
  m4Max: mac({ chip: 'Apple M4 Max', cpus: 16, memoryGiB: 64, macos: '26.1', darwin: '25.1.0' }),
  m5: mac({ chip: 'Apple M5', cpus: 10, memoryGiB: 32, macos: '27.0', darwin: '27.0.0' }),
  intel: mac({
    chip: 'Intel(R) Core(TM) i9-9880H CPU @ 2.30GHz',
    cpus: 16,
    memoryGiB: 32,
    macos: '14.5',
    darwin: '23.5.0',
    arch: 'x64',
    arm64: 0,
  }),
  rosetta: mac({
    chip: 'Apple M2',
    cpus: 8,
    memoryGiB: 16,
    macos: '15.3',
    darwin: '24.3.0',
    arch: 'x64',
    translated: 1,
  }),
  guest: mac({
    chip: 'Apple M1 (Virtual)',
    cpus: 4,
    memoryGiB: 8,
    macos: '15.5',
    darwin: '24.5.0',
    virtual: 1,
  }),
  githubRunner: mac({
    chip: 'Apple M1 (Virtual)',
    cpus: 3,
    memoryGiB: 7,
    macos: '26.5.2',
    darwin: '25.5.0',
    virtual: 1,
    env: { GITHUB_ACTIONS: 'true' },
  }),
} as const;

interface H200Recording extends Extra {
  /** Of the kernel module and of libcuda; undefined if there is none. */
  readonly driver?: string | undefined;
  readonly library?: string | undefined;
}

/** A server with one H200. */
export function h200Server({
  driver = '580.95.05',
  library = driver,
  files,
  ...extra
}: H200Recording = {}): HostSource {
  return scriptedHost({
    platform: 'linux',
    arch: 'x64',
    os: { release: '6.8.0-87-generic', machine: 'x86_64', logicalCpus: 48 },
    ...extra,
    files: {
      '/etc/os-release': 'PRETTY_NAME="Ubuntu 24.04.3 LTS"\nID=ubuntu\n',
      '/proc/cpuinfo': cpuinfo('Intel(R) Xeon(R) Platinum 8480+', 'amx_tile', [2000, 2000]),
      '/proc/meminfo': 'MemTotal:       1056640108 kB\nMemAvailable:   1000000000 kB\n',
      '/proc/loadavg': '0.20 0.10 0.05 1/900 4242\n',
      '/sys/bus/pci/devices/0000:04:00.0/class': '0x030200\n',
      '/sys/bus/pci/devices/0000:04:00.0/vendor': '0x10de\n',
      '/sys/bus/pci/devices/0000:04:00.0/device': '0x2335\n',
      '/sys/bus/pci/devices/0000:00:1f.2/class': '0x010601\n',
      '/sys/bus/pci/devices/0000:00:1f.2/vendor': '0x8086\n',
      ...(driver && {
        '/proc/driver/nvidia/version': `NVRM version: NVIDIA UNIX Open Kernel Module for x86_64  ${driver}  Release Build  (dvs-builder@U22-I3-B20-17-4)\nGCC version:  gcc version 13.3.0\n`,
        '/sys/module/nvidia/version': `${driver}\n`,
        '/dev/nvidia0': '',
        '/dev/nvidiactl': '',
        '/dev/nvidia-uvm': '',
        '/dev/dri/renderD128': '',
      }),
      ...(library && {
        [`/usr/lib/x86_64-linux-gnu/libcuda.so.${library}`]: '',
        '/usr/lib/x86_64-linux-gnu/libcuda.so.1': '',
      }),
      ...files,
    },
  });
}
