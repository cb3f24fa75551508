type Variables = Readonly<Record<string, string | undefined>>;

/** Where programs, libraries and caches are, in which language, and as whom. */
const KEPT = [
  'PATH',
  'HOME',
  'USER',
  'LOGNAME',
  'TMPDIR',
  'LANG',
  'LANGUAGE',
  'LD_LIBRARY_PATH',
  'DYLD_LIBRARY_PATH',
  'DYLD_FALLBACK_LIBRARY_PATH',
  'DYLD_FRAMEWORK_PATH',
  // Which devices a framework shall use is part of the answer.
  'JAX_PLATFORMS',
  'JAX_PLATFORM_NAME',
  'ENABLE_PJRT_COMPATIBILITY',
  'TF_PLUGGABLE_DEVICE_LIBRARY_PATH',
  'HIP_VISIBLE_DEVICES',
  'ROCR_VISIBLE_DEVICES',
  // Windows starts no program without them.
  'SYSTEMROOT',
  'TEMP',
  'TMP',
];

const KEPT_PREFIXES = ['LC_', 'CUDA_', 'NVIDIA_'];

/** What is set for every framework: two of them shall not fight over the memory of a GPU. */
export const SET_VARIABLES: Readonly<Record<string, string>> = {
  // Warnings and errors explain what goes wrong.
  TF_CPP_MIN_LOG_LEVEL: '0',
  // Frameworks take the GPU memory that they need and not all of it.
  TF_FORCE_GPU_ALLOW_GROWTH: 'true',
  XLA_PYTHON_CLIENT_PREALLOCATE: 'false',
};

/**
 * The variables that a probed interpreter gets. An allow-list: what is not on it (PYTHON*, LD_PRELOAD,
 * DYLD_INSERT_LIBRARIES, settings of conda and of frameworks) would answer for this shell and not
 * for the environment. Paths of libraries stay, since a wrong one is a fault worth finding.
 */
export function cleanVariables(variables: Variables, scratch: string): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const [name, value] of Object.entries(variables)) {
    if (value === undefined) continue;
    const isKept = KEPT.includes(name) || KEPT_PREFIXES.some((prefix) => name.startsWith(prefix));
    if (isKept) kept[name] = value;
  }
  return {
    ...kept,
    ...SET_VARIABLES,
    // What is written at the first import must not land in the user's home.
    KERAS_HOME: scratch,
    MPLCONFIGDIR: scratch,
  };
}
