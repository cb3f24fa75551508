import type { Conditions, Host } from '../result/schema.js';
import { readCpuQuota } from './cgroup.js';
import { detectContainer, detectHypervisor } from './linux-virtual.js';
import { type HostSource, parseNumber, parsePairs } from './source.js';

const KIB = 1024;
const CPU0 = '/sys/devices/system/cpu/cpu0';

export async function readLinuxHost(source: HostSource): Promise<Host> {
  const [release, cpuinfo, meminfo] = await Promise.all(
    ['/etc/os-release', '/proc/cpuinfo', '/proc/meminfo'].map((path) => source.readFile(path)),
  );
  const cpu = parsePairs(cpuinfo, ':');
  const [virtualMachine, container, cpuQuota] = await Promise.all([
    detectHypervisor(source, cpuinfo ?? ''),
    detectContainer(source),
    readCpuQuota(source),
  ]);
  return {
    os: parsePairs(release, '=').get('PRETTY_NAME') ?? source.os.type,
    kernel: source.os.release,
    arch: source.os.machine,
    cpu: cpu.get('model name') ?? cpu.get('Model') ?? (source.os.cpuModel || source.os.machine),
    logicalCpus: source.os.logicalCpus,
    memoryBytes: kibibytes(meminfo, 'MemTotal') ?? source.os.totalMemoryBytes,
    node: source.os.node,
    ...(virtualMachine && { virtualMachine }),
    ...(container && { container }),
    ...(cpuQuota !== undefined && { cpuQuota }),
  };
}

export async function readLinuxConditions(source: HostSource): Promise<Omit<Conditions, 'at'>> {
  const [loadavg, meminfo, cpuinfo, power, mode, thermal, throttled] = await Promise.all([
    source.readFile('/proc/loadavg'),
    source.readFile('/proc/meminfo'),
    source.readFile('/proc/cpuinfo'),
    readPowerSource(source),
    readPowerMode(source),
    readTemperature(source),
    source.readFile(`${CPU0}/thermal_throttle/package_throttle_count`),
  ]);
  const throttleEvents = parseNumber(throttled);
  const cpuMhz = meanClock(cpuinfo ?? '') ?? (await readScaledClock(source));
  return {
    load1: parseNumber(loadavg?.split(' ')[0]) ?? source.os.load1,
    freeMemoryBytes: kibibytes(meminfo, 'MemAvailable') ?? source.os.freeMemoryBytes,
    powerSource: power,
    ...mode,
    ...(thermal && { thermal }),
    ...(throttleEvents !== undefined && { throttleEvents }),
    ...(cpuMhz !== undefined && { cpuMhz }),
  };
}

function kibibytes(meminfo: string | undefined, key: string): number | undefined {
  const value = parseNumber(parsePairs(meminfo, ':').get(key)?.replace(/ kB$/, ''));
  return value === undefined ? undefined : value * KIB;
}

/** Any supply that is plugged in counts as mains; a machine that lists none does not tell. */
async function readPowerSource(source: HostSource): Promise<Conditions['powerSource']> {
  const folder = '/sys/class/power_supply';
  const supplies = await Promise.all(
    (await source.list(folder)).map(async (name) => {
      const [type, scope, online, status] = await Promise.all(
        ['type', 'scope', 'online', 'status'].map(async (file) =>
          (await source.readFile(`${folder}/${name}/${file}`))?.trim(),
        ),
      );
      return { type, scope, online, status };
    }),
  );
  // `Device` is the battery of a mouse or a pen.
  const own = supplies.filter(({ scope }) => scope !== 'Device');
  if (own.some(({ type, online }) => type !== 'Battery' && online === '1')) return 'mains';
  const batteries = own.filter(({ type }) => type === 'Battery');
  if (batteries.some(({ status }) => status === 'Discharging')) return 'battery';
  return batteries.length > 0 ? 'mains' : 'unknown';
}

/**
 * The governor and what else holds clocks down. Under intel_pstate and amd-pstate the `powersave`
 * governor is the normal one, and only the energy preference `power` saves.
 */
async function readPowerMode(
  source: HostSource,
): Promise<Pick<Conditions, 'powerMode' | 'powerSaving'>> {
  const [governor, driver, preference, profile] = await Promise.all(
    [
      `${CPU0}/cpufreq/scaling_governor`,
      `${CPU0}/cpufreq/scaling_driver`,
      `${CPU0}/cpufreq/energy_performance_preference`,
      '/sys/firmware/acpi/platform_profile',
    ].map(async (path) => (await source.readFile(path))?.trim()),
  );
  const known = [
    governor && `governor ${governor}`,
    driver,
    preference && `preference ${preference}`,
    profile && `profile ${profile}`,
  ].filter(Boolean);
  if (known.length === 0) return {};
  const scalesItself = /^(intel_pstate|amd-pstate-epp)$/.test(driver ?? '');
  const governorSaves = preference === 'power' || (governor === 'powersave' && !scalesItself);
  return {
    powerMode: known.join(', '),
    ...(governorSaves
      ? { powerSaving: 'governor' as const }
      : profile === 'low-power' && { powerSaving: 'mode' as const }),
  };
}

/** The hottest thermal zone of the CPU. */
async function readTemperature(source: HostSource): Promise<string | undefined> {
  const folder = '/sys/class/thermal';
  const zones = (await source.list(folder)).filter((name) => name.startsWith('thermal_zone'));
  const temperatures = await Promise.all(
    zones.map(async (name) => {
      const type = (await source.readFile(`${folder}/${name}/type`)) ?? '';
      if (!/cpu|pkg|soc|k10temp/i.test(type)) return undefined;
      return parseNumber(await source.readFile(`${folder}/${name}/temp`));
    }),
  );
  const known = temperatures.filter((value) => value !== undefined);
  return known.length > 0 ? `${Math.round(Math.max(...known) / 1000)} °C` : undefined;
}

function meanClock(cpuinfo: string): number | undefined {
  const clocks = [...cpuinfo.matchAll(/^cpu MHz\s*:\s*([\d.]+)/gm)].map((match) =>
    Number(match[1]),
  );
  if (clocks.length === 0) return undefined;
  return Math.round(clocks.reduce((sum, value) => sum + value, 0) / clocks.length);
}

/** ARM has no clock in /proc/cpuinfo. */
async function readScaledClock(source: HostSource): Promise<number | undefined> {
  const kHz = parseNumber(await source.readFile(`${CPU0}/cpufreq/scaling_cur_freq`));
  return kHz === undefined ? undefined : Math.round(kHz / 1000);
}
