import type { PythonEnvironment } from '../../frameworks/environments/types.js';
import type { Facts } from '../facts/condition.js';
import { coverageOf, type GpuBuildQuery, gpuCode } from '../facts/gpu-builds.js';
import { releaseOfTensorFlow } from '../facts/tensorflow-releases.js';
import { majorOf, satisfies } from '../facts/version.js';
import type { SystemLibraries } from '../system/cuda-libraries.js';
import type { Closure } from './closure.js';
import { packageOf } from './environment-facts.js';
import { findLibraries, type NeededLibraries } from './libraries.js';

export type FrameworkId = GpuBuildQuery['framework'];

/** The prefix of a framework's facts: PyTorch's are named after its distribution. */
const PREFIX: Readonly<Record<FrameworkId, string>> = {
  tensorflow: 'tensorflow',
  pytorch: 'torch',
  jax: 'jax',
  mlx: 'mlx',
  onnxruntime: 'onnxruntime',
};

export interface FrameworkSubject {
  readonly framework: FrameworkId;
  /** The distributions that may hold it, the usual one first. */
  readonly distributions: readonly string[];
}

/** What a verdict on one framework in one environment may rest on, besides the environment's facts. */
export function frameworkFacts(
  { framework, distributions }: FrameworkSubject,
  environment: PythonEnvironment,
  facts: Facts,
  closure: Closure,
  system: SystemLibraries,
): Facts {
  const own = new Map(facts);
  const put = (name: string, value: string | undefined) => value && own.set(name, value);
  put('wheel', buildWords(environment, distributions));
  put('requirements', requirementWords(closure));
  if (facts.get('gpu') !== 'nvidia') return own;
  for (const [name, value] of gpuCodeFacts(framework, environment, facts)) put(name, value);
  const needed = neededLibraries(framework, environment, facts);
  if (needed) {
    const { origin, words, found } = findLibraries(needed, environment, facts, system);
    put(`${framework}-libraries`, origin);
    put(`${framework}-libraries-words`, words);
    put('cuda-found', found);
  }
  return own;
}

/** `macosx_12_0_arm64 wheel`, or who built it. */
function buildWords(
  environment: PythonEnvironment,
  distributions: readonly string[],
): string | undefined {
  const installed = packageOf(environment, distributions);
  const platform = installed?.tags[0]?.split('-').at(-1);
  if (installed?.condaName) return 'conda build';
  if (platform === undefined) return undefined;
  return platform === 'any' ? 'pure-Python wheel' : `${platform} wheel`;
}

function requirementWords({ unmet, checked, isKnown }: Closure): string | undefined {
  if (!isKnown || unmet.length > 0) return undefined;
  return checked === 0 ? 'no unmet requirements' : `all ${checked} requirements met`;
}

function gpuCodeFacts(
  framework: FrameworkId,
  environment: PythonEnvironment,
  facts: Facts,
): readonly (readonly [string, string | undefined])[] {
  const prefix = PREFIX[framework];
  const version = facts.get(framework === 'onnxruntime' ? 'onnxruntime-version' : prefix);
  const cuda = cudaOf(framework, facts);
  if (version === undefined || cuda === undefined) return [];
  if (facts.has('jetson')) return [[`${prefix}-gpu-code-words`, jetsonBuild(environment, version)]];
  const query: GpuBuildQuery = {
    framework,
    version,
    cuda,
    arch: facts.get('interpreter') ?? 'x86_64',
    isConda: facts.has(`${prefix}-by-conda`),
  };
  const capability = facts.get('gpu-capability');
  const coverage = coverageOf(query);
  const code = capability === undefined ? undefined : gpuCode(query, capability);
  return [
    [`${prefix}-coverage`, coverage],
    [`${prefix}-gpu-code`, code],
    [`${prefix}-gpu-code-words`, codeWords(code, coverage, facts)],
  ];
}

function codeWords(
  code: ReturnType<typeof gpuCode>,
  coverage: string | undefined,
  facts: Facts,
): string | undefined {
  const gpu = `${facts.get('gpu-sm')} (${facts.get('gpu-model')})`;
  if (code === 'native') return `code for ${gpu}`;
  if (code === 'jit') return `code that is compiled for ${gpu} at first use`;
  // WSL shows no GPU on its bus, only that Windows' driver offers one.
  const isHidden = facts.has('wsl') && !facts.has('gpu-capability');
  return isHidden && coverage
    ? `code for ${coverage}; WSL does not show which GPU this is`
    : undefined;
}

/** NVIDIA's own builds for Jetson carry its label, or the tag of a wheel that is not for PyPI. */
function jetsonBuild({ packages }: PythonEnvironment, version: string): string | undefined {
  const isOwn =
    /\+.*nv\d|\.nv\d/.test(version) ||
    ['torch', 'tensorflow', 'onnxruntime-gpu'].some((name) =>
      packages.get(name)?.[0]?.tags.some((tag) => tag.endsWith('-linux_aarch64')),
    );
  return isOwn ? "NVIDIA's build for Jetson" : undefined;
}

/** The CUDA version of the build that is installed. */
function cudaOf(framework: FrameworkId, facts: Facts): string | undefined {
  switch (framework) {
    case 'pytorch':
      return facts.get('torch-cuda');
    case 'tensorflow':
      return releaseOfTensorFlow(facts.get('tensorflow'))?.cuda;
    case 'jax':
      return facts.get('jax-cuda');
    case 'onnxruntime':
      return satisfies(facts.get('onnxruntime-version') ?? '', '<1.19') ? '11.8' : '12.4';
    case 'mlx':
      return facts.has('mlx-cuda-13') ? '13.0' : '12.0';
  }
}

/** Libraries that the wheel does not bring itself; PyTorch's and MLX's are among their requirements. */
function neededLibraries(
  framework: FrameworkId,
  { packages }: PythonEnvironment,
  facts: Facts,
): NeededLibraries | undefined {
  const isConda = (...names: string[]) =>
    names.some((name) => packages.get(name)?.[0]?.condaName !== undefined);
  if (framework === 'tensorflow') {
    const release = releaseOfTensorFlow(facts.get('tensorflow'));
    const cuda = majorOf(release?.cuda);
    const cudnn = majorOf(release?.cudnn);
    if (!release || !cuda || !cudnn) return undefined;
    const byConda = facts.has('tensorflow-by-conda');
    return { cuda, cudnn, findsPip: release.minor >= 14, byConda };
  }
  if (framework === 'onnxruntime' && facts.has('onnxruntime-build')) {
    const isOld = satisfies(facts.get('onnxruntime-version') ?? '', '<1.19');
    const byConda = isConda('onnxruntime');
    return { cuda: isOld ? '11' : '12', cudnn: isOld ? '8' : '9', findsPip: true, byConda };
  }
  const cuda = majorOf(facts.get('jax-cuda'));
  if (framework !== 'jax' || cuda === undefined) return undefined;
  const cudnn = satisfies(facts.get('jax') ?? '', '<0.4.29') ? '8' : '9';
  return { cuda, cudnn, findsPip: true, byConda: isConda('jaxlib') };
}
