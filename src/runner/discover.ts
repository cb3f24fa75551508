import {
  type BackendEntry,
  backendEntries,
  FALLBACK_BACKEND,
  frameworkEntry,
} from '../backends/registry.js';
import type { BackendOptions, DeviceId } from '../backends/types.js';
import { MpsbenchError } from '../errors.js';
import { withPciPlaces } from '../host/pci.js';
import { type Estimate, findEstimates, findPeak } from '../host/peaks.js';
import { systemSource } from '../host/source.js';
import type { BackendRecord, DeviceInfo } from '../result/schema.js';
import { formatBandwidth, formatFlops } from '../result/units.js';
import type { ProbeAnswer, ProbeRequest, Problem } from './protocol.js';
import type { StartedWorkers } from './started-workers.js';
import { WorkerClient } from './worker-client.js';

export interface Discovery {
  readonly backends: readonly BackendRecord[];
  readonly devices: readonly DeviceInfo[];
  /** For each device, the workloads of `problems` that it has fused kernels for. */
  readonly fused: Readonly<Record<DeviceId, readonly string[]>>;
}

export interface DiscoverOptions extends BackendOptions {
  /** What is going to run, for `Discovery.fused`. */
  readonly problems?: readonly Problem[];
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
  /** Takes the workers of frameworks that started, instead of closing them. */
  readonly keep?: StartedWorkers;
  /** Probe these backends only. */
  readonly only?: readonly string[];
}

/**
 * Probes every backend in a child process of its own, all at once: a driver that crashes or hangs
 * becomes an unavailable backend. Those that start no driver here share the process of the CPU.
 * @throws MpsbenchError `interrupted`, or `usage` for options that a backend does not know
 */
export async function discover(options: DiscoverOptions): Promise<Discovery> {
  const known = [...backendEntries(), ...(options.interpreters ?? []).map(frameworkEntry)];
  const entries = known.filter(({ id }) => options.only?.includes(id) ?? true);
  const harmless = entries.filter(({ isHarmless }) => isHarmless?.());
  // The CPU comes last, so that nothing of it can cost the others.
  const shared = [...harmless, ...entries.filter(({ id }) => id === FALLBACK_BACKEND)];
  const alone = entries.filter((entry) => !shared.includes(entry)).map((entry) => [entry]);
  const found = new Map(
    (await Promise.all([...alone, shared].map((group) => probeInTurn(group, options)))).flat(),
  );
  const inOrder = entries.flatMap(({ id }) => found.get(id) ?? []);
  return {
    backends: inOrder.map(({ backend }) => backend),
    devices: inOrder.flatMap(({ devices }) => devices),
    fused: Object.assign({}, ...inOrder.map(({ fused }) => fused)),
  };
}

interface Probed {
  readonly backend: BackendRecord;
  readonly devices: readonly DeviceInfo[];
  readonly fused: Discovery['fused'];
}

/** One after the other, in one process; what ends the process costs one backend, and starts another. */
async function probeInTurn(
  entries: readonly BackendEntry[],
  options: DiscoverOptions,
): Promise<[id: string, probed: Probed][]> {
  let worker: WorkerClient | undefined;
  try {
    const probed: [string, Probed][] = [];
    for (const entry of entries) {
      const label = `the ${entry.id} backend`;
      if (!worker?.isOpen) worker = new WorkerClient(label, options.signal);
      worker.label = label;
      const found = await probeBackend(worker, entry, options);
      probed.push([entry.id, found]);
      const { keep, interpreters = [] } = options;
      const isFramework = interpreters.some(({ backend }) => backend === entry.id);
      if (keep && isFramework && found.devices.length > 0) {
        keep.keep(entry.id, worker);
        worker = undefined;
      }
    }
    return probed;
  } finally {
    await worker?.close();
  }
}

