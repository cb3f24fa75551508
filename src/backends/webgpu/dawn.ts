import { createRequire } from 'node:module';

/** What the optional package `webgpu` (Dawn for Node) exports. */
export interface Dawn {
  create(flags: string[]): GPU;
  readonly version: string;
  readonly usage: typeof GPUBufferUsage;
  readonly mapMode: typeof GPUMapMode;
}

/**
 * Timestamp queries are rounded to 100 us unless told otherwise, since fine clocks help attackers in
 * a browser; a benchmark needs the nanoseconds.
 */
export const DAWN_FLAGS = [
  'enable-dawn-features=allow_unsafe_apis',
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
