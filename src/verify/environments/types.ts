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
  readonly packages: ReadonlyMap<string, readonly InstalledPackage[]>;
  /** What could not be read, in sentences; never fatal. */
  readonly notes: readonly string[];
}

/** Keyed by normalised name (PEP 503). Two entries: the environment holds two versions. */
export interface InstalledPackage {
  readonly name: string;
  readonly version: string;
  /**
   * The tags of WHEEL, for example `cp311-cp311-macosx_12_0_arm64`; read only for packages that a
   * rule speaks of.
   */
  readonly tags: readonly string[];
  readonly requiresPython?: string;
  /** PEP 660 or egg-link. */
  readonly editable: boolean;
  readonly path: string;
  /** `cpu`, `rocm`, or the CUDA version (`12.8`) of its build, where one of its own files tells. */
  readonly build?: string;
}
