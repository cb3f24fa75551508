import { createRequire } from 'node:module';

/** What the optional package `webgpu` (Dawn for Node) exports. */
export interface Dawn {
  create(flags: string[]): GPU;
  readonly version: string;
  readonly usage: typeof GPUBufferUsage;
  readonly mapMode: typeof GPUMapMode;
}

/**
 * Toggles of Dawn (names as of webgpu 0.6):
 * - allow_unsafe_apis: the others are refused without it.
 * - timestamp_quantization off: timestamps are otherwise rounded to 100 us, since fine clocks help
 *   attackers in a browser; a benchmark needs the nanoseconds.
 * - vulkan_enable_f16_on_nvidia: Dawn hides shader-f16 there because some drivers fail corners of the
 *   conformance tests; every result here is compared with a reference before it counts.
 */
export const DAWN_FLAGS = [
  'enable-dawn-features=allow_unsafe_apis,vulkan_enable_f16_on_nvidia',
  'disable-dawn-features=timestamp_quantization',
];

/** Loads the package; throws what Node throws when it is missing or not built for this platform. */
export async function loadDawn(): Promise<Dawn> {
  const { create, globals } = await import('webgpu');
  const { GPUBufferUsage: usage, GPUMapMode: mapMode } = globals as {
    GPUBufferUsage: typeof GPUBufferUsage;
    GPUMapMode: typeof GPUMapMode;
  };
  return { create, usage, mapMode, version: packageVersion() };
}

function packageVersion(): string {
  const { version } = createRequire(import.meta.url)('webgpu/package.json') as { version: string };
  return version;
}
