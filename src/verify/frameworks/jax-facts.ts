import type { PythonEnvironment } from '../../frameworks/environments/types.js';
import { compareVersions, majorOf, seriesOf } from '../facts/version.js';

type Entries = readonly (readonly [name: string, value: string | undefined])[];

/** CUDA packages whose version is that of the toolkit they belong to. */
const TOOLKIT_PARTS = ['cuda-runtime', 'cuda-nvrtc', 'cuda-cupti', 'cublas'] as const;

/** JAX, its CUDA plugin, and whether the parts belong together. */
export function jaxFacts(environment: PythonEnvironment): Entries {
  const { packages } = environment;
  const version = (name: string) => packages.get(name)?.[0]?.version;
  const [jax, jaxlib] = [version('jax'), version('jaxlib')];
  const cuda = ['13', '12'].find((major) => version(`jax-cuda${major}-plugin`) !== undefined);
  const parts = cuda === undefined ? [] : [`jax-cuda${cuda}-plugin`, `jax-cuda${cuda}-pjrt`];
  const stray = parts.find((name) => {
    const own = version(name);
    return own && jaxlib && compareVersions(own, jaxlib) !== 0;
  });
  const plugin = stray ?? parts[0];
  const built = jaxlibBuild(environment);
  return [
    ['jaxlib-fit', jax && jaxlib && compareVersions(jaxlib, jax) > 0 ? 'newer' : undefined],
    ['jax-cuda', cuda ?? built],
    ['jax-plugin', plugin && `${plugin} ${version(plugin)}`],
    ['jax-plugin-cuda', cuda],
    ['jax-plugin-fit', jaxlib && parts.length > 0 ? (stray ? 'other' : 'same') : undefined],
    ['jax-metal-installed', packages.has('jax-metal') ? 'jax-metal' : undefined],
    ...mixFacts(environment),
  ];
}

/** The CUDA version inside jaxlib itself: conda-forge's builds, and the old `+cuda12.cudnn89` wheels. */
function jaxlibBuild({ packages }: PythonEnvironment): string | undefined {
  const jaxlib = packages.get('jaxlib')?.[0];
  if (!jaxlib) return undefined;
  const [, label] = /\+cuda(\d\d)/.exec(jaxlib.version) ?? [];
  return label ?? (jaxlib.build && /^\d/.test(jaxlib.build) ? jaxlib.build : undefined);
}

/** Whether pip's CUDA 12 packages are of one toolkit; an older nvcc or newer nvJitLink does no harm. */
function mixFacts({ packages }: PythonEnvironment): Entries {
  const seriesOfPart = (part: string) =>
    seriesOf(packages.get(`nvidia-${part}-cu12`)?.[0]?.version);
  const found = TOOLKIT_PARTS.map((part) => [part, seriesOfPart(part)] as const).filter(
    (entry): entry is readonly [(typeof TOOLKIT_PARTS)[number], string] =>
      entry[1] !== undefined && majorOf(entry[1]) === '12',
  );
  const runtime = seriesOfPart('cuda-runtime');
  const linker = seriesOfPart('nvjitlink');
  const nvcc = seriesOfPart('cuda-nvcc');
  const isNvccNewer = nvcc && runtime && compareVersions(nvcc, runtime) > 0;
  const isLinkerOld = linker && runtime && compareVersions(linker, runtime) < 0;
  const all = [
    ...found,
    ...(isNvccNewer ? [['cuda-nvcc', nvcc] as const] : []),
    ...(isLinkerOld ? [['nvjitlink', linker] as const] : []),
  ];
  if (new Set(all.map(([, series]) => series)).size < 2) return [['cuda-mix', undefined]];
  return [
    ['cuda-mix', isLinkerOld ? 'old-nvjitlink' : 'mixed'],
    ['cuda-mix-words', all.map(([part, series]) => `${part} ${series}`).join(', ')],
  ];
}
