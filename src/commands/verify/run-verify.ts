import { Budget } from '../../bench/budget.js';
import { findEnvironments, type PythonEnvironment } from '../../frameworks/environments/index.js';
import { readHost } from '../../host/index.js';
import { systemSource } from '../../host/source.js';
import { resultHead } from '../../result/head.js';
import type { Finding, VerifyResult } from '../../result/schema.js';
import { type Discovery, discover } from '../../runner/discover.js';
import { exitCodeOf, runChecks, type Verification } from '../../verify/run-checks.js';
import type { CheckSelection } from '../../verify/select-checks.js';
import type { Group, VerifyContext } from '../../verify/types.js';
import type { Context } from '../context.js';
import { startProgress } from '../progress/start-progress.js';
import type { VerifyFlags } from './flags.js';

/** Groups that take long enough to be announced. */
const PHASES: Partial<Record<Group, string>> = {
  compute: 'computing on every device',
  probe: 'asking the frameworks',
};

/** Runs the chosen checks on this machine. */
export async function verify(
  { checks, named }: CheckSelection,
  flags: VerifyFlags,
  context: Context,
): Promise<VerifyResult> {
  const head = resultHead(context.argv);
  const progress = await startProgress('reading the setup of this machine');
  const { budget: limitS } = flags;
  const budget = new Budget(limitS && limitS * 1000, context.signal);
  const { signal } = budget;
  try {
    const begun = new Set<string>();
    const machine = new Machine(flags, signal);
    const checked = await runChecks(checks, machine, {
      named,
      onStart: ({ id, group }) => {
        const phase = PHASES[group];
        if (phase !== undefined && !begun.has(phase)) progress.phase(phase);
        if (phase !== undefined) begun.add(phase);
        progress.update(`checking ${id}`);
      },
    });
    const verification = budget.isOver ? endedByBudget(checked, limitS) : checked;
    const found = machine.found;
    return {
      ...head(),
      command: 'verify',
      exitCode: exitCodeOf(verification, { strict: flags.strict ?? false }),
      host: await readHost(),
      backends: [...(found?.backends ?? [])],
      devices: found?.devices ?? [],
      warnings: [],
      findings: [...verification.findings],
    };
  } finally {
    progress.stop();
  }
}

/** Not the user's interruption: what was not checked is a finding. */
function endedByBudget(checked: Verification, limitS = 0): Verification {
  const finding: Finding = {
    check: 'budget',
    group: 'system',
    state: 'unchecked',
    message: `--budget ${limitS}s ran out before every check was done.`,
    fixes: [{ text: 'Use a longer --budget, or name the checks to run.' }],
    sources: [],
  };
  return { ...checked, interrupted: false, findings: [finding, ...checked.findings] };
}

/** This machine; devices and environments are looked for when the first check asks for them. */
class Machine implements VerifyContext {
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

  constructor({ timeout, probe = false, python = [] }: VerifyFlags, signal: AbortSignal) {
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
