import os from 'node:os';
import process from 'node:process';
import type { HostSource } from '../../host/source.js';
import type { Candidate, Finder, Places } from './candidate.js';
import { findConda } from './conda.js';
import { findFrameworks, findHomebrew, findSystem, findVersionManagers } from './installations.js';
import { candidateOf, findOnPath, isShared } from './interpreter.js';
import { readEnvironment } from './read.js';
import type { PythonEnvironment } from './types.js';
import { findActive, findToolVenvs, findUpward } from './venvs.js';

export type { InstalledPackage, PythonEnvironment } from './types.js';

export interface FindOptions {
  /** --python: interpreters or environments that are read, and reported whatever they are. */
  readonly python: readonly string[];
  /** Where the search upward begins; the working directory by default. */
  readonly cwd?: string;
}

/** The first that finds an environment names its origin: what the user chose comes first. */
const FINDERS: readonly Finder[] = [
  findActive,
  findUpward,
  findConda,
  findVersionManagers,
  findToolVenvs,
  findHomebrew,
  findFrameworks,
  findSystem,
  findOnPath,
];

/**
 * Every Python environment of the machine, each once, read from its files alone: nothing that is
 * found is executed. Broken, forbidden and vanishing files become notes. Never throws.
 */
export async function findEnvironments(
  source: HostSource,
  { python, cwd = process.cwd() }: FindOptions,
): Promise<PythonEnvironment[]> {
  const home = source.env.HOME || source.env.USERPROFILE || os.homedir();
  const places: Places = { source, home, cwd };
  const [asked, ...found] = await Promise.all([
    Promise.all(python.map((path) => askedCandidate(places, path))),
    ...FINDERS.map((find) => find(places)),
  ]);
  const seen = new Set<string>();
  const reading: Promise<PythonEnvironment | undefined>[] = [];
  for (const candidate of [asked, ...found].flat()) {
    const key = await identity(source, candidate);
    if (key === undefined || seen.has(key)) continue;
    seen.add(key);
    reading.push(readEnvironment(source, candidate, home));
  }
  return (await Promise.all(reading)).filter((environment) => environment !== undefined);
}

async function askedCandidate({ source, cwd, home }: Places, path: string): Promise<Candidate> {
  const expanded = path.startsWith('~/') ? `${home}/${path.slice(2)}` : path;
  const absolute = /^(?:\/|[A-Za-z]:)/.test(expanded) ? expanded : `${cwd}/${expanded}`;
  const trimmed = absolute.replace(/(?<=.)\/+$/, '');
  const found = await candidateOf(source, trimmed, '--python');
  return { ...(found ?? { prefix: trimmed, origin: '--python' }), asked: true };
}

/** One environment has one identity, however many links lead to it; undefined: nothing is there. */
async function identity(source: HostSource, candidate: Candidate): Promise<string | undefined> {
  const real = await source.realPath(candidate.prefix);
  if (real === undefined && !candidate.asked) return undefined;
  return `${real ?? candidate.prefix}\n${isShared(real) ? (candidate.version ?? '') : ''}`;
}
