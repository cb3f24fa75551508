import type { PythonEnvironment } from '../frameworks/environments/types.js';
import type { HostSource } from '../host/source.js';
import type { Finding } from '../result/schema.js';
import type { Discovery } from '../runner/discover.js';

/** The order in which groups are shown. */
export const GROUPS = ['system', 'devices', 'compute', 'frameworks', 'probe'] as const;
export type Group = (typeof GROUPS)[number];

/** What a check may ask for. Everything is read once and shared; tests play recorded machines. */
export interface VerifyContext {
  readonly source: HostSource;
  /** `process.platform` of the machine that is verified. */
  readonly platform: NodeJS.Platform;
  readonly signal: AbortSignal;
  readonly timeoutMs: number;
  /** --probe: start the interpreters that were found. */
  readonly probe: boolean;
  /** The devices of every backend, probed at the first call. */
  discovery(): Promise<Discovery>;
  /** Every Python environment found, read from metadata alone, at the first call. */
  environments(): Promise<readonly PythonEnvironment[]>;
}

/**
 * One thing that is verified. Its id is stable: it names the check for --skip, in the JSON, and in
 * docs/verify.md. It may give several findings (one per device or environment), and none if the
 * devices show that it does not apply.
 */
export interface Check {
  readonly id: string;
  readonly group: Group;
  /** What is verified, one line for --list and the docs. */
  readonly title: string;
  /** Where the rule comes from. */
  readonly sources: readonly string[];
  /** Whether this check says anything on this machine; others are left out of the output. */
  applies(context: VerifyContext): boolean;
  /**
   * May throw: an MpsbenchError becomes a finding that could not be checked, with its message and
   * advice; anything else is a bug.
   */
  run(context: VerifyContext): Promise<readonly Finding[]>;
}

/** Whether a check starts what it finds, and so needs --probe. */
export function startsInterpreters({ group }: Pick<Check, 'group'>): boolean {
  return group === 'probe';
}
