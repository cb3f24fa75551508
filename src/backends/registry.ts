import { existsSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { MpsbenchError } from '../errors.js';
import type { Interpreter } from '../frameworks/interpreters.js';
import type { Home } from './native/backend.js';
import type { Backend } from './types.js';

export interface BackendEntry {
  readonly id: string;
  /** Loads the backend's code; called in a worker process only. */
  load(): Promise<Backend>;
  /** Where it exists at all; everywhere where left out. */
  readonly home?: Home;
  /** Whether it may have sensors that can be read without opening a device. */
  readonly hasMonitors?: boolean;
  /** Whether probing it starts no driver on this machine, so that it needs no process of its own. */
  readonly isHarmless?: () => boolean;
}

/** The environment variable that adds backends: `id=module.js`, several by ';'. */
export const BACKENDS_VARIABLE = 'MPSBENCH_BACKENDS';

/** The environment variable that leaves backends out: comma-separated ids. */
export const HIDDEN_VARIABLE = 'MPSBENCH_HIDE';

/** Every backend, the preferred one for `--device gpu` first. */
const BUILT_IN: readonly BackendEntry[] = [
  gpu('metal', { platform: 'darwin', elsewhere: 'Metal exists on macOS only' }),
  gpu(
    'cuda',
    { platform: 'linux', elsewhere: 'mpsbench reaches CUDA on Linux only' },
    mayReachNvidia,
  ),
  { id: 'webgpu', load: async () => (await import('./webgpu/backend.js')).webgpuBackend },
  native('cpu'),
];

/** A backend of the native addon. */
function native(id: string, home?: Home): BackendEntry {
  return { id, load: async () => (await import('./native/backend.js')).nativeBackend(id, home) };
}

/** One that starts a driver, where its platform has it and `mayReach` sees signs of a device. */
function gpu(id: string, home: Home, mayReach = () => true): BackendEntry {
  return {
    ...native(id, home),
    home,
    hasMonitors: true,
    isHarmless: () => process.platform !== home.platform || !mayReach(),
  };
}

/** Device nodes of NVIDIA's driver, of WSL and of Tegra, or libraries that the user names. */
function mayReachNvidia(): boolean {
  const nodes = ['/dev/nvidiactl', '/dev/nvidia0', '/dev/dxg', '/dev/nvhost-ctrl', '/dev/nvgpu'];
  return process.env.MPSBENCH_CUDA_PATH !== undefined || nodes.some((node) => existsSync(node));
}

/** The backend that runs the ops that another device lacks, and the comparison baseline. */
export const FALLBACK_BACKEND = 'cpu';

/**
 * The built-in backends that MPSBENCH_HIDE does not name, and those of MPSBENCH_BACKENDS (docs/backends.md: a module that exports
 * `backend: Backend`).
 * @throws MpsbenchError `usage` if the variable cannot be read, or names a backend twice
 */
export function backendEntries(env: NodeJS.ProcessEnv = process.env): readonly BackendEntry[] {
  const added = (env[BACKENDS_VARIABLE] ?? '').split(';').filter((part) => part.trim() !== '');
  const hidden = (env[HIDDEN_VARIABLE] ?? '').split(',').map((id) => id.trim());
  const shown = BUILT_IN.filter(({ id }) => !hidden.includes(id));
  const entries = [...added.map(externalEntry), ...shown];
  const ids = entries.map(({ id }) => id);
  const twice = ids.find((id, at) => ids.indexOf(id) !== at);
  if (twice === undefined) return entries;
  throw new MpsbenchError(
    'usage',
    `${BACKENDS_VARIABLE} names a backend ${twice}, and there is another of that name.`,
    `Choose a name of its own; ${BUILT_IN.map(({ id }) => id).join(', ')} are built in.`,
  );
}

function externalEntry(text: string): BackendEntry {
  const [, id, path] = /^\s*([a-z][a-z0-9-]*)=(.+?)\s*$/.exec(text) ?? [];
  if (!id || !path) {
    throw new MpsbenchError(
      'usage',
      `${BACKENDS_VARIABLE} has the entry "${text}", which is not of the form id=module.js.`,
      `Set it to, for example, ${BACKENDS_VARIABLE}="mychip=/opt/mychip/backend.js".`,
    );
  }
  return { id, load: () => loadExternal(id, path), hasMonitors: true };
}

/** @throws MpsbenchError `unavailable` for a module that does not load, or holds no such backend */
async function loadExternal(id: string, path: string): Promise<Backend> {
  const refuse = (what: string, cause?: unknown) =>
    new MpsbenchError(
      'unavailable',
      `${path}, which ${BACKENDS_VARIABLE} names, ${what}`,
      `Correct ${BACKENDS_VARIABLE} or the module; docs/backends.md says what one exports.`,
      { cause },
    );
  if (!existsSync(path)) throw refuse('is not there');
  const module: unknown = await import(pathToFileURL(path).href).catch((cause) => {
    throw refuse(`does not load: ${cause instanceof Error ? cause.message : cause}`, cause);
  });
  const { backend } = module as { backend?: Partial<Backend> };
  if (typeof backend?.probe !== 'function' || typeof backend.devices !== 'function') {
    throw refuse('exports no "backend" with probe() and devices()');
  }
  // Device ids begin with the id of their backend: under another one, they could not be found.
  if (backend.id !== id) throw refuse(`exports the backend "${backend.id}", not "${id}"`);
  return backend as Backend;
}

/** The backend of a framework in one Python environment. */
export function frameworkEntry(interpreter: Interpreter): BackendEntry {
  return {
    id: interpreter.backend,
    load: async () => (await import('./framework/backend.js')).frameworkBackend(interpreter),
  };
}

export function findBackend(id: string, interpreters: readonly Interpreter[] = []): BackendEntry {
  const entries = [...backendEntries(), ...interpreters.map(frameworkEntry)];
  const entry = entries.find((candidate) => candidate.id === id);
  if (!entry) throw new MpsbenchError('usage', `There is no backend ${id}.`);
  return entry;
}

/** `cuda:3` -> 3. */
export function indexOfDevice(device: string): number {
  return Number(device.slice(device.indexOf(':') + 1));
}

/** `webgpu:0` -> `webgpu`. */
export function backendOfDevice(device: string): string {
  return device.slice(0, device.indexOf(':'));
}
