import { MpsbenchError } from '../../errors.js';
import type { Graph, HostArray, Op } from '../../graph/types.js';
import { readCpuQuota } from '../../host/cgroup.js';
import { systemSource } from '../../host/source.js';
import type { DType } from '../../result/dtypes.js';
import type { DeviceInfo, RunMode, Sample, Telemetry } from '../../result/schema.js';
import type {
  Backend,
  BackendOptions,
  Device,
  Executable,
  Monitor,
  Probe,
  Step,
  StepTime,
  Support,
} from '../types.js';
import type { Addon, NativeDevice, NativeExecutable, NativeMonitor } from './addon-types.js';
import { cudaNames } from './cuda-order.js';
import { type Loaded, loadAddon } from './load.js';

/** Where a backend exists at all. */
export interface Home {
  readonly platform: NodeJS.Platform;
  /** Said elsewhere: `Metal exists on macOS only`. There is nothing that could be done about it. */
  readonly elsewhere: string;
}

/** The backend `id` of the native addon, for example `cpu`. */
export function nativeBackend(id: string, home?: Home): Backend {
  return {
    id,
    separateDevices: () => {
      const loaded = loadAddon();
      const isHere = loaded.state === 'loaded' && loaded.addon.backends().includes(id);
      return isHere ? loaded.addon.separateDevices(id) : [];
    },
    probe: async () => probe(loadAddon(), id, home),
    devices: async (options) => openDevices(id, options),
    monitors: async () => openMonitors(id),
  };
}

function openMonitors(id: string): Monitor[] {
  const addon = requireAddon(id);
  const opened = native(() => addon.monitors(id));
  const names = namesOf(
    id,
    opened.map(({ info }) => info),
  );
  return opened.map((monitor, i) => {
    const { index: _, ...facts } = monitor.info;
    return { info: { ...facts, ...names[i] }, read: () => monitor.read() };
  });
}

function namesOf(id: string, infos: readonly NativeMonitor['info'][]) {
  if (id === 'cuda') return cudaNames(infos, process.env.CUDA_VISIBLE_DEVICES);
  return infos.map(({ index }) => ({ id: `${id}:${index}`, isHidden: false }));
}

function requireAddon(id: string): Addon {
  const loaded = loadAddon();
  if (loaded.state === 'loaded') return loaded.addon;
  throw new MpsbenchError('unavailable', `${id}: ${loaded.reason}.`, loaded.remedy);
}

/** Runs a native call; whatever it throws becomes an MpsbenchError. */
function native<T>(call: () => T): T {
  try {
    return call();
  } catch (error) {
    throw MpsbenchError.from(error);
  }
}

/** What the addon, or its absence, says of one backend. */
export function probe(
  loaded: Loaded,
  id: string,
  home?: Home,
  platform: NodeJS.Platform = process.platform,
): Probe {
  const contained = loaded.state === 'loaded' && loaded.addon.backends().includes(id);
  // A build elsewhere may still have it: that with the test double does.
  if (!contained && home !== undefined && home.platform !== platform) {
    return { state: 'unavailable', reason: home.elsewhere, remedy: '' };
  }
  if (loaded.state === 'unavailable') {
    return { state: 'unavailable', reason: loaded.reason, remedy: loaded.remedy };
  }
  if (!contained) {
    return {
      state: 'unavailable',
      reason: `the native addon was built without the backend ${id}`,
      remedy: 'Build it with `npx mpsbench build` on a machine where that backend exists.',
    };
  }
  const found = native(() => loaded.addon.probe(id));
  if (found.available) return { state: 'available', version: found.version };
  return { state: 'unavailable', reason: found.reason, remedy: found.remedy };
}

async function openDevices(id: string, options: BackendOptions): Promise<Device[]> {
  const addon = requireAddon(id);
  const cpuQuota = id === 'cpu' ? await readCpuQuota(systemSource) : undefined;
  const devices = native(() =>
    addon.devices(id, { ...options, ...(cpuQuota !== undefined && { cpuQuota }) }),
  );
  return devices.map((device) => new WrappedDevice(id, device, options.firstIndex ?? 0));
}

class WrappedDevice implements Device {
  readonly info: DeviceInfo;
  readonly #native: NativeDevice;

  constructor(backend: string, device: NativeDevice, firstIndex: number) {
    const { index, ...facts } = device.info;
    this.info = { id: `${backend}:${firstIndex + index}`, backend, ...facts };
    this.#native = device;
  }

  get id(): string {
    return this.info.id;
  }

  supports(op: Op, dtype: DType): Support {
    const reason = native(() => this.#native.supports(op, dtype));
    return reason === null ? { ok: true } : { ok: false, reason };
  }

  fuses(graph: Graph): boolean {
    return native(() => this.#native.fuses(graph));
  }

  async compile(graph: Graph): Promise<Executable> {
    return new WrappedExecutable(native(() => this.#native.compile(graph)));
  }

  telemetry(siblings: readonly number[]): Telemetry {
    return native(() => this.#native.telemetry(siblings));
  }

  dispose(): void {
    this.#native.dispose();
  }
}

class WrappedExecutable implements Executable {
  readonly steps: readonly Step[];
  readonly deviceBytes: number;
  readonly #native: NativeExecutable;

  constructor(executable: NativeExecutable) {
    this.steps = executable.steps;
    this.deviceBytes = executable.deviceBytes;
    this.#native = executable;
  }

  write(tensor: string, values: HostArray): void {
    native(() => this.#native.write(tensor, values));
  }

  async run(iterations: number, mode: RunMode): Promise<Sample> {
    return { iterations, ...native(() => this.#native.run(iterations, mode)) };
  }

  async read(tensor: string): Promise<HostArray> {
    return native(() => this.#native.read(tensor));
  }

  async profile(iterations: number): Promise<StepTime[]> {
    const times = native(() => this.#native.profile(iterations));
    return this.steps.map((step, index) => ({ ...step, ...times[index] }));
  }

  dispose(): void {
    this.#native.dispose();
  }
}
