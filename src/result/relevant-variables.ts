/**
 * The environment variables that can change what is computed, or how fast: recorded in every result and named by
 * `mpsbench verify`.
 */

/** What the names begin with, by whose they are. */
const PREFIXES = [
  // OpenMP runtimes: the standard's, GCC's, Intel's and LLVM's.
  ...['OMP_', 'GOMP_', 'KMP_', 'LIBOMP_'],
  // CPU libraries.
  ...['OPENBLAS_', 'GOTO_', 'BLIS_', 'MKL_', 'ONEDNN_', 'DNNL_', 'VECLIB_', 'ARMPL_'],
  // NVIDIA, AMD.
  ...[
    'CUDA_',
    'CUDNN_',
    'CUBLAS_',
    'NVIDIA_',
    'NCCL_',
    'HIP_',
    'HSA_',
    'ROCR_',
    'ROCBLAS_',
    'MIOPEN_',
  ],
  // Apple's GPUs, Vulkan and WebGPU.
  ...['MTL_', 'METAL_', 'MPS_', 'VK_', 'DAWN_', 'MESA_', 'LIBGL_', 'GALLIUM_'],
  // Frameworks.
  ...[
    'PYTORCH_',
    'TORCH_',
    'TORCHINDUCTOR_',
    'TF_',
    'XLA_',
    'JAX_',
    'MLX_',
    'ORT_',
    'ONNXRUNTIME_',
  ],
  // What is loaded, how memory is allocated, and ourselves.
  ...['LD_', 'DYLD_', 'GLIBC_', 'MALLOC_', 'MPSBENCH_'],
] as const;

const NAMES = ['LP_NUM_THREADS', 'NODE_OPTIONS', 'UV_THREADPOOL_SIZE', 'ENABLE_PJRT_COMPATIBILITY'];

/** Terraform's variables begin as TensorFlow's do, and hold anything. */
const TERRAFORM =
  /^TF_(CLI|VAR|TOKEN|DATA_DIR|WORKSPACE|INPUT|IN_AUTOMATION|LOG|PLUGIN|REGISTRY|REATTACH|STATE)/;

/** NVIDIA_API_KEY and the like: a result is meant to be passed on. */
const SECRET = /KEY|TOKEN|SECRET|PASSWORD|PASSWD|CREDENTIAL|AUTH/i;

/** Longer values are lists of paths, of which the beginning says enough. */
const LONGEST_VALUE = 500;

type Environment = Readonly<Record<string, string | undefined>>;

/** Name and value of each variable that is set, by name; a secret without its value, a URL without its password. */
export function relevantVariables(env: Environment = process.env): Record<string, string> {
  const found = Object.entries(env).flatMap(([name, value]): [string, string][] => {
    return value !== undefined && isRelevant(name) ? [[name, recorded(name, value)]] : [];
  });
  return Object.fromEntries(found.sort(([a], [b]) => (a < b ? -1 : 1)));
}

function isRelevant(name: string): boolean {
  // Every host of a fleet has another one, and none is slower for it.
  if (TERRAFORM.test(name) || name === 'MPSBENCH_HOST_NAME') return false;
  return NAMES.includes(name) || PREFIXES.some((prefix) => name.startsWith(prefix));
}

function recorded(name: string, value: string): string {
  if (SECRET.test(name)) return '(not recorded)';
  const shown = value.replace(/(?<=:\/\/)[^/@\s]+(?=@)/g, '…');
  return shown.length > LONGEST_VALUE ? `${shown.slice(0, LONGEST_VALUE)}…` : shown;
}