async function probeBackend(
  worker: WorkerClient,
  { id, home }: BackendEntry,
  { timeoutMs, signal, threads, engine, tf32, interpreters, problems }: DiscoverOptions,
): Promise<Probed> {
  try {
    const request = { backend: id, options: { threads, engine, tf32, interpreters }, problems };
    const answer = await worker.call('probe', request, { timeoutMs });
    const { probe, devices, fused } = answer.separate
      ? await probeSeparately(answer.separate, request, { timeoutMs, signal })
      : answer;
    if (probe.state === 'unavailable') {
      return { backend: { id, ...probe }, devices: [], fused: {} };
    }
    const backend: BackendRecord = { id, state: 'available', version: probe.version };
    const placed = await withPciPlaces(withLinkedIds(devices).map(withPeak), systemSource);
    return { backend, devices: placed, fused };
  } catch (error) {
    const { code, message, advice, rule } = MpsbenchError.from(error);
    if (code === 'interrupted' || code === 'usage') throw error;
    const why =
      home && home.platform !== process.platform
        ? { reason: home.elsewhere, remedy: '' }
        : { reason: message, remedy: advice, ...(rule && { rule }) };
    return { backend: { id, state: 'unavailable', ...why }, devices: [], fused: {} };
  }
}

/** Opens each device in a process that sees it alone, all at once. */
async function probeSeparately(
  names: readonly string[],
  { backend, options, problems }: ProbeRequest,
  { timeoutMs, signal }: Pick<DiscoverOptions, 'timeoutMs' | 'signal'>,
): Promise<ProbeAnswer> {
  const answers = await Promise.all(
    names.map(async (visibleAs, index): Promise<ProbeAnswer> => {
      const worker = new WorkerClient(`${backend}:${index} (${visibleAs})`, signal, visibleAs);
      try {
        const request = { backend, options: { ...options, firstIndex: index }, problems };
        const answer = await worker.call('probe', request, { timeoutMs });
        return { ...answer, devices: answer.devices.map((device) => ({ ...device, visibleAs })) };
      } catch (error) {
        const { code, message: reason, advice: remedy } = MpsbenchError.from(error);
        if (code === 'interrupted' || code === 'usage') throw error;
        // It costs itself only.
        return { probe: { state: 'unavailable', reason, remedy }, devices: [], fused: {} };
      } finally {
        await worker.close();
      }
    }),
  );
  const found = answers.filter(({ devices }) => devices.length > 0);
  const { probe } = found[0] ?? answers[0];
  return {
    probe,
    devices: found.flatMap(({ devices }) => devices),
    fused: Object.assign({}, ...found.map(({ fused }) => fused)),
  };
}

/** Backends name the other end of a link by its UUID; a card that is hidden has no device. */
function withLinkedIds(devices: readonly DeviceInfo[]): DeviceInfo[] {
  const idOf = new Map(devices.map(({ uuid, id }) => [uuid, id]));
  return devices.map(({ links = [], ...device }) => {
    const known = links.flatMap((link) => {
      const to = idOf.get(link.to);
      return to === undefined ? [] : [{ ...link, to }];
    });
    return known.length > 0 ? { ...device, links: known } : device;
  });
}

/**
 * Backends that know their own peak keep it; the table of known chips fills what is missing. What it
 * is not sure of becomes a detail: to be read, not to be judged by.
 */
export function withPeak(info: DeviceInfo): DeviceInfo {
  const peak = findPeak(info, info.peak);
  const estimates = findEstimates(info)
    .filter(({ what }) => (what === 'bandwidth' ? peak?.gbPerS : peak?.gflops) === undefined)
    .map((estimate) => [`estimated ${estimate.what}`, describe(estimate)]);
  const details = { ...info.details, ...Object.fromEntries(estimates) };
  return { ...info, ...(peak && { peak }), details };
}

function describe({ what, value, confidence, source }: Estimate): string {
  const rate = what === 'bandwidth' ? formatBandwidth(value) : `${formatFlops(value)} f32`;
  return `${rate}, ${confidence} confidence (${source})`;
}
