import type { PythonEnvironment } from '../../frameworks/environments/types.js';
import type { Fault } from '../../frameworks/faults/faults.js';
import type { RuleFix } from '../../frameworks/faults/fix.js';
import type { Finding } from '../../result/schema.js';
import { INSTALL_NEWEST_PAIR, REMOVE_METAL } from '../facts/tensorflow-metal-pairs.js';
import { finding } from '../finding.js';
import { environmentFacts } from '../frameworks/environment-facts.js';
import { fixFor } from '../frameworks/fix-command.js';
import { machineFacts } from '../frameworks/machine.js';
import type { Check, VerifyContext } from '../types.js';

/** Fixes that follow from the table of pairs instead of the rule's own. */
const FIXES_FROM_FACTS: Readonly<Record<string, readonly RuleFix[]>> = {
  'import.metal-plugin': [INSTALL_NEWEST_PAIR, REMOVE_METAL],
};

/** A fault as a finding, its fixes as commands for that environment. */
export async function faultFinding(
  check: Check,
  { state, message, fixes, rule, sources }: Fault,
  environment: PythonEnvironment,
  context: VerifyContext,
): Promise<Finding> {
  const environments = await context.environments();
  const facts = environmentFacts(environment, await machineFacts(context));
  return {
    ...finding(check, state, message, {
      subject: environment.prefix,
      fixes: (FIXES_FROM_FACTS[rule] ?? fixes).map((one) =>
        fixFor(one, { environment, facts, environments }),
      ),
      ...(sources.length > 0 && { sources }),
    }),
    rule,
  };
}
