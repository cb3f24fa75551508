import { totalmem } from 'node:os';
import type { DeviceInfo, DeviceKind } from '../../result/schema.js';

/** Vendors whose GPUs all share the host's memory. Intel is one but for its Arc cards. */
const INTEGRATED_VENDORS = ['apple', 'intel', 'arm', 'qualcomm', 'img-tec', 'broadcom'];
const INTEL_CARDS = /arc|xe-?hpg|xe2-?hpg|alchemist|battlemage/;
const SOFTWARE = /swiftshader|llvmpipe|lavapipe|basic render/i;

const API = { darwin: 'Metal', win32: 'D3D12' } as Partial<Record<NodeJS.Platform, string>>;

/**
 * What WebGPU tells about an adapter. It names neither the memory's size nor whether the GPU has
 * memory of its own, so `kind` follows from the vendor.
 */
export function deviceInfo(
  id: string,
  adapter: GPUAdapter,
  device: GPUDevice,
  clock: { resolutionNs?: number } | undefined,
  dawnVersion: string,
): DeviceInfo {
  const info = {
    vendor: printable(adapter.info.vendor),
    architecture: printable(adapter.info.architecture),
    device: printable(adapter.info.device),
    description: printable(adapter.info.description),
  };
  const { subgroupMinSize, subgroupMaxSize } = adapter.info;
  const limits = device.limits;
  const kind = deviceKind(info, adapter.info.isFallbackAdapter);
  return {
    id,
    backend: 'webgpu',
    name: deviceName(info.device || info.description || info.architecture || info.vendor),
    kind,
    ...(info.vendor && { vendor: words(info.vendor) }),
    ...(info.description && { driver: info.description }),
    api: `${API[process.platform] ?? 'Vulkan'} via Dawn (webgpu ${dawnVersion})`,
    // Of GPUs that share the host's memory, that is the memory; of cards WebGPU does not tell it.
    ...(kind !== 'gpu' && { memoryBytes: totalmem() }),
    maxBufferBytes: Math.min(limits.maxBufferSize, limits.maxStorageBufferBindingSize),
    dtypes: device.features.has('shader-f16') ? ['f32', 'f16'] : ['f32'],
    ...(clock && { deviceClock: { source: 'timestamp-query', ...clock } }),
    details: {
      ...(info.architecture && { architecture: info.architecture }),
      ...(subgroupMinSize && { subgroups: `${subgroupMinSize} to ${subgroupMaxSize} lanes` }),
      'workgroup memory': `${limits.maxComputeWorkgroupStorageSize / 1024} KiB`,
      'workgroup size': limits.maxComputeInvocationsPerWorkgroup,
      features: ['shader-f16', 'timestamp-query', 'subgroups']
        .filter((feature) => device.features.has(feature))
        .join(', '),
    },
  };
}

export function deviceKind(
  info: { vendor: string; architecture: string; device: string; description: string },
  isFallback: boolean,
): DeviceKind {
  if (isFallback || SOFTWARE.test(`${info.device} ${info.description}`)) return 'software';
  if (info.vendor === 'intel' && INTEL_CARDS.test(`${info.architecture} ${info.device}`)) {
    return 'gpu';
  }
  return INTEGRATED_VENDORS.includes(info.vendor) ? 'integrated' : 'gpu';
}

/** WebGPU writes names in lower case with hyphens (`nvidia-geforce-rtx-4090`). */
export function deviceName(device: string): string {
  if (/swiftshader/i.test(device)) return 'SwiftShader';
  if (/llvmpipe/i.test(device)) return 'llvmpipe';
  return /^[a-z0-9-]+$/.test(device) ? words(device) : device;
}

const SPELLING: Readonly<Record<string, string>> = {
  nvidia: 'NVIDIA',
  amd: 'AMD',
  geforce: 'GeForce',
  rtx: 'RTX',
  gtx: 'GTX',
  rx: 'RX',
  gpu: 'GPU',
};

function words(hyphenated: string): string {
  return hyphenated
    .split('-')
    .filter(Boolean)
    .map((word) => SPELLING[word] ?? (/\d/.test(word) ? word.toUpperCase() : capital(word)))
    .join(' ');
}

function capital(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}

/** Without control characters: the text comes from a driver and goes to a terminal. */
function printable(text: string | undefined): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is removed
  return (text ?? '').replace(/[\u0000-\u001f\u007f-\u009f]/g, '').trim();
}
