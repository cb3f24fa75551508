import { backendEntries } from '../backends/registry.js';
import type { BackendOptions, DeviceInfo } from '../backends/types.js';
import { MpsbenchError } from '../errors.js';
import { findPeak } from '../host/peaks.js';
import type { BackendRecord } from '../report/schema.js';
import { WorkerClient } from './worker-client.js';

export interface Discovery {
  readonly backends: readonly BackendRecord[];
  readonly devices: readonly DeviceInfo[];
}

export interface DiscoverOptions extends BackendOptions {
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
  /** Probe these backends only. */
  readonly only?: readonly string[];
}

/**
 * Probes every backend in a child process of its own, all at once: a driver that crashes or hangs
 * becomes an unavailable backend.
 * @throws MpsbenchError `interrupted`, or `usage` for options that a backend does not know
 */
export async function discover(options: DiscoverOptions): Promise<Discovery> {
  const ids = backendEntries()
    .map(({ id }) => id)
    .filter((id) => options.only?.includes(id) ?? true);
  const found = await Promise.all(ids.map((id) => probeBackend(id, options)));
  return {
    backends: found.map(({ backend }) => backend),
    devices: found.flatMap(({ devices }) => devices),
  };
}

async function probeBackend(
  id: string,
  { timeoutMs, signal, threads, engine }: DiscoverOptions,
): Promise<{ backend: BackendRecord; devices: DeviceInfo[] }> {
  const worker = new WorkerClient(`the ${id} backend`, signal);
  try {
    const request = { backend: id, options: { threads, engine } };
    const { probe, devices } = await worker.call('probe', request, { timeoutMs });
    if (probe.state === 'unavailable') {
      const { state, reason, remedy } = probe;
      return { backend: { id, state, reason, remedy }, devices: [] };
    }
    const backend: BackendRecord = { id, state: 'available', version: probe.version };
    return { backend, devices: devices.map(withPeak) };
  } catch (error) {
    const { code, message, advice } = MpsbenchError.from(error);
    if (code === 'interrupted' || code === 'usage') throw error;
    return {
      backend: { id, state: 'unavailable', reason: message, remedy: advice },
      devices: [],
    };
  } finally {
    worker.close();
  }
}

/** Backends that know their own peak keep it; the table of known chips fills what is missing. */
export function withPeak(info: DeviceInfo): DeviceInfo {
  const known = findPeak(info.name, info.kind);
  if (!info.peak || !known) return known ? { ...info, peak: known } : info;
  if (info.peak.gbPerS !== undefined || known.gbPerS === undefined) return info;
  const source = `${info.peak.source}; bandwidth: ${known.source}`;
  return { ...info, peak: { ...info.peak, gbPerS: known.gbPerS, source } };
}
