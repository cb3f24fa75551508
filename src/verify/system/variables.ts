import { relevantVariables } from '../../result/relevant-variables.js';
import type { Finding } from '../../result/schema.js';
import { neutralisedVariables } from '../../runner/worker-environment.js';
import { finding, fix } from '../finding.js';
import type { Check } from '../types.js';
import { gpuVariables } from './gpu-environment.js';

const OWN_DOCS = 'docs/command-line.md';
const OPENMP = 'https://gcc.gnu.org/onlinedocs/libgomp/Environment-Variables.html';
const OPENBLAS = 'https://github.com/OpenMathLib/OpenBLAS/blob/develop/USAGE.md';
const ONEDNN = 'https://uxlfoundation.github.io/oneDNN/dev_guide_cpu_dispatcher_control.html';
const CUDA = 'https://docs.nvidia.com/cuda/cuda-c-programming-guide/#cuda-environment-variables';
const VULKAN =
  'https://github.com/KhronosGroup/Vulkan-Loader/blob/main/docs/LoaderLayerInterface.md';
const JAX = 'https://docs.jax.dev/en/latest/config_options.html';
const TENSORFLOW = 'https://www.tensorflow.org/api_docs';

interface Effect {
  readonly name: string;
  matches(value: string): boolean;
  readonly effect: string;
  readonly source: string;
}

const isSet = (value: string) => value.trim() !== '';
const isOn = (value: string) => /^(1|true|yes|on)$/i.test(value.trim());
const isOff = (value: string) => /^(0|false|no|off)$/i.test(value.trim());

/** What makes results differ, or slows the CPU or the GPU, in mpsbench and in frameworks alike. */
const EFFECTS: readonly Effect[] = [
  ...['OMP_THREAD_LIMIT', 'OMP_NUM_THREADS'].map((name) => ({
    name,
    matches: (value: string) => Number(value.split(',')[0]) === 1,
    effect: 'keeps OpenMP, and so most CPU libraries, to one thread',
    source: OPENMP,
  })),
  {
    name: 'OMP_WAIT_POLICY',
    matches: (value) => /^active$/i.test(value.trim()),
    effect: 'lets waiting threads keep their CPUs: slow on a busy machine',
    source: OPENMP,
  },
  ...['OPENBLAS_NUM_THREADS', 'GOTO_NUM_THREADS', 'MKL_NUM_THREADS', 'VECLIB_MAXIMUM_THREADS'].map(
    (name) => ({
      name,
      matches: (value: string) => Number(value) === 1,
      effect: 'keeps matrix products on the CPU to one thread',
      source: OPENBLAS,
    }),
  ),
  ...['ONEDNN_MAX_CPU_ISA', 'DNNL_MAX_CPU_ISA', 'OPENBLAS_CORETYPE'].map((name) => ({
    name,
    matches: (value: string) => isSet(value) && !/^(all|default)$/i.test(value.trim()),
    effect: 'limits the instructions that the CPU library uses',
    source: ONEDNN,
  })),
  {
    name: 'CUDA_DISABLE_PTX_JIT',
    matches: isOn,
    effect: 'keeps kernels without code for this GPU from running',
    source: CUDA,
  },
  {
    name: 'CUDA_FORCE_PTX_JIT',
    matches: isOn,
    effect: 'recompiles every kernel: slow start',
    source: CUDA,
  },
  {
    name: 'CUDA_CACHE_DISABLE',
    matches: isOn,
    effect: 'recompiles kernels at each start',
    source: CUDA,
  },
  {
    name: 'VK_INSTANCE_LAYERS',
    matches: isSet,
    effect: 'puts layers between programs and the Vulkan driver: slow if they validate',
    source: VULKAN,
  },
  {
    name: 'JAX_DISABLE_JIT',
    matches: isOn,
    effect: 'runs JAX op by op, without compiling',
    source: JAX,
  },
  {
    name: 'JAX_ENABLE_X64',
    matches: isOn,
    effect: 'makes JAX compute in double precision by default',
    source: JAX,
  },
  {
    name: 'TF_ENABLE_ONEDNN_OPTS',
    matches: isOff,
    effect: "turns off TensorFlow's fast CPU kernels",
    source: TENSORFLOW,
  },
];

/** Every variable that can change a result or its speed is named; what is known to do so is a warning. */
export const variables: Check = {
  id: 'system.variables',
  group: 'system',
  title: 'no environment variable changes results or speed',
  sources: [...new Set(EFFECTS.map(({ source }) => source))],
  applies: () => true,
  async run({ source: { env } }) {
    const known = EFFECTS.filter(({ name, matches }) => matches(env[name] ?? ''));
    const kept = new Map(neutralisedVariables(env));
    const said = new Set([...known.map(({ name }) => name), ...kept.keys(), ...gpuVariables(env)]);
    const others = Object.keys(relevantVariables(env)).filter((name) => !said.has(name));
    const findings = [
      ...known.map(({ name, effect, source }) => warning(name, env[name], `${effect}.`, source)),
      ...[...kept].map(([name, why]) =>
        warning(name, env[name], `${why}; mpsbench's own workers run without it.`),
      ),
    ];
    if (others.length > 0) {
      const names = others.join(', ');
      return [...findings, finding(variables, 'pass', `also set, without known harm: ${names}`)];
    }
    return findings.length > 0
      ? findings
      : [finding(variables, 'pass', 'no environment variable changes results or speed')];
  },
};

function warning(name: string, value: string | undefined, what: string, source?: string): Finding {
  return finding(variables, 'warning', `${name}="${value}" ${what}`, {
    subject: name,
    fixes: [fix('Unset it, unless it is meant.', `unset ${name}`)],
    sources: [source ?? OWN_DOCS],
  });
}
