import { condaNameOf } from '../../frameworks/environments/conda-meta.js';
import { normaliseName } from '../../frameworks/environments/names.js';
import type { PythonEnvironment } from '../../frameworks/environments/types.js';
import type { RuleFix } from '../../frameworks/faults/fix.js';
import type { Fix } from '../../result/schema.js';
import { shellWord } from '../../text/shell-word.js';
import { type Facts, fill } from '../facts/condition.js';
import { TORCH_INDEX, torchIndexFor } from '../facts/torch-wheels.js';
import { satisfies } from '../facts/version.js';
import { jetsonIndex } from '../system/jetson.js';
import { newEnvironment } from './new-environment.js';
import { condaCommand, pipTool, type Tool } from './package-manager.js';

export interface FixContext {
  readonly environment: PythonEnvironment;
  readonly facts: Facts;
  /** All of the machine: one of them may be the Python that a fix needs. */
  readonly environments: readonly PythonEnvironment[];
}

/** What a fix installs and removes, with the values of facts filled in. */
export interface Packages {
  readonly install: readonly string[];
  readonly uninstall: readonly string[];
  /** `--index-url URL`, or nothing. */
  readonly index: readonly string[];
}

/**
 * A rule's fix for this environment: the words, and a command to copy where one does it, by the package
 * manager that is in charge of what it changes.
 */
export function fixFor(rule: RuleFix, context: FixContext): Fix {
  const { facts, environment } = context;
  const { layout } = environment;
  if (rule.index === 'torch' && needsIndex(facts) && !torchIndexFor(facts)) {
    const text =
      'No PyTorch wheel runs with this driver on this GPU: update the driver, or build PyTorch from source.';
    return { text };
  }
  const text = fill(rule.text, facts);
  if (rule.command !== undefined) return { text, command: fill(rule.command, facts) };
  const packages = packagesOf(rule, context);
  if (packages.install.length === 0 && packages.uninstall.length === 0) {
    return rule.conda && (layout === 'conda' || layout === 'pixi')
      ? withCommand(text, [condaCommand(environment, rule.conda)], facts)
      : { text };
  }
  const python = pythonOf(rule, facts);
  const isElsewhere = needsNewEnvironment(python, context);
  if (layout === 'app' && !isElsewhere) {
    return { text: `${text} This Python belongs to an application: update or reinstall that.` };
  }
  if (packages.install.length > 0 && isElsewhere) {
    return newEnvironment(text, python, packages, context);
  }
  // Nothing is repaired where the advice is to leave.
  if (isForeign(facts)) return { text: LEAVE };
  const conda = condaPackages(rule, packages, environment);
  if (conda) return withCommand(text, [condaCommand(environment, conda)], facts);
  // pip refuses to change an environment that the system manages.
  if (environment.interpreter === undefined || environment.managed) return { text };
  return withCommand(text, pipCommands(pipTool(environment), packages), facts);
}

/**
 * Where something has to go, pip first shows that it finds the replacement: nothing that works is
 * removed for something that does not exist.
 */
function pipCommands(tool: Tool, { install, uninstall, index }: Packages) {
  const installing = tool('install', [...install, ...index]);
  if (uninstall.length === 0) return [installing];
  const removing = tool('uninstall', uninstall);
  if (install.length === 0) return [removing];
  return [tool('install', ['--dry-run', ...install, ...index]), removing, installing];
}

function packagesOf(rule: RuleFix, { facts, environment }: FixContext): Packages {
  const install = (rule.pip ?? []).map((argument) => fill(argument, facts));
  const uninstall = (rule.uninstall ?? [])
    .filter((name) => isFilled(name, facts))
    .map((name) => fill(name, facts));
  const index = indexOf(rule, facts);
  const isTorch = rule.index === 'torch' && install.includes('torch');
  const companions = ['torchvision', 'torchaudio'].filter(
    (name) => isTorch && environment.packages.has(name) && !install.includes(name),
  );
  return {
    install: [...install, ...companions],
    uninstall,
    index: index === undefined ? [] : ['--index-url', index],
  };
}

/** A package that is named by a fact which is absent is not there to be removed. */
const isFilled = (text: string, facts: Facts) =>
  [...text.matchAll(/\{([\w-]+)\}/g)].every(([, name]) => facts.has(name ?? ''));

const needsIndex = (facts: Facts) =>
  facts.get('machine') === 'linux' && facts.get('gpu') === 'nvidia';

function indexOf({ index }: RuleFix, facts: Facts): string | undefined {
  if (index === 'jetson') return jetsonIndex(facts.get('jetson'));
  if (index !== 'torch') return index;
  if (!needsIndex(facts)) return undefined;
  const found = torchIndexFor(facts);
  return found && `${TORCH_INDEX}/${found.index}`;
}

/** A Python for Intel on Apple silicon: whatever is repaired in it stays away from the GPU. */
const isForeign = (facts: Facts) =>
  facts.get('machine') === 'apple-silicon' && facts.get('interpreter') === 'x86_64';

const LEAVE =
  'Leave this environment: its Python is for Intel. Create one with an arm64 Python instead.';

/** Pythons that what is installed has wheels for; an index of PyTorch has a range of its own. */
function pythonOf({ python, index }: RuleFix, facts: Facts): string | undefined {
  const own = index === 'torch' && needsIndex(facts) ? torchIndexFor(facts)?.python : undefined;
  return python === undefined ? undefined : (own ?? python);
}

/** What a fix installs on its own with a framework; a companion goes with its framework. */
function needsNewEnvironment(
  python: string | undefined,
  { environment, facts }: FixContext,
): boolean {
  const version = facts.get('python');
  const isOutside = python !== undefined && version !== undefined && !satisfies(version, python);
  return python !== undefined && (environment.managed || isForeign(facts) || isOutside);
}

/** The specs for conda where conda installed what the fix changes; undefined if pip did. */
function condaPackages(
  rule: RuleFix,
  { install, uninstall }: Packages,
  { packages, conda }: PythonEnvironment,
): readonly string[] | undefined {
  const specs = install.filter((argument) => !argument.startsWith('-'));
  const names = [...specs, ...uninstall].map((spec) =>
    normaliseName(/^[\w.-]+/.exec(spec)?.[0] ?? ''),
  );
  if (!names.some((name) => packages.get(name)?.[0]?.condaName !== undefined)) return undefined;
  if (rule.conda) return rule.conda;
  // Without extras, a requirement of pip is a spec of conda under conda's name.
  if (specs.some((spec) => spec.includes('['))) return undefined;
  return specs.map((spec) => {
    const [, name = '', version = ''] = /^([\w.-]+)(.*)$/.exec(spec) ?? [];
    return `${condaNameOf(normaliseName(name), conda) ?? name}${version}`;
  });
}

/** Without the command where a word cannot be shown as it is: a command to copy must hide nothing. */
export function withCommand(
  text: string,
  commands: readonly (readonly string[])[],
  facts: Facts,
): Fix {
  if (!commands.flat().every(isShown)) return { text };
  const quote = facts.get('machine') === 'windows' ? quoteForWindows : shellWord;
  return { text, command: commands.map((words) => words.map(quote).join(' ')).join(' && ') };
}

export const isShown = (word: string) => !/[\p{C}\u2028\u2029]/u.test(word);

const quoteForWindows = (word: string) => (/^[\w@%+=:,./\\-]+$/.test(word) ? word : `"${word}"`);
