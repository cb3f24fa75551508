import type { PythonEnvironment } from '../../frameworks/environments/types.js';
import type { Finding } from '../../result/schema.js';
import { type Facts, fill, matching } from '../facts/condition.js';
import { confidenceOf, doubtOf, sourcesOf, stateOf, TABLE } from '../facts/index.js';
import type { Effect, Rule } from '../facts/types.js';
import { fix } from '../finding.js';
import type { SystemLibraries } from '../system/cuda-libraries.js';
import { closureOf, type Unmet } from './closure.js';
import { environmentFacts } from './environment-facts.js';
import { judgeEvidence } from './evidence.js';
import { fixFor } from './fix-command.js';
import { type FrameworkSubject, frameworkFacts } from './framework-facts.js';
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
  /** Topics that a rule answers, also one that is not shown because of what else was found. */
  readonly topics: ReadonlySet<string>;
}

/** What is asked of an environment. */
export interface Question {
  readonly rules: readonly Rule[];
  /** The packages that are spoken of; their requirements are checked too. */
  readonly packages: readonly string[];
  readonly framework?: FrameworkSubject;
}

/** What is said of a framework that reaches the GPU. */
const ON_GPU: ReadonlySet<Effect> = new Set(['works', 'limit', 'hazard', 'wrong-results']);

/** The rules of a check, and those of each package that it speaks of, for one environment. */
export function evaluate(
  environment: PythonEnvironment,
  machine: Facts,
  { rules, packages, framework }: Question,
  system: SystemLibraries = { cuda: new Map(), cudnn: new Map() },
): Evaluation {
  const base = environmentFacts(environment, machine);
  const ofPackages = packages.flatMap((name) => {
    const installed = environment.packages.get(name);
    if (!installed) return [];
    const own = packageFacts(name, installed, base);
    return matching(TABLE.package, own).map((rule) => ({ rule, facts: own }));
  });
  const closure = framework && closureOf(environment, base, packages);
  const facts =
    framework && closure ? frameworkFacts(framework, environment, base, closure, system) : base;
  const ofTable = matching(rules, facts).map((rule) => ({ rule, facts }));
  const ofClosure = (closure?.unmet ?? [])
    .filter((unmet) => !isCovered(unmet, [...ofTable, ...ofPackages]))
    .flatMap((unmet) => requirementMatches(unmet, facts));
  const all = [
    ...ofPackages.filter((match) => !isSaidByTable(match, ofTable)),
    ...ofTable,
    ...ofClosure,
  ];
  // What does not import, or runs on the CPU, computes nothing on the GPU, right or wrong.
  const isOff = all.some(({ rule }) => rule.effect === 'fails' || rule.effect === 'cpu-only');
  // Nor does it pass with requirements that are not met: those are what is said then.
  const isDoubtful = (closure?.unmet.length ?? 0) > 0;
  const matches = all.filter(
    ({ rule: { effect } }) => !(isOff && ON_GPU.has(effect)) && !(isDoubtful && effect === 'works'),
  );
  const topics = new Set(ofTable.flatMap(({ rule: { topic } }) => topic ?? []));
  return { environment, facts, matches, topics };
}

/** Whether a framework's own rule says which macOS it needs, and which release is for this one. */
function isSaidByTable({ rule, facts }: Match, ofTable: readonly Match[]): boolean {
  if (rule.id !== 'package-newer-macos') return false;
  const name = facts.get('package') ?? '';
  return ofTable.some(
    ({ rule: { when, effect } }) => effect === 'fails' && 'macos' in when && name in when,
  );
}

/** Whether a rule with a better sentence speaks of the same packages. */
function isCovered({ name, by }: Unmet, matches: readonly Match[]): boolean {
  const own = by.name.toLowerCase();
  return matches.some(({ rule }) => {
    const isAbout =
      rule.effect === 'fails' || rule.effect === 'cpu-only' || rule.effect === 'undeclared';
    return isAbout && (name in rule.when || (own.includes(name) && own in rule.when));
  });
}

function requirementMatches({ by, required, found }: Unmet, facts: Facts): readonly Match[] {
  const own = new Map(facts);
  own.set('package', by.name);
  own.set('version', by.version);
  own.set('required', required);
  own.set('requirement', found === undefined ? 'missing' : 'other-version');
  if (found !== undefined) own.set('found', found);
  return matching(TABLE.requirement, own).map((rule) => ({ rule, facts: own }));
}

export interface FindingContext {
  readonly check: string;
  readonly environment: PythonEnvironment;
  /** All of the machine: one of them may be the Python that a fix needs. */
  readonly environments: readonly PythonEnvironment[];
  /** What --probe calls the framework. */
  readonly probe?: string;
}

/** The finding of a rule that holds; "works" only if all the evidence it needs was seen. */
export function findingOf({ rule, facts }: Match, context: FindingContext): Finding {
  const { check, environment, environments, probe = 'python' } = context;
  const base = {
    check,
    group: 'frameworks' as const,
    subject: environment.prefix,
    rule: rule.id,
    confidence: confidenceOf(rule),
    sources: sourcesOf(rule),
    details: { effect: rule.effect, ...detailsOf(environment, facts) },
  };
  const text = fill(rule.text, facts);
  if (rule.effect !== 'works') {
    const fixes = (rule.fixes ?? []).map((one) =>
      fixFor(one, { environment, facts, environments }),
    );
    return { ...base, state: stateOf(rule), message: text + doubtOf(rule), fixes };
  }
  const { seen, unseen } = judgeEvidence(rule.needs ?? [], facts, environment, probe);
  if (unseen.length === 0) {
    const rests = seen.length > 0 ? ` (${seen.join(', ')})` : '';
    return { ...base, state: 'pass', message: `${text}${rests}.${doubtOf(rule)}`, fixes: [] };
  }
  const fixes = unseen.map(({ words, command }) => fix(`Find out ${words}.`, command));
  const ask = fix('Ask the framework itself.', `mpsbench verify --probe ${probe}`);
  return {
    ...base,
    state: 'unchecked',
    message: `Not checked whether ${text}: ${unseen.map(({ words }) => words).join(' and ')} cannot be determined from files.`,
    fixes: fixes.some(({ command }) => command === ask.command) ? fixes : [...fixes, ask],
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
