import { backendOfDevice, FALLBACK_BACKEND } from '../backends/registry.js';
import type { DeviceId } from '../backends/types.js';
import { MpsbenchError } from '../errors.js';
import { FRAMEWORK_IDS, frameworkOfBackend } from '../frameworks/catalog.js';
import type { DeviceInfo, DeviceKind } from '../result/schema.js';
import type { Discovery } from '../runner/discover.js';
import { didYouMean } from '../text/did-you-mean.js';
import { KEYWORDS, type Keyword, splitSpec } from './device-spec.js';
import {
  backendsNamed,
  everyFrameworkDevice,
  type FrameworkChoice,
  frameworkDevices,
  frameworkOfPart,
  NO_FRAMEWORKS,
} from './select-frameworks.js';
import type { FrameworkSettings } from './settings.js';

const HARDWARE_GPU: readonly DeviceKind[] = ['gpu', 'integrated'];

/** The devices to measure, and the one that speedups refer to. */
export interface Selection {
  readonly devices: readonly DeviceInfo[];
  readonly baseline?: DeviceId;
}

/** The backends that a specification needs: of a framework those of the environments that hold it. */
export function backendsNeeded(
  spec: string,
  compareCpu: boolean,
  known: readonly string[],
  frameworks: FrameworkChoice = NO_FRAMEWORKS,
): string[] {
  const parts = splitSpec(spec, known);
  const started = frameworks.all ? frameworks.interpreters.map(({ backend }) => backend) : [];
  const needed = parts.flatMap((part) => {
    if (part === 'auto' || part === 'gpu' || part === 'all') return known;
    if (frameworkOfPart(part, known)) return backendsNamed(part, frameworks.interpreters);
    const backend = part.includes(':') ? backendOfDevice(part) : part;
    requireKnown(backend, known);
    return [backend];
  });
  needed.push(...started);
  return [...new Set(compareCpu ? [...needed, FALLBACK_BACKEND] : needed)];
}

/**
 * Turns `auto`, `gpu,cpu` or `webgpu:0` into devices, in the order asked for and each once. A device
 * is known by its id, and the first of a backend by the backend's.
 * @throws MpsbenchError `usage` for a name that cannot exist, `unavailable` for a device that does not
 */
export function selectDevices(
  spec: string,
  found: Discovery,
  compareCpu: boolean,
  frameworks: Pick<FrameworkSettings, 'all' | 'mode'> = { all: false, mode: 'idiomatic' },
): Selection {
  const all = found.backends.map(({ id }) => id);
  const known = all.filter((id) => !frameworkOfBackend(id));
  const parts = [...splitSpec(spec, known), ...(compareCpu ? ['cpu'] : [])];
  const chosen = new Map<DeviceId, DeviceInfo>();
  for (const part of parts) {
    // Without a CPU device a comparison continues alone; an explicit cpu is an error.
    const optional = compareCpu && part === 'cpu' && chosen.size > 0;
    if (optional && !cpuOf(found)) continue;
    const resolved = frameworkOfPart(part, known)
      ? frameworkDevices(part, found, frameworks.mode)
      : resolve(part, nativeOf(found));
    for (const device of resolved) chosen.set(device.id, device);
  }
  if (frameworks.all) {
    for (const device of everyFrameworkDevice(found, frameworks.mode)) {
      chosen.set(device.id, device);
    }
  }
  const devices = [...chosen.values()];
  const cpus = devices.filter(({ kind }) => kind === 'cpu');
  const baseline = cpus.find(({ framework }) => !framework) ?? cpus[0];
  return devices.length > 1 && baseline ? { devices, baseline: baseline.id } : { devices };
}

function resolve(part: string, found: Discovery): readonly DeviceInfo[] {
  switch (part as Keyword) {
    case 'auto':
      return [hardwareGpu(found) ?? softwareGpu(found) ?? cpuOf(found) ?? fail(found, 'device')];
    case 'gpu':
      return [hardwareGpu(found) ?? fail(found, 'hardware GPU')];
    case 'cpu':
      return [cpuOf(found) ?? fail(found, 'CPU device')];
    case 'all':
      return found.devices.length > 0 ? found.devices : fail(found, 'device');
    default:
      return part.endsWith(EVERY) ? everyOf(part, found) : [byId(part, found)];
  }
}

/** The keywords mean native devices: a framework is measured because it was requested. */
function nativeOf(found: Discovery): Discovery {
  return { ...found, devices: found.devices.filter(({ framework }) => !framework) };
}

function hardwareGpu({ devices }: Discovery): DeviceInfo | undefined {
  return devices.find(({ kind }) => HARDWARE_GPU.includes(kind));
}

function softwareGpu({ devices }: Discovery): DeviceInfo | undefined {
  return devices.find(({ kind }) => kind === 'software');
}

function cpuOf({ devices }: Discovery): DeviceInfo | undefined {
  return devices.find(({ kind }) => kind === 'cpu');
}

/** All devices of a backend, as in `cuda:*`. */
const EVERY = ':*';

function everyOf(part: string, found: Discovery): readonly DeviceInfo[] {
  const backend = part.slice(0, -EVERY.length);
  const first = byId(backend, found);
  return found.devices.filter((device) => device.backend === first.backend);
}

function byId(id: string, found: Discovery): DeviceInfo {
  const backendId = id.includes(':') ? backendOfDevice(id) : id;
  requireKnown(
    backendId,
    found.backends.map((backend) => backend.id),
  );
  const device = found.devices.find((candidate) =>
    id.includes(':') ? candidate.id === id : candidate.backend === id,
  );
  if (device) return device;
  const backend = found.backends.find((candidate) => candidate.id === backendId);
  if (backend?.state === 'unavailable') {
    throw new MpsbenchError('unavailable', `${id}: ${backend.reason}`, backend.remedy);
  }
  const ids = found.devices.filter(({ backend: of }) => of === backendId).map((d) => d.id);
  throw new MpsbenchError(
    'unavailable',
    `There is no device ${id}.${didYouMean(id, ids)}`,
    `${backendId} has ${ids.length > 0 ? ids.join(', ') : 'no device'}; see mpsbench devices.`,
  );
}

function requireKnown(backend: string, known: readonly string[]): void {
  if (known.includes(backend) || (KEYWORDS as readonly string[]).includes(backend)) return;
  const names = [...KEYWORDS, ...known.map((id) => `${id}:0`), ...FRAMEWORK_IDS];
  throw new MpsbenchError(
    'usage',
    `Unknown device: ${backend}.${didYouMean(backend, [...KEYWORDS, ...known, ...FRAMEWORK_IDS])}`,
    `Use one of ${names.join(', ')}; mpsbench devices lists what is here.`,
  );
}

function fail({ backends }: Discovery, wanted: string): never {
  const missing = backends.filter(({ state }) => state === 'unavailable');
  // A reason is a clause, or a whole sentence of a worker that failed.
  const reasons = missing.map(({ id, reason }) => ` ${id}: ${reason?.replace(/\.$/, '')}.`);
  const remedies = missing.flatMap(({ id, remedy }) => (remedy ? [`${id}: ${remedy}`] : []));
  throw new MpsbenchError(
    'unavailable',
    `No ${wanted} was found.${reasons.join('')}`,
    [...remedies, 'mpsbench devices lists what is here.'].join('\n'),
  );
}
