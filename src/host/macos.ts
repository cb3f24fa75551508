import type { Conditions, Host } from '../report/schema.js';
import { type HostSource, parseNumber, parsePairs } from './source.js';

const SYSCTL_KEYS = [
  'machdep.cpu.brand_string',
  'hw.memsize',
  'hw.logicalcpu',
  'hw.optional.arm64',
  'kern.hv_vmm_present',
  'sysctl.proc_translated',
];

export async function readMacHost(source: HostSource): Promise<Host> {
  const [version, facts] = await Promise.all([
    source.exec('/usr/bin/sw_vers', []),
    // Keys that this Mac lacks cost a line on stderr; the others are printed all the same.
    source.exec('/usr/sbin/sysctl', SYSCTL_KEYS),
  ]);
  const product = parsePairs(version, ':');
  const sysctl = parsePairs(facts, ':');
  const isArm = sysctl.get('hw.optional.arm64') === '1';
  const rosetta = sysctl.get('sysctl.proc_translated') === '1' || (isArm && source.arch === 'x64');
  const name = [product.get('ProductName'), product.get('ProductVersion')].filter(Boolean);
  return {
    os: name.join(' ') || 'macOS',
    kernel: source.os.release,
    arch: isArm ? 'arm64' : source.os.machine,
    cpu: sysctl.get('machdep.cpu.brand_string') || source.os.cpuModel,
    logicalCpus: parseNumber(sysctl.get('hw.logicalcpu')) ?? source.os.logicalCpus,
    memoryBytes: parseNumber(sysctl.get('hw.memsize')) ?? source.os.totalMemoryBytes,
    node: source.os.node,
    ...(sysctl.get('kern.hv_vmm_present') === '1' && { virtualMachine: 'macOS guest' }),
    ...(rosetta && { rosetta }),
  };
}

export async function readMacConditions(source: HostSource): Promise<Omit<Conditions, 'at'>> {
  const pmset = (...args: string[]) => source.exec('/usr/bin/pmset', ['-g', ...args]);
  const [settings, supply, thermal] = await Promise.all([pmset(), pmset('batt'), pmset('therm')]);
  // `lowpowermode` until macOS 14, `powermode` (0 automatic, 1 low, 2 high) on Macs that have both.
  const low = /^\s*(?:lowpowermode|powermode)\s+1\b/m.test(settings ?? '');
  const high = /^\s*powermode\s+2\b/m.test(settings ?? '');
  return {
    load1: source.os.load1,
    freeMemoryBytes: source.os.freeMemoryBytes,
    powerSource: powerSource(supply ?? ''),
    ...(settings && { powerMode: low ? 'low power' : high ? 'high power' : 'automatic' }),
    ...(low && { powerSaving: 'mode' as const }),
    ...thermalState(thermal),
  };
}

function powerSource(batt: string): Conditions['powerSource'] {
  if (batt.includes("'Battery Power'")) return 'battery';
  return batt.includes("'AC Power'") ? 'mains' : 'unknown';
}

/** Intel Macs and hot Apple silicon print limits in percent; without one there is no slow-down. */
function thermalState(therm: string | undefined): Pick<Conditions, 'thermal' | 'speedLimit'> {
  if (therm === undefined) return {};
  const percent = parseNumber(/CPU_Speed_Limit\s*=\s*(\d+)/.exec(therm)?.[1]) ?? 100;
  const speedLimit = percent / 100;
  return { thermal: percent < 100 ? `CPU limited to ${percent} %` : 'nominal', speedLimit };
}
