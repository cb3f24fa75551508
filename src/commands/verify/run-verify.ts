import { Budget } from '../../bench/budget.js';
import { readHost } from '../../host/index.js';
import { resultHead } from '../../result/head.js';
import type { Finding, VerifyResult } from '../../result/schema.js';
import { exitCodeOf, runChecks, type Verification } from '../../verify/run-checks.js';
import type { CheckSelection } from '../../verify/select-checks.js';
import type { Group } from '../../verify/types.js';
import type { Context } from '../context.js';
import { startProgress } from '../progress/start-progress.js';
import type { VerifyFlags } from './flags.js';
import { Machine } from './machine.js';

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
  const limitMs = limitS && limitS * 1000;
  const budget = Budget.ofCommand(limitMs, performance.now(), context.signal);
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
