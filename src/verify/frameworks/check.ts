import type { Finding } from '../../result/schema.js';
import type { PythonEnvironment } from '../environments/types.js';
import { type Rule, sourcesOf } from '../facts/index.js';
import { finding } from '../finding.js';
import type { Check, VerifyContext } from '../types.js';
import { packageOf } from './environment-facts.js';
import { type Evaluation, evaluate, findingOf } from './evaluate.js';
import { machineFacts } from './machine.js';
import { mergeFindings } from './merge.js';

export interface FrameworkCheck {
  readonly id: string;
  readonly title: string;
  /** As people write it. */
  readonly name: string;
  /** The packages that make an environment one of this check's; the first that is there names it. */
  readonly packages: readonly string[];
  /** Further packages whose metadata is checked with them. */
  readonly companions?: readonly string[];
  readonly rules: readonly Rule[];
  /** Topics of which an answer says whether the GPU is reached. */
  readonly verdicts: readonly string[];
}

/** A check that gives, for each environment with the framework, what the table says of it. */
export function frameworkCheck(options: FrameworkCheck): Check {
  const { id, title, name, packages, companions = [], rules } = options;
  const check: Check = {
    id,
    group: 'frameworks',
    title,
    sources: [...new Set(rules.flatMap(sourcesOf))],
    applies: () => true,
    async run(context) {
      const [environments, machine] = await Promise.all([
        context.environments(),
        machineFacts(context),
      ]);
      const own = environments.filter((environment) => packageOf(environment, packages));
      if (own.length === 0) return [notInstalled(check, name, context)];
      const findings = own.flatMap((environment) => {
        const evaluation = evaluate(environment, machine, rules, [...packages, ...companions]);
        return findingsOf(options, check, evaluation, environments);
      });
      return mergeFindings(findings);
    },
  };
  return check;
}

function findingsOf(
  { id, name, packages, verdicts }: FrameworkCheck,
  check: Check,
  { environment, facts, matches }: Evaluation,
  environments: readonly PythonEnvironment[],
): readonly Finding[] {
  const findings = matches.map((match) => findingOf(id, match, environment, environments));
  const answered = matches.some(
    ({ rule }) => rule.effect === 'fails' || verdicts.includes(rule.topic ?? ''),
  );
  if (answered) return findings;
  const installed = packageOf(environment, packages);
  const why =
    facts.get('gpu') === 'none'
      ? 'neither an Apple nor an NVIDIA GPU was found'
      : 'no rule speaks of this combination; --probe asks it';
  const message = `${name} ${installed?.version ?? ''} is installed; ${why}.`;
  return [
    finding(check, 'pass', message, { subject: environment.prefix, sources: [] }),
    ...findings,
  ];
}

function notInstalled(check: Check, name: string, { source }: VerifyContext): Finding {
  const where = source.platform === 'darwin' ? 'on this Mac' : 'on this machine';
  return finding(check, 'pass', `${name} is in no Python environment ${where}.`, { sources: [] });
}
