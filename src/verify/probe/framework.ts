import type { z } from 'zod';
import type { Finding, PlacementRow } from '../../report/schema.js';
import type { PythonEnvironment } from '../environments/types.js';
import { finding, fix } from '../finding.js';
import { environmentFacts } from '../frameworks/environment-facts.js';
import { fixFor } from '../frameworks/fix-command.js';
import { machineFacts } from '../frameworks/machine.js';
import { perContext } from '../memo.js';
import type { Check, VerifyContext } from '../types.js';
import { type Asked, ask, type ProbeName } from './ask.js';
import { describeOutputs, findWrongResults, type Outputs } from './examples.js';
import { type Fault, findFault, findWarning, type Subject, unknownAnswer } from './faults.js';
import { interpreterAnswers } from './interpreter.js';
import { fallbacksOf } from './placement.js';

/** What a framework said of itself, in the terms that all share. */
export interface Report {
  readonly version: string;
  /** Where it computed, as it names it: `GPU:0`, `mps`. */
  readonly device: string;
  /** Whether that is a GPU. */
  readonly usesGpu: boolean;
  readonly outputs: Outputs;
  /** Wrong results besides those of the examples. */
  readonly wrong: readonly string[];
  readonly placement: readonly PlacementRow[];
  readonly details: NonNullable<Finding['details']>;
  /** Why there is no GPU, where the framework says so. */
  readonly whyNoGpu?: string;
}

export interface Framework<Result> {
  readonly id: Exclude<ProbeName, 'python'>;
  readonly title: string;
  /** What is imported. */
  readonly module: string;
  /** Names of the distributions that hold it, normalised; the first is the usual one. */
  readonly distributions: readonly string[];
  readonly sources: readonly string[];
  readonly result: z.ZodType<Result>;
  report(result: Result, asked: Asked): Report;
  /** Asks more of an interpreter that has answered. */
  more?(
    interpreter: string,
    result: Result,
    context: VerifyContext,
  ): Promise<NonNullable<Finding['details']>>;
}

/** The check that asks one framework in every environment that holds it. */
export function frameworkCheck<Result>(framework: Framework<Result>): Check {
  const check: Check = {
    id: `probe.${framework.id}`,
    group: 'probe',
    title: `${framework.title} itself: its devices, the examples, the placement of their ops`,
    sources: framework.sources,
    applies: ({ probe }) => probe,
    async run(context) {
      const findings: Finding[] = [];
      // One after another: two frameworks at once would fight for the GPU's memory.
      for (const environment of await context.environments()) {
        const found = await probeEnvironment(check, framework, environment, context);
        if (found) findings.push(found);
      }
      return findings;
    },
  };
  return check;
}

/** Nothing where the environment lacks the framework, or its interpreter: `probe.python` tells. */
async function probeEnvironment<Result>(
  check: Check,
  framework: Framework<Result>,
  environment: PythonEnvironment,
  context: VerifyContext,
): Promise<Finding | undefined> {
  const { prefix, interpreter, packages } = environment;
  const distribution = framework.distributions.find((name) => packages.has(name));
  if (!distribution || !interpreter) return undefined;
  if (!(await interpreterAnswers(interpreter, context))) return undefined;
  const { title, module } = framework;
  const subject: Subject = { interpreter, title, module, distribution };
  const asked = await ask(interpreter, framework.id, context);
  const fault = findFault(asked, subject);
  if (fault) return faultFinding(check, fault, environment, context);
  const parsed = framework.result.safeParse(asked.answer.state === 'result' && asked.answer.result);
  if (!parsed.success) {
    return faultFinding(check, unknownAnswer(subject), environment, context);
  }
  const result = parsed.data;
  const report = framework.report(result, asked);
  const details = { ...report.details, ...(await framework.more?.(interpreter, result, context)) };
  const warning = findWarning(asked, subject);
  const verdict = judge(check, title, report, await hardwareGpu(context));
  return {
    ...(warning && verdict.state !== 'fail'
      ? { ...(await faultFinding(check, warning, environment, context)), state: 'warning' as const }
      : verdict),
    subject: prefix,
    details: { version: report.version, ...details, ...describeOutputs(report.outputs) },
    ...(report.placement.length > 0 && { placement: [...report.placement] }),
  };
}

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

/** Wrong results outweigh ops that fell back, and these a GPU that is not used. */
function judge(check: Check, title: string, report: Report, gpu: string | undefined): Finding {
  const name = `${title} ${report.version}`;
  const wrong = [...findWrongResults(report.outputs), ...report.wrong];
  if (wrong.length > 0) {
    return finding(
      check,
      'fail',
      `${name} computes wrong results on ${report.device}: ${wrong.join('; ')}.`,
      {
        fixes: [
          fix(
            'Do not trust this device with this release; compute on the CPU, or take another one.',
          ),
          fix('See which releases go together.', 'mpsbench verify frameworks'),
        ],
      },
    );
  }
  const fallbacks = fallbacksOf(report.placement);
  if (report.usesGpu && fallbacks.length > 0) {
    return finding(
      check,
      'warning',
      `${name} computes right, but not all on ${report.device}: ${fallbacks.join(', ')} ran elsewhere.`,
      { fixes: [fix('Move these ops and their inputs together, or use a release that has them.')] },
    );
  }
  const why = report.whyNoGpu ? `: ${report.whyNoGpu}` : '';
  if (!report.usesGpu && gpu !== undefined) {
    return finding(
      check,
      'warning',
      `${name} computes right, but on ${report.device} although this machine has ${gpu}${why}.`,
      { fixes: [fix('See what keeps it from the GPU.', 'mpsbench verify frameworks')] },
    );
  }
  const note = report.usesGpu ? '' : ` (no GPU${why})`;
  return finding(check, 'pass', `${name} computes the examples right on ${report.device}${note}`);
}

/** The name of a GPU that a framework could use; undefined where there is none or nobody knows. */
const hardwareGpu = perContext(async (context) => {
  try {
    const { devices } = await context.discovery();
    return devices.find(({ kind }) => kind === 'gpu' || kind === 'integrated')?.name;
  } catch {
    // Its own check tells.
    return undefined;
  }
});
