import type { PythonEnvironment } from '../../frameworks/environments/types.js';
import type { Facts } from '../facts/condition.js';
import { majorOf, seriesOf } from '../facts/version.js';
import type { SystemLibraries } from '../system/cuda-libraries.js';

export interface NeededLibraries {
  /** Major versions. */
  readonly cuda: string;
  readonly cudnn: string;
  /** Whether the framework itself searches pip's nvidia packages. */
  readonly findsPip: boolean;
  /** Conda installed the framework, and with it what it links to. */
  readonly byConda: boolean;
}

export interface FoundLibraries {
  /** Where the needed ones were found. */
  readonly origin: 'pip' | 'conda' | 'system' | 'missing';
  /** What a verdict rests on; absent where they are missing. */
  readonly words?: string;
  /** What was found instead, for a sentence about what is missing. */
  readonly found: string;
}

/** CUDA and cuDNN by version, from pip's packages, conda's, and the system. */
export function findLibraries(
  { cuda, cudnn, findsPip, byConda }: NeededLibraries,
  environment: PythonEnvironment,
  facts: Facts,
  system: SystemLibraries,
): FoundLibraries {
  const pip = pipLibraries(environment, cuda);
  const conda = condaLibraries(environment);
  // pip's packages count for older frameworks too where the loader is told of their folders.
  const onPath = /\/nvidia\/[\w]+\/lib/.test(facts.get('library-path') ?? '');
  const has = (one: { cuda?: string; cudnn?: string }) =>
    majorOf(one.cuda) === cuda && majorOf(one.cudnn) === cudnn;
  const found = foundWords(pip, conda, system);
  if ((findsPip || onPath) && has(pip)) {
    const origin = onPath ? 'system' : 'pip';
    return { origin, words: words(pip, "pip's packages"), found };
  }
  const brought = facts.get('torch-cuda');
  if (findsPip && brought !== undefined && majorOf(brought) === cuda && !facts.has('tensorflow')) {
    const text = `the CUDA ${brought} libraries of PyTorch, where that is imported first`;
    return { origin: 'pip', words: text, found };
  }
  if (byConda) return { origin: 'conda', words: "conda's CUDA libraries", found };
  if (has(conda)) return { origin: 'conda', words: words(conda, 'conda'), found };
  const own = { cuda: system.cuda.get(cuda), cudnn: system.cudnn.get(cudnn) };
  if (own.cuda !== undefined && own.cudnn !== undefined) {
    return {
      origin: 'system',
      words: words({ cuda: own.cuda, cudnn: own.cudnn }, 'the system'),
      found,
    };
  }
  return { origin: 'missing', found };
}

interface Pair {
  readonly cuda?: string;
  readonly cudnn?: string;
}

function pipLibraries({ packages }: PythonEnvironment, cuda: string): Pair {
  const version = (name: string) => packages.get(name)?.[0]?.version;
  // From CUDA 13 the toolkit's parts have no suffix.
  const runtime = version(`nvidia-cuda-runtime-cu${cuda}`) ?? version('nvidia-cuda-runtime');
  const dnn = version(`nvidia-cudnn-cu${cuda}`);
  return { ...(runtime && { cuda: runtime }), ...(dnn && { cudnn: dnn }) };
}

function condaLibraries({ conda }: PythonEnvironment): Pair {
  const version = (...names: string[]) =>
    names.map((name) => conda.get(name)?.version).find((found) => found !== undefined);
  const cuda = version('cuda-version', 'cuda-cudart', 'cudatoolkit', 'cuda-runtime');
  const cudnn = version('cudnn', 'libcudnn');
  return { ...(cuda && { cuda }), ...(cudnn && { cudnn }) };
}

function words({ cuda, cudnn }: Pair, where: string): string {
  return `CUDA ${seriesOf(cuda) ?? cuda} and cuDNN ${seriesOf(cudnn) ?? cudnn} of ${where}`;
}

function foundWords(pip: Pair, conda: Pair, system: SystemLibraries): string {
  const name = (label: string, version: string | undefined, where: string) =>
    version === undefined ? [] : [`${label} ${seriesOf(version) ?? version} ${where}`];
  const parts = [
    ...name('CUDA', pip.cuda, 'of pip'),
    ...name('cuDNN', pip.cudnn, 'of pip'),
    ...name('CUDA', conda.cuda, 'of conda'),
    ...name('cuDNN', conda.cudnn, 'of conda'),
    ...[...system.cuda.values()].flatMap((version) => name('CUDA', version, 'on the system')),
    ...[...system.cudnn.values()].flatMap((version) => name('cuDNN', version, 'on the system')),
  ];
  return parts.length > 0 ? `found: ${parts.join(', ')}` : 'no CUDA libraries were found';
}
