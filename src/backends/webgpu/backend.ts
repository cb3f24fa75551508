import type { Backend, BackendOptions, Device, Probe } from '../types.js';
import { type FoundAdapter, findAdapters } from './adapters.js';
import { type Dawn, loadDawn } from './dawn.js';
import { WebgpuDevice } from './device.js';

/** Any GPU with Metal, Vulkan or D3D12, through Dawn and the kernels of src/kernels. */
export const webgpuBackend: Backend = {
  id: 'webgpu',

  async probe(): Promise<Probe> {
    try {
      const dawn = await loadDawn();
      const adapters = await findAdapters(dawn);
      if (adapters.length > 0)
        return { state: 'available', version: `Dawn, webgpu ${dawn.version}` };
      return {
        state: 'unavailable',
        reason: 'Dawn finds no adapter: no driver for Metal, Vulkan or D3D12',
        remedy: driverRemedy(),
      };
    } catch (error) {
      return { state: 'unavailable', ...loadFailure(error) };
    }
  },

  async devices({ kernels }: BackendOptions): Promise<Device[]> {
    const dawn: Dawn = await loadDawn();
    const adapters: FoundAdapter[] = await findAdapters(dawn);
    const devices: Device[] = [];
    for (const found of adapters) {
      devices.push(await WebgpuDevice.open(`webgpu:${devices.length}`, found, dawn, kernels));
    }
    return devices;
  },
};

function loadFailure(error: unknown): { reason: string; remedy: string } {
  const message = error instanceof Error ? error.message : String(error);
  const missing =
    error instanceof Error && 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND';
  return missing
    ? {
        reason: 'the npm package webgpu is not installed',
        remedy: 'Install it with `npm install webgpu`.',
      }
    : {
        reason: `the npm package webgpu does not load: ${message.trim().split('\n', 1)[0]}`,
        remedy: `Install it again with \`npm install webgpu\`; it needs a build for ${process.platform}-${process.arch}.`,
      };
}

function driverRemedy(): string {
  return process.platform === 'linux'
    ? 'Install the Vulkan loader and a driver; on Debian or Ubuntu, `apt-get install libvulkan1 chromium-common` gives a software GPU.'
    : "Update the system's GPU driver.";
}
