import type { FrameworkCause } from '../../bench/framework-causes.js';
import type { Interpreter } from '../../frameworks/interpreters.js';
import { CHECKS } from '../../verify/registry.js';
import { Machine } from '../verify/machine.js';

/**
 * What `verify` finds in the files of an environment whose framework does not reach the GPU: the first
 * finding with a rule that is not a pass.
 */
export async function findCause(
  { framework, prefix }: Interpreter,
  signal: AbortSignal,
): Promise<FrameworkCause | undefined> {
  const check = CHECKS.find(({ id }) => id === `frameworks.${framework}`);
  const machine = new Machine({ timeout: LOOK_UP_S, python: [prefix] }, signal);
  const findings = (await check?.run(machine)) ?? [];
  const own = findings.filter(({ subject, state }) => subject === prefix && state !== 'pass');
  const found = own.find(({ rule, framework: about }) => rule && about?.gpu !== undefined);
  if (!found?.rule) return undefined;
  const [fix] = found.fixes;
  const advice = [fix?.text, fix?.command].filter(Boolean).join(' ');
  return { rule: found.rule, message: found.message, advice };
}

/** For the devices that the rules ask about. */
const LOOK_UP_S = 20;
