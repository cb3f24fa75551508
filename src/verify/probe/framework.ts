import type { Framework } from '../../frameworks/catalog.js';
import { DISTRIBUTIONS } from '../../frameworks/distributions.js';
import type { PythonEnvironment } from '../../frameworks/environments/types.js';
import type { Subject } from '../../frameworks/faults/fault-rules.js';
import { findFault, findWarning, unknownAnswer } from '../../frameworks/faults/faults.js';
import type { Finding } from '../../result/schema.js';
import { finding, fix } from '../finding.js';
import type { Check, VerifyContext } from '../types.js';
import { type FrameworkResult, frameworkResult } from './answer.js';
import { ask } from './ask.js';
import { describeOutputs, type Outputs } from './examples.js';
import { faultFinding } from './fault-finding.js';
import { interpreterAnswers } from './interpreter.js';
import { placementOf } from './placement.js';
import { hardwareGpu, judge, nameOfDevice } from './verdict.js';

/** How one framework is asked. */
export interface ProbedFramework extends Pick<Framework, 'id' | 'title' | 'module'> {
  readonly sources: readonly string[];
  /** Asks more of an interpreter that has answered. */
  more?(
    interpreter: string,
    result: FrameworkResult,
    context: VerifyContext,
  ): Promise<NonNullable<Finding['details']>>;
}

/** The check that asks one framework in every environment that holds it. */
export function frameworkProbe(framework: ProbedFramework): Check {
  const check: Check = {
    id: `probe.${framework.id}`,
    group: 'probe',
    title: `${framework.title} itself: its devices, the examples, and where their ops ran, if it reports that`,
    sources: framework.sources,
    applies: ({ probe }) => probe,
    async run(context) {
      const environments = await context.environments();
      const own = environments.filter(({ packages }) => distributionIn(packages, framework));
      if (own.length === 0) {
        return [finding(check, 'not-applicable', `${framework.title} is not installed.`)];
      }
      const findings: Finding[] = [];
      // One after another: two frameworks at once would fight for the GPU's memory.
      for (const environment of own) {
        const found = await probeEnvironment(check, framework, environment, context);
        if (found)
          findings.push({ framework: aboutFault(framework, environment, found), ...found });
      }
      if (findings.length > 0) return findings;
      const message = `${framework.title} could not be asked: no interpreter beside it answers.`;
      return [
        finding(check, 'unchecked', message, {
          fixes: [fix('See why.', 'mpsbench verify --probe probe.python')],
        }),
      ];
    },
  };
  return check;
}

function distributionIn(
  packages: PythonEnvironment['packages'],
  { id }: ProbedFramework,
): string | undefined {
  return DISTRIBUTIONS[id].find((name) => packages.has(name));
}

/** A framework that fails to start reaches nothing; one that could not be asked may. */
function aboutFault(
  framework: ProbedFramework,
  { packages }: PythonEnvironment,
  { state }: Finding,
): NonNullable<Finding['framework']> {
  const version = packages.get(distributionIn(packages, framework) ?? '')?.[0]?.version;
  return {
    name: framework.title,
    ...(version && { version }),
    gpu: state === 'fail' ? 'no' : 'unknown',
  };
}

/** Nothing where the interpreter does not answer: that is one finding, of `probe.python`. */
async function probeEnvironment(
  check: Check,
  framework: ProbedFramework,
  environment: PythonEnvironment,
  context: VerifyContext,
): Promise<Finding | undefined> {
  const { prefix, interpreter, packages } = environment;
  const distribution = distributionIn(packages, framework);
  if (!distribution || !interpreter) return undefined;
  if (!(await interpreterAnswers(interpreter, context))) return undefined;
  const { title, module } = framework;
  const subject: Subject = { interpreter, title, module, distribution };
  const asked = await ask(interpreter, framework.id, context);
  const fault = findFault(asked, subject);
  if (fault) return faultFinding(check, fault, environment, context);
  const parsed = frameworkResult.safeParse(asked.answer.state === 'result' && asked.answer.result);
  if (!parsed.success) return faultFinding(check, unknownAnswer(subject), environment, context);
  const result = parsed.data;
  const { version, device, devices, builtFor, whyNoGpu, importSeconds } = result;
  const outputs = outputsOf(result);
  const placement = placementOf(framework.id, result);
  const warning = findWarning(asked, subject);
  const verdict = judge(
    check,
    title,
    { ...result, outputs, placement },
    await hardwareGpu(context),
  );
  return {
    ...(warning && verdict.state !== 'fail'
      ? { ...(await faultFinding(check, warning, environment, context)), state: 'warning' as const }
      : verdict),
    subject: prefix,
    framework: { name: title, version, gpu: device.isGpu ? 'yes' : 'no' },
    details: {
      version,
      devices: devices.map(nameOfDevice).join(', '),
      ...(builtFor && { builtFor }),
      ...(whyNoGpu && { whyNoGpu }),
      importSeconds,
      ...(await framework.more?.(interpreter, result, context)),
      ...describeOutputs(outputs),
    },
    ...(placement.length > 0 && { placement }),
  };
}

function outputsOf({ examples }: FrameworkResult): Outputs {
  return Object.fromEntries(Object.entries(examples).map(([id, { outputs }]) => [id, outputs]));
}
