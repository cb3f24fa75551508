import { backendOfDevice, FALLBACK_BACKEND } from '../backends/registry.js';
import type { DeviceId } from '../backends/types.js';
import { MpsbenchError } from '../errors.js';
import { didYouMean } from '../nearest.js';
import type { DeviceInfo, DeviceKind } from '../result/schema.js';
import type { Discovery } from '../runner/discover.js';

/** What --device takes besides ids. */
export const KEYWORDS = ['auto', 'gpu', 'cpu', 'all'] as const;
type Keyword = (typeof KEYWORDS)[number];

/** What others call our backends. */
const ALIASES: Readonly<Record<string, string>> = {
  ...{ mps: 'metal', apple: 'metal', nvidia: 'cuda' },
  ...{ vulkan: 'webgpu', dawn: 'webgpu' },
  ...{ torch: 'pytorch', tf: 'tensorflow', ort: 'onnxruntime' },
};

const HARDWARE_GPU: readonly DeviceKind[] = ['gpu', 'integrated'];

/** The devices to measure, and the one that speedups refer to. */
export interface Selection {
  readonly devices: readonly DeviceInfo[];
  readonly baseline?: DeviceId;
}

/** The backends that a specification needs; undefined where it may need any. */
export function backendsNeeded(
  spec: string,
  compareCpu: boolean,
  known: readonly string[],
): string[] | undefined {
  const parts = splitSpec(spec, known);
  if (parts.some((part) => part === 'auto' || part === 'gpu' || part === 'all')) return undefined;
  const needed = parts.map((part) => (part.includes(':') ? backendOfDevice(part) : part));
  for (const part of needed) requireKnown(part, known);
  return [...new Set(compareCpu ? [...needed, FALLBACK_BACKEND] : needed)];
}

/**
 * Turns `auto`, `gpu,cpu` or `webgpu:0` into devices, in the order asked for and each once. A device
 * is known by its id, and the first of a backend by the backend's.
 * @throws MpsbenchError `usage` for a name that cannot exist, `unavailable` for a device that does not
 */
export function selectDevices(spec: string, found: Discovery, compareCpu: boolean): Selection {
  const known = found.backends.map(({ id }) => id);
  const parts = [...splitSpec(spec, known), ...(compareCpu ? ['cpu'] : [])];
  const chosen = new Map<DeviceId, DeviceInfo>();
  for (const part of parts) {
    // A comparison without a CPU device goes on alone; asking for the CPU itself does not.
    const optional = compareCpu && part === 'cpu' && chosen.size > 0;
    if (optional && !cpuOf(found)) continue;
    for (const device of resolve(part, found)) chosen.set(device.id, device);
  }
  const devices = [...chosen.values()];
  const baseline = devices.find(({ kind }) => kind === 'cpu');
  return devices.length > 1 && baseline ? { devices, baseline: baseline.id } : { devices };
}

/** `MPS, nvidia:1` -> `metal`, `cuda:1`. */
function splitSpec(spec: string, known: readonly string[]): string[] {
  const parts = spec
    .split(',')
    .map((part) => ownName(part.trim().toLowerCase(), known))
    .filter((part) => part !== '');
  if (parts.length > 0) return parts;
  throw new MpsbenchError(
    'usage',
    `--device "${spec}" names no device.`,
    `Use ${KEYWORDS.join(', ')} or a device ID; mpsbench devices lists them.`,
  );
}

/** A backend that the user added may have one of these names. */
function ownName(part: string, known: readonly string[]): string {
  const [name = '', ...rest] = part.split(':');
  if (known.includes(name) || !Object.hasOwn(ALIASES, name)) return part;
  return [ALIASES[name], ...rest].join(':');
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
      return [byId(part, found)];
  }
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
  const names = [...KEYWORDS, ...known.map((id) => `${id}:0`)];
  throw new MpsbenchError(
    'usage',
    `Unknown device: ${backend}.${didYouMean(backend, [...KEYWORDS, ...known])}`,
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
