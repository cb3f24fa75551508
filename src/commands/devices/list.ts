import { EXIT } from '../../exit-codes.js';
import { readHost } from '../../host/index.js';
import { resultHead } from '../../result/head.js';
import type { DevicesResult } from '../../result/schema.js';
import { discover } from '../../runner/discover.js';
import type { Context } from '../context.js';

/** Probes every backend. The exit code is `unchecked` where not one device is there. */
export async function listDevices(
  { threads, engine, timeout }: { threads?: number; engine?: string; timeout: number },
  context: Context,
): Promise<DevicesResult> {
  const head = resultHead(context.argv);
  const [found, host] = await Promise.all([
    discover({ threads, engine, timeoutMs: timeout * 1000, signal: context.signal }),
    readHost(),
  ]);
  return {
    ...head(),
    command: 'devices',
    exitCode: found.devices.length > 0 ? EXIT.ok : EXIT.unchecked,
    host,
    backends: [...found.backends],
    devices: found.devices,
    warnings: [],
  };
}
