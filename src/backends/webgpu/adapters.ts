import { DAWN_FLAGS, type Dawn } from './dawn.js';
import { findManifests } from './icd.js';

export interface FoundAdapter {
  readonly adapter: GPUAdapter;
  /** Dawn's instance: the adapter and its devices need it alive. */
  readonly gpu: GPU;
}

/**
 * The adapters of this machine: hardware first (the faster one before the thriftier one), then a
 * software adapter. Where the Vulkan loader has no driver of its own, or none that Dawn takes,
 * VK_DRIVER_FILES of this process is set to a driver in a well-known place.
 */
export async function findAdapters(dawn: Dawn): Promise<FoundAdapter[]> {
  if (process.platform !== 'linux') return request(dawn.create(DAWN_FLAGS));
  const manifests = findManifests();
  if (manifests.chosenByUser) return request(dawn.create(DAWN_FLAGS));
  const attempts: (readonly string[])[] = [];
  if (manifests.inLoaderFolders) attempts.push([]);
  if (manifests.hardware.length > 0) attempts.push(manifests.hardware);
  if (manifests.software.length > 0) attempts.push(manifests.software.slice(0, 1));
  let found: FoundAdapter[] = [];
  for (const driverFiles of attempts) {
    if (driverFiles.length > 0) process.env.VK_DRIVER_FILES = driverFiles.join(':');
    found = await request(dawn.create(DAWN_FLAGS));
    if (found.length > 0) break;
  }
  return found;
}

async function request(gpu: GPU): Promise<FoundAdapter[]> {
  const wishes: GPURequestAdapterOptions[] = [
    { powerPreference: 'high-performance' },
    { powerPreference: 'low-power' },
    { forceFallbackAdapter: true },
  ];
  const byIdentity = new Map<string, GPUAdapter>();
  for (const wish of wishes) {
    const adapter = await gpu.requestAdapter(wish).catch(() => null);
    if (!adapter) continue;
    const identity = identityOf(adapter.info);
    if (!byIdentity.has(identity)) byIdentity.set(identity, adapter);
  }
  return [...byIdentity.values()].map((adapter) => ({ adapter, gpu }));
}

function identityOf({ vendor, architecture, device, description }: GPUAdapterInfo): string {
  return JSON.stringify([vendor, architecture, device, description]);
}
