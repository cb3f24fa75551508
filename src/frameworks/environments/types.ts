import type { CondaRecords } from './conda-meta.js';

/** A Python environment as its files describe it; nothing in it has been executed. */
export interface PythonEnvironment {
  /** Absolute path of the environment (the folder of bin/python, its parent, or the prefix). */
  readonly prefix: string;
  /** Absolute path of the interpreter that --probe would start; missing where none was found. */
  readonly interpreter?: string;
  /** How it was found: `active venv`, `venv folder`, `conda`, `pyenv`, `uv`, `Homebrew`, `system`… */
  readonly origin: string;
  /** `3.11.7`, or `3.11` where only the folder's name tells. */
  readonly pythonVersion?: string;
  /** From the interpreter's Mach-O or ELF header: `arm64`, `x86_64`, `aarch64`; two of a universal2. */
  readonly architectures: readonly string[];
  /** Whether pip must leave it alone: a venv is made of it instead (PEP 668, `EXTERNALLY-MANAGED`). */
  readonly managed: boolean;
  /** What manages it as a whole; a conda environment may hold packages of pip as well. */
  readonly layout: Layout;
  /** The packages that conda, mamba or pixi installed; empty elsewhere. */
  readonly conda: CondaRecords;
  readonly packages: ReadonlyMap<string, readonly InstalledPackage[]>;
  /** An OpenMP runtime in the environment's own lib folder (`libomp.dylib`, `libiomp5.dylib`). */
  readonly openmp?: string;
  /** What could not be read, in sentences; never fatal. */
  readonly notes: readonly string[];
}

/** `app`: the Python that an application carries inside itself. */
export type Layout = 'plain' | 'venv' | 'uv' | 'conda' | 'pixi' | 'pipx' | 'app';

/** Keyed by normalised name (PEP 503). Two entries: the environment holds two versions. */
export interface InstalledPackage {
  readonly name: string;
  readonly version: string;
  /** The tags of WHEEL, for example `cp311-cp311-macosx_12_0_arm64`. */
  readonly tags: readonly string[];
  readonly requiresPython?: string;
  /** The `Requires-Dist` lines; undefined where the metadata was not read. */
  readonly requires?: readonly string[];
  /** PEP 660 or egg-link. */
  readonly editable: boolean;
  readonly path: string;
  /** `cpu`, `rocm`, or the CUDA version (`12.8`) of its build, where one of its own files tells. */
  readonly build?: string;
  /** Conda's name of the package, where conda installed it. */
  readonly condaName?: string;
  /** It lies in the user's site-packages (`pip install --user`), which come first on sys.path. */
  readonly userSite?: true;
  /** The version in the environment itself that this one hides. */
  readonly hides?: string;
}
