import type { Finding } from '../../result/schema.js';
import type { PythonEnvironment } from '../environments/types.js';
import { type Facts, fill, matching } from '../facts/condition.js';
import { sourcesOf, stateOf, TABLE } from '../facts/index.js';
import type { Effect, Rule } from '../facts/types.js';
import { environmentFacts } from './environment-facts.js';
import { fixFor } from './fix-command.js';
import { packageFacts } from './wheel-tags.js';

/** A rule that holds, for one environment or one package in it. */
export interface Match {
  readonly rule: Rule;
  readonly facts: Facts;
}

export interface Evaluation {
  readonly environment: PythonEnvironment;
  readonly facts: Facts;
  readonly matches: readonly Match[];
}

/** What is said of a framework that reaches the GPU. */
const ON_GPU: ReadonlySet<Effect> = new Set(['works', 'limit', 'hazard', 'wrong-results']);

/** The rules of a check, and those of each package that it speaks of, for one environment. */
export function evaluate(
  environment: PythonEnvironment,
  machine: Facts,
  rules: readonly Rule[],
  packages: readonly string[],
): Evaluation {
  const facts = environmentFacts(environment, machine);
  const ofPackages = packages.flatMap((name) => {
    const installed = environment.packages.get(name);
    if (!installed) return [];
    const own = packageFacts(name, installed, facts);
    return matching(TABLE.package, own).map((rule) => ({ rule, facts: own }));
  });
  const ofTable = matching(rules, facts).map((rule) => ({ rule, facts }));
  const all = [...ofPackages, ...ofTable];
  // What does not import, or runs on the CPU, computes nothing on the GPU, right or wrong.
  const isOff = all.some(({ rule }) => rule.effect === 'fails' || rule.effect === 'cpu-only');
  const matches = isOff ? all.filter(({ rule }) => !ON_GPU.has(rule.effect)) : all;
  return { environment, facts, matches };
}

/** The finding of a rule that holds. */
export function findingOf(
  check: string,
  { rule, facts }: Match,
  environment: PythonEnvironment,
  environments: readonly PythonEnvironment[],
): Finding {
  const dispute = rule.conflict === undefined ? '' : ` Sources disagree: ${rule.conflict}.`;
  return {
    check,
    group: 'frameworks',
    state: stateOf(rule),
    subject: environment.prefix,
    message: fill(rule.text, facts) + dispute,
    fixes: (rule.fixes ?? []).map((fix) => fixFor(fix, { environment, facts, environments })),
    rule: rule.id,
    confidence: rule.confidence,
    sources: sourcesOf(rule),
    details: { effect: rule.effect, ...detailsOf(environment, facts) },
  };
}

function detailsOf(environment: PythonEnvironment, facts: Facts): NonNullable<Finding['details']> {
  const python = facts.get('python');
  const interpreter = facts.get('interpreter');
  return {
    origin: environment.origin,
    ...(python && { python }),
    ...(interpreter && { architecture: interpreter }),
  };
}
