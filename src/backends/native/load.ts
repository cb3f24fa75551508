import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { limitAdvice } from '../../host/limits.js';
import type { Probe } from '../types.js';
import type { Addon } from './addon-types.js';

/** The `abi` that this version of addon-types.ts stands for. */
export const ADDON_ABI = 6;

/** A place where the addon may be, as it is shown to the user. */
export interface Candidate {
  readonly label: string;
  readonly path: string;
  /** What to do where this one does not load; left out: build the addon. */
  readonly remedy?: string;
}

const BUILD_IT = 'Build it with `npx mpsbench build` (needs CMake and a C++20 compiler).';

export type Loaded =
  | { readonly state: 'loaded'; readonly addon: Addon; readonly from: Candidate }
  | (Extract<Probe, { state: 'unavailable' }> & { readonly attempts: readonly string[] });

const require = createRequire(import.meta.url);

/** The same folder from src/ (tests) and from dist/. */
const packageRoot = fileURLToPath(new URL('../../../', import.meta.url));

/** Where to look, in order: the prebuilt package, the local build; or only an explicit path. */
export function candidates(env: NodeJS.ProcessEnv = process.env): Candidate[] {
  const explicit = env.MPSBENCH_ADDON;
  if (explicit) {
    const remedy =
      'Correct MPSBENCH_ADDON, or unset it to use the prebuilt package or a local build.';
    return [{ label: `MPSBENCH_ADDON=${explicit}`, path: explicit, remedy }];
  }
  const prebuilt = `@mpsbench/${process.platform}-${process.arch}`;
  return [
    { label: `package ${prebuilt}`, path: prebuilt },
    { label: 'local build', path: `${packageRoot}build/Release/mpsbench.node` },
  ];
}

/** Loads the first candidate that works; never throws. */
export function loadFrom(
  places: readonly Candidate[],
  load: (path: string) => unknown = require,
): Loaded {
  const attempts: string[] = [];
  for (const place of places) {
    const tried = attempt(place, load);
    if (typeof tried !== 'string') return { state: 'loaded', addon: tried, from: place };
    attempts.push(`${place.label}: ${tried}`);
  }
  return {
    state: 'unavailable',
    reason: `the native addon does not load (${attempts.join('; ')})`,
    remedy: remedyOf(places, attempts),
    attempts,
  };
}

/** What the loader of libraries says where memory or file handles are missing, not the addon. */
const SHORT_OF = /failed to map segment|cannot allocate memory|too many open files/i;

function remedyOf(places: readonly Candidate[], attempts: readonly string[]): string {
  if (attempts.some((said) => /loading addons is disabled/.test(said))) {
    return 'Start Node with --allow-addons as well, or without --permission.';
  }
  const limits = attempts.some((said) => SHORT_OF.test(said)) ? limitAdvice() : undefined;
  return limits ?? places.find(({ remedy }) => remedy)?.remedy ?? BUILD_IT;
}

let loaded: Loaded | undefined;

/** The addon of this process, loaded at the first call. */
export function loadAddon(): Loaded {
  loaded ??= loadFrom(candidates());
  return loaded;
}

/** The addon, or the reason why this place gives none. */
function attempt(place: Candidate, load: (path: string) => unknown): Addon | string {
  let addon: unknown;
  try {
    addon = load(place.path);
  } catch (error) {
    return reasonOf(error);
  }
  if (!isAddon(addon)) return 'is not an mpsbench addon';
  if (addon.abi !== ADDON_ABI) {
    return `was built for another version (abi ${addon.abi}, needed ${ADDON_ABI})`;
  }
  return addon;
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if ('code' in error && error.code === 'MODULE_NOT_FOUND') return 'not there';
  // Later lines of Node's message are a stack of requires, or dlopen's list of paths.
  return error.message.split('\n', 1)[0] ?? error.message;
}

function isAddon(value: unknown): value is Addon {
  return (
    typeof value === 'object' &&
    value !== null &&
    'abi' in value &&
    typeof value.abi === 'number' &&
    'backends' in value &&
    'devices' in value
  );
}
