import { DISTRIBUTIONS } from '../../frameworks/distributions.js';
import type { PythonEnvironment } from '../../frameworks/environments/types.js';
import type { Finding } from '../../result/schema.js';
import { sourcesOf, TABLE } from '../facts/index.js';
import { finding, fix } from '../finding.js';
import type { Check } from '../types.js';
import { isChosen, isEnvironment, packageOf } from './environment-facts.js';
import { evaluate, findingOf } from './evaluate.js';
import { machineFacts } from './machine.js';
import { mergeFindings } from './merge.js';

const FRAMEWORKS = Object.values(DISTRIBUTIONS).flat();

/** The environments that were found, what could not be read of them, and what their Python lacks. */
export const python: Check = {
  id: 'frameworks.python',
  group: 'frameworks',
  title: 'Python environments can be read, and their Python has wheels of the frameworks',
  sources: [...new Set(TABLE.python.flatMap(sourcesOf))],
  applies: () => true,
  async run(context) {
    const [environments, machine] = await Promise.all([
      context.environments(),
      machineFacts(context),
    ]);
    const only = onlyPython(environments);
    const findings = environments.flatMap((environment) => [
      ...notesOf(environment),
      // The only Python of the machine is what pip installs into, even if not chosen.
      ...evaluate(
        environment,
        environment === only ? new Map([...machine, ['only-python', 'yes']]) : machine,
        { rules: TABLE.python, packages: [] },
      ).matches.map((match) => findingOf(match, { check: python.id, environment, environments })),
    ]);
    return [summary(environments.filter(isEnvironment)), ...mergeFindings(findings)];
  },
};

function onlyPython(environments: readonly PythonEnvironment[]): PythonEnvironment | undefined {
  const [first, ...more] = environments.filter(isEnvironment);
  return more.length === 0 ? first : undefined;
}

function summary(environments: readonly PythonEnvironment[]): Finding {
  const details = Object.fromEntries(
    environments.map(({ prefix, pythonVersion, origin }) => [
      prefix,
      `Python ${pythonVersion ?? 'of unknown version'} (${origin})`,
    ]),
  );
  const withFrameworks = environments.filter(hasFramework).length;
  const message =
    environments.length === 0
      ? 'No Python environment was found.'
      : `${count(environments.length, 'Python environment')} found, ${withFrameworks} with a machine-learning framework.`;
  const state = environments.length === 0 ? 'not-applicable' : 'pass';
  return finding(python, state, message, { details, sources: [] });
}

function hasFramework(environment: PythonEnvironment): boolean {
  return packageOf(environment, FRAMEWORKS) !== undefined;
}

/**
 * What could not be read counts where a framework is, or where the user looks; --python PATH that is
 * no environment was requested and could not be checked.
 */
function notesOf(environment: PythonEnvironment): readonly Finding[] {
  const { notes, prefix } = environment;
  const [first, ...more] = notes;
  if (first === undefined) return [];
  const isNone = !isEnvironment(environment);
  const matters = hasFramework(environment) || isChosen(environment);
  const state = isNone ? 'unchecked' : matters ? 'warning' : 'pass';
  const fixes = isNone ? [fix('Pass the folder of an environment, or an interpreter.')] : [];
  const message = more.length > 0 ? `${first} (and ${more.length} more)` : first;
  const details = Object.fromEntries(notes.map((note, index) => [`note ${index + 1}`, note]));
  return [finding(python, state, message, { subject: prefix, fixes, details, sources: [] })];
}

const count = (number: number, noun: string) => `${number} ${noun}${number === 1 ? '' : 's'}`;
