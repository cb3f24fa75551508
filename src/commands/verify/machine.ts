import { findEnvironments, type PythonEnvironment } from '../../frameworks/environments/index.js';
import { systemSource } from '../../host/source.js';
import { type Discovery, discover } from '../../runner/discover.js';
import type { VerifyContext } from '../../verify/types.js';
import type { VerifyFlags } from './flags.js';

/** This machine; devices and environments are looked for when the first check asks for them. */
export class Machine implements VerifyContext {
  readonly source = systemSource;
  readonly platform = process.platform;
  readonly signal: AbortSignal;
  readonly timeoutMs: number;
  readonly probe: boolean;
  /** The devices, once they have been found. */
  found: Discovery | undefined;
  readonly #python: readonly string[];
  #discovery: Promise<Discovery> | undefined;
  #environments: Promise<readonly PythonEnvironment[]> | undefined;

  constructor(
    { timeout, probe = false, python = [] }: Pick<VerifyFlags, 'timeout' | 'probe' | 'python'>,
    signal: AbortSignal,
  ) {
    this.signal = signal;
    this.timeoutMs = timeout * 1000;
    this.probe = probe;
    this.#python = python;
  }

  discovery(): Promise<Discovery> {
    this.#discovery ??= this.#discover();
    return this.#discovery;
  }

  environments(): Promise<readonly PythonEnvironment[]> {
    this.#environments ??= findEnvironments(this.source, { python: this.#python });
    return this.#environments;
  }

  async #discover(): Promise<Discovery> {
    const { signal, timeoutMs } = this;
    this.found = await discover({ signal, timeoutMs });
    return this.found;
  }
}
