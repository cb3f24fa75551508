import { MpsbenchError } from '../errors.js';
import type { HostSource } from '../host/source.js';
import { FRAMEWORK_IDS, type FrameworkId } from './catalog.js';
import { DISTRIBUTIONS } from './distributions.js';
import { findEnvironments, type PythonEnvironment } from './environments/index.js';

/** A framework in one Python environment: what a framework backend starts. Nothing has run yet. */
export interface Interpreter {
  /** `pytorch`, or `pytorch@3.12` where several environments hold it. */
  readonly backend: string;
  readonly framework: FrameworkId;
  /** Absolute path of the interpreter. */
  readonly python: string;
  /** Absolute path of its environment. */
  readonly prefix: string;
  /** The package that holds the framework: `tensorflow-macos`. */
  readonly distribution: string;
  /** Of that package, by its metadata. */
  readonly version: string;
  readonly pythonVersion?: string;
  /** What its executable is built for, as its header says; missing where that cannot be read. */
  readonly architectures?: readonly string[];
}

export interface ChooseOptions {
  /** `--python`: only these interpreters or environments. */
  readonly python: readonly string[];
}

/**
 * The frameworks that `bench` may start: those of `--python`, else of the active virtual or conda
 * environment, else of every environment of the machine. Reads files only.
 * @throws MpsbenchError `usage` if `--python` names what is no environment
 */
export async function findInterpreters(
  source: HostSource,
  { python }: ChooseOptions,
): Promise<Interpreter[]> {
  const found = await findEnvironments(source, { python });
  const unread = found.find((one) => one.origin === '--python' && !isEnvironment(one));
  if (unread) {
    const [why = `${unread.prefix} is no Python environment.`] = unread.notes;
    throw new MpsbenchError(
      'usage',
      `--python: ${why}`,
      'Name a Python interpreter, or the folder of an environment.',
    );
  }
  return interpretersOf(chosenOf(found, python, source.env));
}

/** Whether there is something to start, or to look for packages in: a script of one's own has neither. */
function isEnvironment({ interpreter, packages, notes }: PythonEnvironment): boolean {
  return interpreter !== undefined && (packages.size > 0 || notes.length === 0);
}

/** @returns the environments that the user meant, in the order in which they were found */
function chosenOf(
  found: readonly PythonEnvironment[],
  python: readonly string[],
  env: HostSource['env'],
): readonly PythonEnvironment[] {
  if (python.length > 0) return found.filter(({ origin }) => origin === '--python');
  const active = [env.VIRTUAL_ENV, env.CONDA_PREFIX].find((prefix) => prefix);
  if (active === undefined) return found;
  const trimmed = active.replace(/(?<=.)\/+$/, '');
  const own = found.filter(({ prefix }) => prefix === trimmed);
  return own.length > 0 ? own : found;
}

/** Each framework of each environment, with a backend id of its own. */
export function interpretersOf(environments: readonly PythonEnvironment[]): Interpreter[] {
  return FRAMEWORK_IDS.flatMap((framework) => {
    const holding = environments.flatMap((environment) => {
      const { interpreter, prefix, pythonVersion, packages, architectures } = environment;
      const distribution = DISTRIBUTIONS[framework].find((name) => packages.has(name));
      const version = distribution && packages.get(distribution)?.[0]?.version;
      if (!version || interpreter === undefined) return [];
      const found = { framework, python: interpreter, prefix, distribution, version };
      return [{ ...found, pythonVersion, ...(architectures.length > 0 && { architectures }) }];
    });
    const labels = labelsOf(holding);
    return holding.map((held, at) => ({
      ...held,
      backend: holding.length === 1 ? framework : `${framework}@${labels[at]}`,
    }));
  });
}

/** The Python version where it tells the environments apart, else the name of their folder, else a number. */
function labelsOf(
  held: readonly { readonly prefix: string; readonly pythonVersion?: string }[],
): string[] {
  const versions = held.map(({ pythonVersion }) => pythonVersion?.split('.', 2).join('.') ?? '');
  const folders = held.map(({ prefix }) => folderLabel(prefix));
  return held.map((_, at) => {
    const candidates = [versions, folders].map((labels) => labels[at] && isAlone(labels, at));
    const [byVersion, byFolder] = candidates;
    if (byVersion) return versions[at];
    return byFolder ? folders[at] : `${at + 1}`;
  });
}

function isAlone(labels: readonly string[], at: number): boolean {
  return labels.every((label, other) => other === at || label !== labels[at]);
}

/** The last folder that has a name of its own: `project` of `/home/me/project/.venv`. */
function folderLabel(prefix: string): string {
  const parts = prefix.split(/[\\/]/).filter((part) => part !== '');
  const named = parts.findLast((part) => !/^\.?v?env$/.test(part)) ?? '';
  return named
    .toLowerCase()
    .replace(/[^a-z0-9._-]+/g, '-')
    .replace(/^[-.]+|[-.]+$/g, '');
}
