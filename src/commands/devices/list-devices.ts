import { EXIT } from '../../exit-codes.js';
import { isIdiomatic } from '../../frameworks/catalog.js';
import type { Interpreter } from '../../frameworks/interpreters.js';
import { readHost } from '../../host/index.js';
import { systemSource } from '../../host/source.js';
import { resultHead } from '../../result/head.js';
import type { DevicesResult } from '../../result/schema.js';
import { discover } from '../../runner/discover.js';
import type { Context } from '../context.js';

export interface ListFlags {
  readonly threads?: number;
  readonly engine?: string;
  /** Seconds. */
  readonly timeout: number;
  readonly frameworks?: boolean;
  readonly python?: readonly string[];
}

/** Probes every backend, and starts every framework with --frameworks. The exit code is `unchecked` if there is not a device. */
export async function listDevices(
  { threads, engine, timeout, frameworks, python = [] }: ListFlags,
  context: Context,
): Promise<DevicesResult> {
  const head = resultHead(context.argv);
  const started = frameworks || python.length > 0;
  const interpreters = started ? await findPythons(python) : [];
  const [found, host] = await Promise.all([
    discover({
      threads,
      engine,
      interpreters,
      timeoutMs: timeout * 1000,
      signal: context.signal,
    }),
    readHost(),
  ]);
  return {
    ...head(),
    command: 'devices',
    exitCode: found.devices.length > 0 ? EXIT.ok : EXIT.unchecked,
    host,
    backends: [...found.backends],
    // A framework's device is listed once, not once per mode.
    devices: found.devices.filter(({ framework }) => !framework || isIdiomatic(framework)),
    warnings: [],
  };
}

/** Loaded only if asked for: the search for environments is a third of this command's code. */
async function findPythons(python: readonly string[]): Promise<Interpreter[]> {
  const { findInterpreters } = await import('../../frameworks/interpreters.js');
  return findInterpreters(systemSource, { python });
}
