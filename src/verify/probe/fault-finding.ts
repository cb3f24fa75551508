import type { PythonEnvironment } from '../../frameworks/environments/types.js';
import type { Finding } from '../../result/schema.js';
import { finding } from '../finding.js';
import { environmentFacts } from '../frameworks/environment-facts.js';
import { fixFor } from '../frameworks/fix-command.js';
import { machineFacts } from '../frameworks/machine.js';
import type { Check, VerifyContext } from '../types.js';
import type { Fault } from './faults.js';

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
      fixes: fixes.map((one) => fixFor(one, { environment, facts, environments })),
      ...(sources.length > 0 && { sources }),
    }),
    rule,
  };
}
