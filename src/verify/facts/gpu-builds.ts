import type { SourceId } from './sources.js';
import { compareVersions, satisfies } from './version.js';

/**
 * Which GPUs each build has code for. A cubin for X.y runs on X.z with z >= y; PTX for X.y is compiled
 * by the driver for anything from X.y up. Nothing else runs: "no kernel image is available".
 */
interface GpuBuild {
  readonly framework: 'pytorch' | 'tensorflow' | 'jax' | 'onnxruntime' | 'mlx';
  /** Releases of the framework. */
  readonly version: string;
  /** CUDA version of the build. */
  readonly cuda: string;
  readonly channel?: 'conda-forge';
  readonly arch?: 'x86_64' | 'aarch64';
  /** Compute capabilities with machine code. */
  readonly native: readonly string[];
  /** The highest capability with PTX. */
  readonly ptx?: string;
  readonly sources: readonly SourceId[];
}

const PT_MATRIX: readonly SourceId[] = ['pt-release-matrix', 'pt-build-script'];
const PT_OLD: readonly SourceId[] = ['pt-builder-script'];
const MAXWELL_TO_HOPPER = ['5.0', '6.0', '7.0', '7.5', '8.0', '8.6', '9.0'];
const TURING_TO_BLACKWELL = ['7.5', '8.0', '8.6', '9.0', '10.0', '12.0'];

/** The first row that fits a build counts. */
const BUILDS: readonly GpuBuild[] = [
  pytorchForge('>=12.8,<14', [...MAXWELL_TO_HOPPER, '10.0', '12.0']),
  pytorchForge('>=12.0,<12.8', MAXWELL_TO_HOPPER),
  pytorchForge('>=11.2,<12', ['5.0', '6.0', '7.0', '7.5', '8.0', '8.6', '8.9']),
  pytorch('>=2.9,<3', '>=13.0,<14', ['8.0', '9.0', '10.0', '11.0', '12.0'], PT_MATRIX, 'aarch64'),
  pytorch('>=2.9,<3', '>=13.0,<14', TURING_TO_BLACKWELL, PT_MATRIX),
  pytorch('>=2.7,<3', '>=12.8,<13', ['8.0', '9.0', '10.0', '12.0'], PT_MATRIX, 'aarch64'),
  pytorch('>=2.11,<3', '==12.8.*', TURING_TO_BLACKWELL, ['pt-release-matrix', 'pt-drop-volta']),
  pytorch('>=2.8,<2.11', '>=12.8,<13', ['7.0', ...TURING_TO_BLACKWELL], PT_MATRIX),
  pytorch('==2.7.*', '==12.8.*', [...MAXWELL_TO_HOPPER, '10.0', '12.0'], ['pt-drop-pascal']),
  pytorch('>=2.7,<3', '==12.6.*', ['8.0', '9.0'], PT_MATRIX, 'aarch64'),
  pytorch('>=2.4,<3', '>=12.4,<12.8', ['9.0'], ['pt-build-script'], 'aarch64'),
  pytorch('>=2.1,<3', '>=12.1,<12.8', MAXWELL_TO_HOPPER, PT_MATRIX),
  pytorch('>=2.0,<3', '==11.8.*', ['3.7', ...MAXWELL_TO_HOPPER], PT_OLD),
  pytorch('>=1.8,<3', '>=11.1,<11.8', ['3.7', '5.0', '6.0', '7.0', '7.5', '8.0', '8.6'], PT_OLD),
  {
    framework: 'tensorflow',
    version: '>=2.16',
    cuda: '>=12,<13',
    native: ['6.0', '7.0', '8.0', '8.9'],
    ptx: '9.0',
    sources: ['tf-bazelrc'],
  },
  {
    framework: 'tensorflow',
    version: '>=2.5,<2.16',
    cuda: '>=11,<13',
    native: ['3.5', '5.0', '6.0', '7.0', '7.5', '8.0'],
    ptx: '8.0',
    sources: ['tf-bazelrc'],
  },
  // XLA compiles its kernels on the machine: what counts is the oldest generation it accepts.
  {
    framework: 'jax',
    version: '>=0.4',
    cuda: '>=13,<14',
    native: [],
    ptx: '7.5',
    sources: ['jax-docs'],
  },
  {
    framework: 'jax',
    version: '>=0.4',
    cuda: '>=11,<13',
    native: [],
    ptx: '5.2',
    sources: ['jax-docs'],
  },
  {
    framework: 'onnxruntime',
    version: '>=1.8',
    cuda: '>=11,<13',
    native: ['5.2', '6.0', '6.1', '7.0', '7.5', '8.0'],
    ptx: '8.0',
    sources: ['ort-build'],
  },
  {
    framework: 'mlx',
    version: '>=0.27',
    cuda: '>=12,<14',
    native: [],
    ptx: '7.5',
    sources: ['mlx-install'],
  },
];

