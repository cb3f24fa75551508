import { type RuleFix, UPDATE_DRIVER } from './fix.js';

/** A way in which a framework is known to fail when it is imported, recognised by its own words. */
export interface ImportRule {
  readonly id: string;
  readonly pattern: RegExp;
  /** What it means, without what the error names. */
  readonly text: string;
  /** What happened, one sentence. */
  describe(match: RegExpExecArray): string;
  /** @param distribution the package to install again: `torch` */
  fixes(distribution: string, match?: RegExpExecArray): readonly RuleFix[];
  readonly sources: readonly string[];
}

const reinstall = (text: string, distribution: string): RuleFix => ({
  text,
  pip: ['--force-reinstall', distribution],
});

const METAL_SOURCES = [
  'https://github.com/tensorflow/tensorflow/issues/84167',
  'https://github.com/tensorflow/tensorflow/issues/81987',
];

/** The special cases stand before the general ones: the first that matches is the answer. */
export const IMPORT_RULES: readonly ImportRule[] = [
  {
    id: 'import.metal-plugin',
    text: 'tensorflow-metal does not fit this TensorFlow: its plugin lacks a symbol or a library.',
    pattern:
      /tensorflow-plugins\/[^\s,]*\.dylib[\s\S]*?(?:Symbol not found: (\S+)|symbol not found in flat namespace '?([^\s')]+)|Library not loaded: (\S+))/i,
    describe: (match) =>
      `tensorflow-metal does not fit this TensorFlow: its plugin misses ${match[1] ?? match[2] ?? match[3]}.`,
    fixes: () => [{ text: 'Install a tensorflow-metal that fits, or uninstall it.' }],
    sources: [...METAL_SOURCES, 'https://github.com/tensorflow/tensorflow/issues/50541'],
  },
  {
    id: 'import.wrong-architecture',
    text: 'A library is built for another processor than this Python.',
    pattern:
      /incompatible architecture \(have [('"]*([\w ,]+?)[)'"]*, need [('"]*(\w+)|mach-o, but wrong architecture|wrong ELF class: (\w+)/,
    describe: ([, have, need, elfClass]) => {
      if (have && need) return `A library is built for ${have}, and this Python runs as ${need}.`;
      if (elfClass) return `A library is ${elfClass}, which this Python cannot load.`;
      return 'A library is built for another processor than this Python.';
    },
    fixes: (distribution) => [
      reinstall('Install the build for the processor of this Python.', distribution),
    ],
    sources: [
      'https://github.com/tensorflow/tensorflow/issues/57483',
      'https://github.com/ml-explore/mlx/issues/621',
    ],
  },
  {
    id: 'import.cpu-instructions',
    text: 'This build needs instructions (AVX, SSE or FMA) that this CPU, or Rosetta, does not have.',
    pattern: /(?:built using|compiled to use) (AVX\w*|SSE[\w.]*|FMA)\b[^\n]*instructions/,
    describe: ([, instructions]) =>
      `This build needs ${instructions} instructions, which this CPU (or Rosetta) does not have.`,
    fixes: (distribution) => [
      reinstall(
        'On Apple silicon, use a Python that is built for it (not for Intel).',
        distribution,
      ),
      { text: 'On a CPU without these instructions, install a build of conda-forge.' },
    ],
    sources: [
      'https://github.com/jax-ml/jax/pull/21494',
      'https://github.com/jax-ml/jax/issues/9580',
    ],
  },
  {
    id: 'import.numpy-abi',
    text: 'It was compiled for NumPy 1 and this environment has NumPy 2.',
    pattern:
      /compiled using NumPy 1\.x cannot be run in\s+NumPy (\d[\w.]*)|_ARRAY_API not found|numpy\.core\.(?:multiarray|umath) failed to import|numpy\.dtype size changed/,
    describe: ([, version]) =>
      `It was compiled for NumPy 1 and this environment has NumPy ${version ?? '2'}.`,
    fixes: (distribution) => [
      { text: 'Install the NumPy that it was compiled for.', pip: ['numpy<2'] },
      { text: 'Or a newer release of it.', pip: ['--upgrade', distribution] },
    ],
    sources: [
      'https://numpy.org/doc/stable/user/troubleshooting-importerror.html#downstream-importerror-or-attributeerror',
      'https://github.com/TorchIO-project/torchio/pull/1183',
    ],
  },
  {
    id: 'import.cuda-mixture',
    text: 'Libraries of different CUDA releases are mixed.',
    pattern: /undefined symbol: (_*nvJitLink\w+|cublas\w+|cudnn\w+|cusparse\w+|nccl\w+)/i,
    describe: ([, symbol]) =>
      `Libraries of different CUDA releases are mixed: ${symbol} is missing.`,
    fixes: (distribution) => [
      {
        text: 'Let the wheel find its own libraries: LD_LIBRARY_PATH must not name another CUDA.',
        command: 'unset LD_LIBRARY_PATH',
      },
      reinstall('Install it again with its libraries.', distribution),
    ],
    sources: [
      'https://github.com/pytorch/pytorch/issues/111469',
      'https://github.com/pytorch/pytorch/issues/134929',
    ],
  },
  {
    id: 'import.cuda-library',
    text: 'A CUDA library is not found.',
    pattern:
      /(lib(?:cuda|cudart|cudnn|cublas|cufft|curand|cusolver|cusparse|cupti|cufile|nccl|nvrtc|nvJitLink|nvToolsExt|nvshmem)[\w-]*\.so[\w.]*): cannot open shared object file/,
    describe: ([, library]) => `The CUDA library ${library} is not found.`,
    fixes: (distribution, match) =>
      match?.[1]?.startsWith('libcuda.so')
        ? [UPDATE_DRIVER]
        : [
            reinstall('Install it again with the CUDA libraries that it needs.', distribution),
            { text: 'Or a build for the CPU, where this machine has no NVIDIA GPU.' },
          ],
    sources: ['https://github.com/pytorch/pytorch/issues/165812'],
  },
  {
    id: 'import.libc',
    text: 'This build needs a newer C or C++ library than this system has.',
    pattern: /version [`'"]((?:GLIBC|GLIBCXX|CXXABI)_[\d.]+)['"]? not found/,
    describe: ([, version]) => `This build needs ${version}, which this system does not have.`,
    fixes: () => [
      { text: 'Install an older release, a build of conda-forge, or a newer operating system.' },
    ],
    sources: ['https://peps.python.org/pep-0600/'],
  },
  {
    id: 'import.missing-symbol',
    text: 'A library of it lacks a symbol: its parts are of different releases.',
    pattern:
      /(?:Symbol not found|undefined symbol): (\S+?)[,\s]|symbol not found in flat namespace '?\(?'?([^\s')]+)/i,
    describe: (match) =>
      `A library of it lacks the symbol ${match[1] ?? match[2]}: its parts are of different releases.`,
    fixes: (distribution) => [reinstall('Install all its parts again.', distribution)],
    sources: ['https://github.com/tensorflow/models/issues/10617'],
  },
  {
    id: 'import.missing-library',
    text: 'A library that it needs is not found.',
    pattern: /(\S+\.so[\w.]*): cannot open shared object file|Library not loaded: (\S+)/,
    describe: (match) => `The library ${match[1] ?? match[2]} is not found.`,
    fixes: (distribution) => [
      reinstall('Install the package that holds it, or all of this one again.', distribution),
    ],
    sources: ['https://github.com/TomHeaven/tensorflow-osx-build/issues/6'],
  },
  {
    id: 'import.missing-module',
    text: 'A module that it needs is missing from this environment.',
    pattern: /No module named '?([\w.]+)/,
    describe: ([, module]) => `The module ${module} is missing from this environment.`,
    fixes: (distribution) => [reinstall('Install it again with what it needs.', distribution)],
    sources: ['https://docs.python.org/3/library/exceptions.html#ModuleNotFoundError'],
  },
];

/** The first rule that knows these words. */
export function matchImportRule(
  text: string,
): { readonly rule: ImportRule; readonly match: RegExpExecArray } | undefined {
  for (const rule of IMPORT_RULES) {
    const match = rule.pattern.exec(text);
    if (match) return { rule, match };
  }
  return undefined;
}
