import { findEnvironments } from '../../src/frameworks/environments/index.js';
import type { HostSource } from '../../src/host/source.js';
import type { BackendRecord, DeviceInfo } from '../../src/result/schema.js';
import type { VerifyContext } from '../../src/verify/types.js';

export interface ScriptedVerification {
  readonly backends?: readonly BackendRecord[];
  readonly devices?: readonly DeviceInfo[];
  /** --python. */
  readonly python?: readonly string[];
  readonly probe?: boolean;
  readonly signal?: AbortSignal;
}

/** A scripted context: the recorded machine, with the devices that its backends are said to find. */
export function scriptedContext(
  source: HostSource,
  {
    backends = [],
    devices = [],
    python = [],
    probe = false,
    signal = new AbortController().signal,
  }: ScriptedVerification = {},
): VerifyContext {
  return {
    source,
    platform: source.platform,
    signal,
    timeoutMs: 1000,
    probe,
    discovery: async () => ({ backends, devices, fused: {} }),
    environments: () => findEnvironments(source, { python, cwd: '/Users/ada/work' }),
  };
}
