import type { Conditions, Host } from '../result/schema.js';
import { type HostSource, parseNumber, parsePairs } from './source.js';

/** Chips have up to three kinds of cores; level 0 is the fastest. */
const CORE_LEVELS = [0, 1, 2, 3];

const SYSCTL_KEYS = [
  'machdep.cpu.brand_string',
  'hw.model',
  'hw.memsize',
  'hw.logicalcpu',
  'hw.optional.arm64',
  'kern.hv_vmm_present',
  'sysctl.proc_translated',
  ...CORE_LEVELS.flatMap((level) => [
    `hw.perflevel${level}.name`,
    `hw.perflevel${level}.physicalcpu`,
  ]),
];

export async function readMacHost(source: HostSource): Promise<Host> {
  const [version, sysctl] = await Promise.all([
    source.exec('/usr/bin/sw_vers', []),
    readSysctl(source, SYSCTL_KEYS),
  ]);
  const product = parsePairs(version, ':');
  const isArm = sysctl.get('hw.optional.arm64') === '1';
  const rosetta = sysctl.get('sysctl.proc_translated') === '1' || (isArm && source.arch === 'x64');
  const name = [product.get('ProductName'), product.get('ProductVersion')].filter(Boolean);
  const build = product.get('BuildVersion');
  const model = sysctl.get('hw.model');
  const cores = coreKinds(sysctl);
  return {
    os: name.join(' ') || 'macOS',
    ...(build && { osBuild: build }),
    kernel: source.os.release,
    arch: isArm ? 'arm64' : source.os.machine,
    ...(model && { model }),
    cpu: sysctl.get('machdep.cpu.brand_string') || source.os.cpuModel,
    logicalCpus: parseNumber(sysctl.get('hw.logicalcpu')) ?? source.os.logicalCpus,
    ...(cores.length > 0 && { cores }),
    memoryBytes: parseNumber(sysctl.get('hw.memsize')) ?? source.os.totalMemoryBytes,
    node: source.os.node,
    ...(sysctl.get('kern.hv_vmm_present') === '1' && { virtualMachine: 'macOS guest' }),
    ...(rosetta && { rosetta }),
  };
}

export async function readMacConditions(source: HostSource): Promise<Omit<Conditions, 'at'>> {
  const pmset = (...args: string[]) => source.exec('/usr/bin/pmset', ['-g', ...args]);
  const [settings, supply, therm, pressure, sysctl] = await Promise.all([
    pmset(),
    pmset('batt'),
    pmset('therm'),
    source.exec('/usr/bin/notifyutil', ['-g', PRESSURE_KEY]),
    readSysctl(source, ['kern.hv_vmm_present']),
  ]);
  const isGuest = sysctl.get('kern.hv_vmm_present') === '1';
  return {
    load1: source.os.load1,
    freeMemoryBytes: source.os.freeMemoryBytes,
    powerSource: powerSource(supply ?? ''),
    ...powerMode(settings ?? ''),
    // A guest has no sensors: what it would say is not the state of the chip.
    ...(!isGuest && thermalState(therm ?? '', pressure ?? '')),
  };
}

/** Keys that this Mac lacks cost a line on stderr; the others are printed all the same. */
async function readSysctl(source: HostSource, keys: readonly string[]) {
  return parsePairs(await source.exec('/usr/sbin/sysctl', keys), ':');
}

/** Their names are macOS's own: an M5 Pro has `Super` and `Performance`, and no `Efficiency`. */
function coreKinds(sysctl: ReadonlyMap<string, string>): NonNullable<Host['cores']> {
  return CORE_LEVELS.flatMap((level) => {
    const count = parseNumber(sysctl.get(`hw.perflevel${level}.physicalcpu`));
    if (!count) return [];
    return [{ kind: sysctl.get(`hw.perflevel${level}.name`) || `level ${level}`, count }];
  });
}

function powerSource(batt: string): Conditions['powerSource'] {
  if (batt.includes("'Battery Power'")) return 'battery';
  return batt.includes("'AC Power'") ? 'mains' : 'unknown';
}

/**
 * `powermode` (0 automatic, 1 low, 2 high) on Macs of today, `lowpowermode` (0, 1) on others, some
 * print both; a virtual machine has neither.
 */
function powerMode(settings: string): Pick<Conditions, 'powerMode' | 'powerSaving'> {
  const values = [...settings.matchAll(/^\s*(low)?powermode\s+(\d+)\b/gm)];
  if (values.length === 0) return {};
  if (values.some(([, , value]) => value === '1')) {
    return { powerMode: 'low power', powerSaving: 'mode' };
  }
  const isHigh = values.some(([, , value]) => value === '2');
  return { powerMode: isHigh ? 'high power' : 'automatic' };
}

const PRESSURE_KEY = 'com.apple.system.thermalpressurelevel';

/** OSThermalPressureLevel of macOS (libkern/OSThermalNotification.h), by its number. */
const PRESSURES = ['nominal', 'moderate', 'heavy', 'trapping', 'sleeping'] as const;

type ThermalState = Pick<Conditions, 'thermal' | 'thermalPressure' | 'speedLimit'>;

/**
 * Two sources, as neither says enough. `pmset -g therm` prints a CPU limit in percent on Intel Macs;
 * on Apple silicon it only notes that no warning has been recorded, also while the chip slows down.
 * The thermal pressure is what powermetrics shows, and needs no privileges; its 0 also means a
 * pressure that macOS has not posted.
 */
function thermalState(therm: string, pressure: string): ThermalState {
  const level = parseNumber(/^\S+ (\d+)$/m.exec(pressure)?.[1]);
  const thermalPressure = level === undefined ? undefined : PRESSURES[level];
  // Where there are several entries, the last is the state of now.
  const percent = parseNumber([...therm.matchAll(/CPU_Speed_Limit\s*=\s*(\d+)/g)].at(-1)?.[1]);
  const limited = percent !== undefined && percent < 100 && `CPU limited to ${percent} %`;
  const notHot = percent === 100 ? 'nominal' : undefined;
  const thermal = limited || thermalPressure || notHot;
  return {
    ...(thermal && { thermal }),
    ...(thermalPressure && { thermalPressure }),
    ...(percent !== undefined && { speedLimit: percent / 100 }),
  };
}
