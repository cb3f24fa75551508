import { DAWN_FLAGS, type Dawn } from './dawn.js';
import { findManifests } from './icd.js';

export interface FoundAdapter {
  readonly adapter: GPUAdapter;
  /** Dawn's instance: the adapter and its devices need it alive. */
  readonly gpu: GPU;
}

/**
 * Dawn's instance, once one has found an adapter. It lives as long as the process: a driver may not
 * survive that an instance is collected as garbage while another one works, and a second discovery
 * is faster with it. It does not keep the process from ending.
 */
let instance: GPU | undefined;

/**
 * The adapters of this machine: hardware first (the faster one before the thriftier one), then a
 * software adapter. If the Vulkan loader has no driver of its own, or none that Dawn accepts,
 * VK_DRIVER_FILES of this process is set to a driver in a well-known place.
 */
export async function findAdapters(dawn: Dawn): Promise<FoundAdapter[]> {
  if (instance) return request(instance);
  for (const driverFiles of driverChoices()) {
    if (driverFiles) process.env.VK_DRIVER_FILES = driverFiles;
    const gpu = dawn.create(DAWN_FLAGS);
    const found = await request(gpu);
    if (found.length === 0) continue;
    instance = gpu;
    return found;
  }
  return [];
}

/** Values of VK_DRIVER_FILES to try, in order; undefined leaves the choice to the loader. */
function driverChoices(): (string | undefined)[] {
  if (process.platform !== 'linux') return [undefined];
  const { chosenByUser, inLoaderFolders, hardware, software } = findManifests();
  if (chosenByUser) return [undefined];
  return [
    ...(inLoaderFolders ? [undefined] : []),
    ...(hardware.length > 0 ? [hardware.join(':')] : []),
    ...software.slice(0, 1),
  ];
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
