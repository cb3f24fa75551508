import type { Finding } from '../../result/schema.js';
import { finding, fix } from '../finding.js';
import type { Check } from '../types.js';
import { hasNvidiaGpu, nvidiaOf } from './nvidia.js';

const MPS_VARIABLES = 'https://docs.pytorch.org/docs/stable/mps_environment_variables.html';
const CUDA_VARIABLES =
  'https://docs.nvidia.com/cuda/cuda-c-programming-guide/#cuda-environment-variables';
const CONTAINER_VARIABLES =
  'https://docs.nvidia.com/datacenter/cloud-native/container-toolkit/latest/docker-specialized.html';
const JAX_VARIABLES = 'https://docs.jax.dev/en/latest/config_options.html';
const VULKAN_VARIABLES =
  'https://github.com/KhronosGroup/Vulkan-Loader/blob/main/docs/LoaderDriverInterface.md';

interface VariableRule {
  readonly name: string;
  readonly platforms: readonly NodeJS.Platform[];
  readonly state: 'fail' | 'warning';
  matches(value: string): boolean;
  readonly effect: string;
  readonly source: string;
}

const MAC = ['darwin'] as const;
const LINUX = ['linux'] as const;
const BOTH = ['darwin', 'linux'] as const;

const isOn = (value: string) => /^(1|true|yes|on)$/i.test(value);
const hidesAll = (value: string) => /^(|-1|none|void|nodevfiles)$/i.test(value.trim());

/** What the environment can do to GPU work, one variable each. */
const RULES: readonly VariableRule[] = [
  {
    name: 'CUDA_VISIBLE_DEVICES',
    platforms: LINUX,
    state: 'fail',
    matches: hidesAll,
    effect: 'hides every GPU from CUDA programs',
    source: CUDA_VARIABLES,
  },
  {
    name: 'NVIDIA_VISIBLE_DEVICES',
    platforms: LINUX,
    state: 'fail',
    matches: (value) => value.trim() !== '' && hidesAll(value),
    effect: 'keeps every GPU out of this container',
    source: CONTAINER_VARIABLES,
  },
  {
    name: 'JAX_PLATFORMS',
    platforms: BOTH,
    state: 'warning',
    matches: (value) => value.trim() === 'cpu',
    effect: 'keeps JAX on the CPU',
    source: JAX_VARIABLES,
  },
  {
    name: 'PYTORCH_ENABLE_MPS_FALLBACK',
    platforms: MAC,
    state: 'warning',
    matches: isOn,
    effect: 'lets ops that MPS lacks fall back to the CPU silently',
    source: MPS_VARIABLES,
  },
  {
    name: 'PYTORCH_MPS_HIGH_WATERMARK_RATIO',
    platforms: MAC,
    state: 'warning',
    matches: (value) => value.trim() !== '' && Number(value) === 0,
    effect: "removes PyTorch's memory limit: the whole system may stall",
    source: MPS_VARIABLES,
  },
  {
    name: 'PYTORCH_MPS_FAST_MATH',
    platforms: MAC,
    state: 'warning',
    matches: isOn,
    effect: 'trades precision for speed in the MPS kernels of PyTorch',
    source: MPS_VARIABLES,
  },
  ...['VK_DRIVER_FILES', 'VK_ICD_FILENAMES'].map(
    (name): VariableRule => ({
      name,
      platforms: LINUX,
      state: 'warning',
      matches: (value) => value.trim() !== '',
      effect: 'limits Vulkan, and so WebGPU, to this driver',
      source: VULKAN_VARIABLES,
    }),
  ),
];

/** Names of the variables that are set and have rules here. */
export function gpuVariables(env: Readonly<Record<string, string | undefined>>): string[] {
  return RULES.map(({ name }) => name).filter((name) => env[name] !== undefined);
}

/** Variables that keep work off the GPU, or let it leave the GPU unseen. */
export const gpuEnvironment: Check = {
  id: 'system.gpu-environment',
  group: 'system',
  title: 'no environment variable keeps work off the GPU',
  sources: [...new Set(RULES.map(({ source }) => source))],
  applies: ({ platform }) => RULES.some(({ platforms }) => platforms.includes(platform)),
  async run(context) {
    const { source, platform } = context;
    const hasNvidia = hasNvidiaGpu(await nvidiaOf(context));
    const findings = RULES.flatMap(({ name, platforms, state, matches, effect, source: rule }) => {
      const value = source.env[name];
      if (value === undefined || !platforms.includes(platform) || !matches(value)) return [];
      // What hides GPUs that are not there does no harm yet.
      const weight = hasNvidia ? state : 'warning';
      return [variableFinding(name, value, weight, effect, rule)];
    });
    return findings.length > 0
      ? findings
      : [finding(gpuEnvironment, 'pass', 'no environment variable keeps work off the GPU')];
  },
};

function variableFinding(
  name: string,
  value: string,
  state: Finding['state'],
  effect: string,
  source: string,
): Finding {
  return finding(gpuEnvironment, state, `${name}="${value}" ${effect}.`, {
    subject: name,
    fixes: [fix('Unset it, here and in the files that set it.', `unset ${name}`)],
    sources: [source],
  });
}
