import type { HostSource } from '../../host/source.js';
import { normaliseName } from './names.js';

/** A package that conda, mamba or pixi installed, by the name of its record in conda-meta. */
export interface CondaRecord {
  readonly version: string;
  /** `cuda126_py312h4b6f2a1_300`, `cpu_generic_py311…`: says what a build is for. */
  readonly build: string;
}

/** Records by conda's own package name. */
export type CondaRecords = ReadonlyMap<string, CondaRecord>;

export const NO_RECORDS: CondaRecords = new Map();

/** Conda's names for packages that Python knows under another. */
const DISTRIBUTION_OF: Readonly<Record<string, string>> = {
  pytorch: 'torch',
  'tensorflow-base': 'tensorflow',
  'pytorch-gpu': 'torch',
  'pytorch-cpu': 'torch',
};

/** Packages without code of their own: their build string says nothing of the library. */
const METAPACKAGES: ReadonlySet<string> = new Set(['pytorch-gpu', 'pytorch-cpu']);

/** Reads the names of `conda-meta/*.json`: `NAME-VERSION-BUILD.json`. Opens none of them. */
export async function readCondaRecords(source: HostSource, prefix: string): Promise<CondaRecords> {
  const records = new Map<string, CondaRecord>();
  for (const entry of await source.list(`${prefix}/conda-meta`)) {
    const parsed = parseRecordName(entry);
    if (parsed) records.set(parsed.name, parsed.record);
  }
  return records;
}

export function parseRecordName(entry: string): { name: string; record: CondaRecord } | undefined {
  const [, name, version, build] = /^(.+)-([^-]+)-([^-]+)\.json$/.exec(entry) ?? [];
  return name && version && build ? { name, record: { version, build } } : undefined;
}

/** The Python distribution that a conda package holds; undefined for a metapackage. */
export function distributionOf(condaName: string): string | undefined {
  if (METAPACKAGES.has(condaName)) return undefined;
  return DISTRIBUTION_OF[condaName] ?? normaliseName(condaName);
}

/** Conda's name of a Python distribution in these records. */
export function condaNameOf(distribution: string, records: CondaRecords): string | undefined {
  for (const [name, mapped] of Object.entries(DISTRIBUTION_OF)) {
    if (mapped === distribution && records.has(name) && !METAPACKAGES.has(name)) return name;
  }
  return records.has(distribution) ? distribution : undefined;
}

/**
 * What a build string says: a CUDA version (`cuda126_py312…`, `py3.10_cuda11.8_cudnn8.7.0_0`) or `cpu`
 * (`cpu_generic_…`, Anaconda's `mkl_…` and `eigen_…`).
 */
export function buildOfString(build: string): string | undefined {
  const [, major, minor] = /cuda_?(\d\d)\.?(\d)/.exec(build) ?? [];
  if (major && minor) return `${major}.${minor}`;
  return /(?:^|_)(?:cpu|mkl|eigen)(?:_|py|$)/.test(build) ? 'cpu' : undefined;
}
