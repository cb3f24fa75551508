import type { Fix } from '../../result/schema.js';
import { shellWord } from '../../shell.js';
import type { PythonEnvironment } from '../environments/types.js';
import { type Facts, fill } from '../facts/condition.js';
import type { RuleFix } from '../facts/types.js';
import { satisfies } from '../facts/version.js';

/** Where a new environment is made, below the working directory. */
const NEW_FOLDER = '.venv-gpu';

/** The Python that a new environment is made of where none that fits is installed. */
const PREFERRED_MINORS = [12, 11, 13, 10, 9, 14, 8];

/** Origins of installations, of which a venv can be made; the others are environments themselves. */
const INSTALLATIONS = ['pyenv', 'uv', 'asdf', 'mise', 'Homebrew', 'python.org', 'system', 'PATH'];

export interface FixContext {
  readonly environment: PythonEnvironment;
  readonly facts: Facts;
  /** All of the machine: one of them may be the Python that a fix needs. */
  readonly environments: readonly PythonEnvironment[];
}

/** A rule's fix as a command to copy for this environment, where one command does it. */
export function fixFor(rule: RuleFix, context: FixContext): Fix {
  const { facts } = context;
  const text = fill(rule.text, facts);
  const command = rule.command ?? pipCommand(rule, context);
  return command === undefined ? { text } : { text, command };
}

function pipCommand(rule: RuleFix, context: FixContext): string | undefined {
  const { environment, facts } = context;
  const pip = rule.pip?.map((argument) => fill(argument, facts));
  const uninstall = rule.uninstall?.map((name) => fill(name, facts));
  if (!pip && !uninstall) return undefined;
  const { interpreter } = environment;
  if (pip && needsNewEnvironment(rule, context)) return newEnvironment(rule, pip, context);
  // pip refuses to change an environment that the system manages.
  if (interpreter === undefined || environment.managed) return undefined;
  const tool = toolOf(environment, interpreter);
  const parts = [
    uninstall && [...tool('uninstall'), ...uninstall],
    pip && [...tool('install'), ...pip],
  ].filter((part) => part !== undefined);
  return join(parts, facts);
}

/** uv makes environments without pip, and installs into them from outside. */
function toolOf({ packages }: PythonEnvironment, interpreter: string) {
  return (verb: 'install' | 'uninstall'): readonly string[] =>
    packages.has('pip')
      ? [interpreter, '-m', 'pip', verb, ...(verb === 'uninstall' ? ['-y'] : [])]
      : ['uv', 'pip', verb, '--python', interpreter];
}

/** Only what a fix installs by itself, with a framework: a companion goes beside its framework. */
function needsNewEnvironment({ python }: RuleFix, { environment, facts }: FixContext): boolean {
  const version = facts.get('python');
  const isForeign =
    facts.get('machine') === 'apple-silicon' && facts.get('interpreter') === 'x86_64';
  const isOutside = python !== undefined && version !== undefined && !satisfies(version, python);
  return python !== undefined && (environment.managed || isForeign || isOutside);
}

/** `PYTHON -m venv .venv-gpu && .venv-gpu/bin/python -m pip install …` */
function newEnvironment(
  { python }: RuleFix,
  pip: readonly string[],
  context: FixContext,
): string | undefined {
  const base = findBase(python, context);
  const isWindows = context.facts.get('machine') === 'windows';
  const inside = isWindows ? `${NEW_FOLDER}\\Scripts\\python` : `${NEW_FOLDER}/bin/python`;
  // What is forced or upgraded in the old environment is simply installed in a new one.
  const packages = pip.filter((argument) => !argument.startsWith('--'));
  const commands = [
    [base, '-m', 'venv', NEW_FOLDER],
    [inside, '-m', 'pip', 'install', ...packages],
  ];
  return join(commands, context.facts);
}

function findBase(
  python: string | undefined,
  { environment, facts, environments }: FixContext,
): string {
  const range = python ?? `==${minorOf(facts.get('python')) ?? '3.12'}.*`;
  const needsArm = facts.get('machine') === 'apple-silicon';
  const fits = ({ interpreter, origin, pythonVersion, architectures }: PythonEnvironment) =>
    interpreter !== undefined &&
    isShown(interpreter) &&
    INSTALLATIONS.includes(origin) &&
    pythonVersion !== undefined &&
    satisfies(pythonVersion, range) &&
    (!needsArm || architectures.includes('arm64'));
  const installed = [environment, ...environments].find(fits)?.interpreter;
  if (installed) return installed;
  const minor = PREFERRED_MINORS.find((candidate) => satisfies(`3.${candidate}`, range));
  return minor === undefined ? 'python3' : `python3.${minor}`;
}

const minorOf = (version: string | undefined) => /^\d+\.\d+/.exec(version ?? '')?.[0];

/** Undefined where a word cannot be shown as it is: a command to copy must hold nothing hidden. */
function join(commands: readonly (readonly string[])[], facts: Facts): string | undefined {
  if (!commands.flat().every(isShown)) return undefined;
  const quote = facts.get('machine') === 'windows' ? quoteForWindows : shellWord;
  return commands.map((words) => words.map(quote).join(' ')).join(' && ');
}

const isShown = (word: string) => !/[\p{C}\u2028\u2029]/u.test(word);

const quoteForWindows = (word: string) => (/^[\w@%+=:,./\\-]+$/.test(word) ? word : `"${word}"`);