export interface GpuBuildQuery {
  readonly framework: GpuBuild['framework'];
  readonly version: string;
  readonly cuda: string;
  /** Of the interpreter: `x86_64`, `aarch64`. */
  readonly arch: string;
  readonly isConda: boolean;
}

/**
 * Whether a build runs on a GPU of a compute capability: `native`, `jit` (the driver compiles PTX when it
 * first starts) or `none`. Undefined if no row speaks of the build.
 */
export function gpuCode(
  query: GpuBuildQuery,
  capability: string,
): 'native' | 'jit' | 'none' | undefined {
  const row = rowOf(query);
  if (!row) return undefined;
  const [major, minor] = capability.split('.').map(Number);
  const runs = row.native.some((built) => {
    const [builtMajor, builtMinor] = built.split('.').map(Number);
    return builtMajor === major && (builtMinor ?? 0) <= (minor ?? 0);
  });
  if (runs) return 'native';
  return row.ptx !== undefined && compareVersions(capability, row.ptx) >= 0 ? 'jit' : 'none';
}

/** `sm_50 to sm_90`, for a sentence; undefined if no row speaks of the build. */
export function coverageOf(query: GpuBuildQuery): string | undefined {
  const row = rowOf(query);
  if (!row) return undefined;
  const all = [...row.native, ...(row.ptx ? [row.ptx] : [])].sort(compareVersions);
  const [first, last] = [all[0], all.at(-1)];
  const end = row.ptx === last ? ' and newer' : '';
  return first === last || !last
    ? `${smOf(first ?? '')}${end}`
    : `${smOf(first ?? '')} to ${smOf(last)}${end}`;
}

/** `9.0` -> `sm_90`. */
export const smOf = (capability: string) => `sm_${capability.replace('.', '')}`;

/** Every source of the table, for the docs. */
export const BUILD_SOURCES: readonly SourceId[] = [
  ...new Set(BUILDS.flatMap(({ sources }) => sources)),
];

/** The rows, for the docs. */
export const GPU_BUILDS = BUILDS;

function rowOf({ framework, version, cuda, arch, isConda }: GpuBuildQuery): GpuBuild | undefined {
  return BUILDS.find(
    (row) =>
      row.framework === framework &&
      (row.framework !== 'pytorch' || isConda === (row.channel === 'conda-forge')) &&
      (row.arch === undefined || row.arch === arch) &&
      // Wheels for aarch64 have lists of their own: if there is none, nothing is known.
      (row.framework !== 'pytorch' || arch !== 'aarch64' || row.arch === 'aarch64' || isConda) &&
      satisfies(version, row.version) &&
      satisfies(cuda, row.cuda),
  );
}

function pytorch(
  version: string,
  cuda: string,
  native: readonly string[],
  sources: readonly SourceId[],
  arch?: GpuBuild['arch'],
): GpuBuild {
  return { framework: 'pytorch', version, cuda, native, sources, ...(arch && { arch }) };
}

/** conda-forge adds PTX for the last of its list. */
function pytorchForge(cuda: string, native: readonly string[]): GpuBuild {
  return {
    framework: 'pytorch',
    version: '>=1.10',
    cuda,
    channel: 'conda-forge',
    native,
    ptx: native.at(-1) ?? '9.0',
    sources: ['conda-forge-pytorch'],
  };
}
