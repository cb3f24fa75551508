import type { PythonEnvironment } from '../../frameworks/environments/types.js';
import type { Finding } from '../../result/schema.js';
import { type Rule, sourcesOf } from '../facts/index.js';
import type { Effect } from '../facts/types.js';
import { finding, fix } from '../finding.js';
import { systemLibrariesOf } from '../system/cuda-libraries.js';
import type { Check, VerifyContext } from '../types.js';
import { packageOf } from './environment-facts.js';
import { type Evaluation, evaluate, findingOf } from './evaluate.js';
import type { FrameworkId } from './framework-facts.js';
import { machineFacts } from './machine.js';
import { mergeFindings } from './merge.js';

export interface FrameworkCheck {
  readonly framework: FrameworkId;
  readonly title: string;
  /** As people write it. */
  readonly name: string;
  /** The packages that hold the framework itself. */
  readonly distributions: readonly string[];
  /** Its parts and plugins: alone they make an environment one of this check's too. */
  readonly plugins?: readonly string[];
  /** Further packages whose metadata is checked with them. */
  readonly companions?: readonly string[];
  readonly rules: readonly Rule[];
  /** Topics of which an answer says whether the GPU is reached. */
  readonly verdict: string;
}

/** A check that gives, for each environment with the framework, what the table says of it. */
export function frameworkCheck(options: FrameworkCheck): Check {
  const { framework, title, name, distributions, plugins = [], companions = [], rules } = options;
  const packages = [...distributions, ...plugins];
  const check: Check = {
    id: `frameworks.${framework}`,
    group: 'frameworks',
    title,
    sources: [...new Set(rules.flatMap(sourcesOf))],
    applies: () => true,
    async run(context) {
      const [environments, machine, system] = await Promise.all([
        context.environments(),
        machineFacts(context),
        systemLibrariesOf(context),
      ]);
      const own = environments.filter((environment) => packageOf(environment, packages));
      if (own.length === 0) return [notInstalled(check, name, context)];
      const question = {
        rules,
        packages: [...packages, ...companions],
        framework: { framework, distributions },
      };
      const findings = own.flatMap((environment) => {
        const evaluation = evaluate(environment, machine, question, system);
        return findingsOf(options, check, evaluation, environments);
      });
      return mergeFindings(findings);
    },
  };
  return check;
}

function findingsOf(
  { name, framework, distributions, plugins = [], companions = [], verdict }: FrameworkCheck,
  check: Check,
  { environment, matches, topics }: Evaluation,
  environments: readonly PythonEnvironment[],
): readonly Finding[] {
  const context = { check: check.id, environment, environments, probe: framework };
  const installed = packageOf(environment, [...distributions, ...plugins]);
  const about = { name, ...(installed && { version: installed.version }) };
  const findings = matches.map((match) => {
    const found = findingOf(match, context);
    const { rule, facts } = match;
    const isCompanions = companions.some(
      (one) => facts.get('package') === one || (rule.topic !== verdict && one in rule.when),
    );
    const gpu = isCompanions ? undefined : reachesGpu(rule.effect, found.state);
    return { ...found, framework: { ...about, ...(gpu && { gpu }) } };
  });
  const isAnswered = topics.has(verdict) || matches.some(({ rule }) => rule.effect === 'fails');
  if (isAnswered) return findings;
  const message = `${installed?.name ?? name} ${installed?.version ?? ''}: not checked, no rule covers this combination.`;
  const ask = fix(`Ask ${name} itself.`, `mpsbench verify --probe ${framework}`);
  return [
    {
      ...finding(check, 'unchecked', message, {
        subject: environment.prefix,
        fixes: [ask],
        sources: [],
      }),
      framework: { ...about, gpu: 'unknown' },
    },
    ...findings,
  ];
}

function notInstalled(check: Check, name: string, { source }: VerifyContext): Finding {
  const where = source.platform === 'darwin' ? 'on this Mac' : 'on this machine';
  return {
    ...finding(check, 'not-applicable', `${name} is not installed ${where}.`, { sources: [] }),
    framework: { name },
  };
}

/** What a rule that holds says of the GPU; undefined if it leaves that open. */
function reachesGpu(
  effect: Effect,
  state: Finding['state'],
): NonNullable<Finding['framework']>['gpu'] {
  switch (effect) {
    case 'works':
      return state === 'pass' ? 'yes' : 'unknown';
    case 'cpu-only':
      return 'no';
    case 'fails':
      return state === 'fail' ? 'no' : 'unlikely';
    case 'unknown':
      return 'unknown';
    default:
      return undefined;
  }
}
