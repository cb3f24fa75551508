import { resolve } from 'node:path';

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * What decides how GCC's OpenMP runtime waits. A user who sets one of them has chosen; `verify` and the
 * result show it.
 */
const WAITING = ['OMP_WAIT_POLICY', 'GOMP_SPINCOUNT'];

/** Variables that a worker does not get, with what each would do to a measurement. */
export const NEUTRALISED: Readonly<Record<string, string>> = {
  // Threads with a stack of some kilobytes crash in any library, and of some gigabytes cannot be started.
  OMP_STACKSIZE: 'sets the stack of OpenMP threads, which the libraries rely on',
  GOMP_STACKSIZE: 'sets the stack of OpenMP threads, which the libraries rely on',
  KMP_STACKSIZE: 'sets the stack of OpenMP threads, which the libraries rely on',
  OMP_DISPLAY_ENV: 'prints settings with each start',
  ONEDNN_VERBOSE: 'prints a line with each call of oneDNN',
  DNNL_VERBOSE: 'prints a line with each call of oneDNN',
  MKL_VERBOSE: 'prints a line with each call of MKL',
  OPENBLAS_VERBOSE: 'prints lines with calls of OpenBLAS',
  ONEDNN_DEFAULT_FPMATH_MODE: 'lets oneDNN compute f32 in a shorter format',
  DNNL_DEFAULT_FPMATH_MODE: 'lets oneDNN compute f32 in a shorter format',
  NVIDIA_TF32_OVERRIDE:
    'turns TF32 on or off in every NVIDIA library, whatever the program asks for',
  CUDA_LAUNCH_BLOCKING: 'waits for the GPU after each kernel',
};

/** Left alone with --debug, where somebody wants to see what they show. */
const NEUTRALISED_UNLESS_DEBUG: Readonly<Record<string, string>> = {
  VK_LOADER_DEBUG: 'prints what the Vulkan loader does',
  MTL_DEBUG_LAYER: 'checks each call of Metal',
  MTL_SHADER_VALIDATION: 'checks each access to memory in Metal shaders',
  METAL_DEVICE_WRAPPER_TYPE: 'checks each call of Metal',
};

/** Paths, several by the separator, that a library resolves against the folder in which it runs. */
const PATHS: readonly (readonly [name: string, separator: string])[] = [
  ['MPSBENCH_ADDON', '\0'],
  ...[
    'MPSBENCH_CUDA_PATH',
    'CUDA_HOME',
    'CUDA_PATH',
    'VK_DRIVER_FILES',
    'VK_ADD_DRIVER_FILES',
    'VK_ICD_FILENAMES',
    'VK_LAYER_PATH',
    'VK_ADD_LAYER_PATH',
    'LD_LIBRARY_PATH',
    'DYLD_LIBRARY_PATH',
    'DYLD_FALLBACK_LIBRARY_PATH',
    'DYLD_FRAMEWORK_PATH',
  ].map((name) => [name, ':'] as const),
];

/**
 * The environment of a worker process, which runs in a folder of its own: paths are absolute, and what would spoil a
 * measurement is left out.
 *
 * GCC's OpenMP runtime, which oneDNN, OpenBLAS and our own kernels share, spins for milliseconds at the
 * end of each parallel loop before it sleeps. On a busy machine the thread it waits for cannot run
 * meanwhile, and a loop of 0.1 ms takes two ticks of the scheduler. A thousand turns (some 10 us) are
 * enough while every thread has a CPU of its own, and cost next to nothing otherwise. See docs/measurement.md.
 */
export function workerEnvironment(
  env: Environment = process.env,
): Record<string, string | undefined> {
  const left = Object.entries(env).filter(([name]) => !isNeutralised(name, env));
  const made = Object.fromEntries(left);
  for (const [name, separator] of PATHS) {
    const value = made[name];
    if (value) made[name] = value.split(separator).map(absolute).join(separator);
  }
  const backends = made.MPSBENCH_BACKENDS;
  if (backends) made.MPSBENCH_BACKENDS = backends.split(';').map(absoluteBackend).join(';');
  const chosen = WAITING.some((name) => env[name] !== undefined);
  return chosen ? made : { ...made, GOMP_SPINCOUNT: '1000' };
}

function isNeutralised(name: string, env: Environment): boolean {
  if (Object.hasOwn(NEUTRALISED, name)) return true;
  return !env.MPSBENCH_DEBUG && Object.hasOwn(NEUTRALISED_UNLESS_DEBUG, name);
}

/** An empty entry means the working directory, or nothing; nobody relies on it. */
function absolute(path: string): string {
  if (path === '' || path.startsWith('/') || path.startsWith('@')) return path;
  try {
    return resolve(path);
  } catch {
    // The working directory has been deleted: relative paths lead nowhere.
    return path;
  }
}

/** `mychip=./backend.js` */
function absoluteBackend(entry: string): string {
  const at = entry.indexOf('=') + 1;
  return at === 0 ? entry : entry.slice(0, at) + absolute(entry.slice(at).trim());
}

/** Variables that are set and kept from the workers, with what they would do. */
export function neutralisedVariables(
  env: Environment = process.env,
): [name: string, why: string][] {
  const all = { ...NEUTRALISED, ...(!env.MPSBENCH_DEBUG && NEUTRALISED_UNLESS_DEBUG) };
  return Object.entries(all).filter(([name]) => env[name] !== undefined);
}
