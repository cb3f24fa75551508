import { basename } from 'node:path/posix';
import type { HostSource } from '../../host/source.js';
import type { Candidate } from './candidate.js';
import {
  buildOfString,
  type CondaRecords,
  distributionOf,
  NO_RECORDS,
  readCondaRecords,
} from './conda-meta.js';
import { interpreterPaths, readInterpreter } from './interpreter.js';
import { readVenvConfig, type VenvConfig } from './pyvenv.js';
import { readSitePackages, type SiteFolder } from './site-packages.js';
import type { InstalledPackage, Layout, PythonEnvironment } from './types.js';

/** A folder of thousands of broken files is one fact, not thousands. */
const MOST_NOTES = 8;
const PATCHLEVEL_BYTES = 4 * 1024;

/** Reads the files of one environment; undefined where the candidate is none. Never throws. */
export async function readEnvironment(
  source: HostSource,
  candidate: Candidate,
  home: string,
): Promise<PythonEnvironment | undefined> {
  const { prefix, origin } = candidate;
  const config = await readVenvConfig(source, prefix);
  const libraries = await findLibraries(source, candidate, config);
  const interpreter = await chooseInterpreter(source, candidate);
  const openmp = await findOpenmp(source, candidate);
  const asked = candidate.asked === true;
  if (!asked && libraries.length === 0 && (!config || !interpreter.path)) return undefined;

  const version = candidate.version ?? versionOfLibrary(libraries[0]);
  const own = libraries.map((library) => ({ path: `${library}/site-packages` }));
  const isConda = !config && (await source.kind(`${prefix}/conda-meta`)) === 'folder';
  const conda = isConda ? await readCondaRecords(source, prefix) : NO_RECORDS;
  const outer = outerFolders(source, candidate, config, { version, home, isConda });
  const site = await readSitePackages(source, [...outer.before, ...own, ...outer.after]);
  const pythonVersion =
    config?.version ??
    (await readPatchlevel(source, prefix, version)) ??
    version ??
    site.pythonVersion;
  const notes = [...interpreter.notes, ...site.notes];
  // What is wrong with the interpreter itself says more.
  if (asked && libraries.length === 0 && interpreter.notes.length === 0) {
    notes.unshift(await whyNone(source, candidate.interpreter ?? prefix));
  }
  return {
    prefix,
    origin,
    ...(interpreter.path && { interpreter: interpreter.path }),
    ...(pythonVersion && { pythonVersion }),
    architectures: interpreter.architectures,
    managed: await isManaged(source, libraries),
    layout: layoutOf(candidate, config, isConda),
    conda,
    packages: withConda(site.packages, conda, prefix),
    ...(openmp && { openmp }),
    notes: shorten(notes),
  };
}

/** A second OpenMP runtime beside PyTorch's own aborts programs on a Mac; Linux shares one. */
async function findOpenmp(
  source: HostSource,
  { prefix, version }: Candidate,
): Promise<string | undefined> {
  // A prefix with several versions of Python is not searched by any of them.
  if (source.platform !== 'darwin' || version !== undefined) return undefined;
  return (await source.list(`${prefix}/lib`)).find((name) => /^libi?omp5?\.dylib$/.test(name));
}

/** Why what --python names has nothing to read. */
async function whyNone(source: HostSource, path: string): Promise<string> {
  const isMissing =
    (await source.kind(path)) === undefined && (await source.readHead(path, 1)).state === 'missing';
  return isMissing
    ? `${path} does not exist.`
    : `${path} is not part of an environment that can be read.`;
}

/** The `lib/python3.x` folders of the version that the prefix is read for. */
async function findLibraries(
  source: HostSource,
  { prefix, version }: Candidate,
  config: VenvConfig | undefined,
): Promise<readonly string[]> {
  if (source.platform === 'win32') {
    return (await source.kind(`${prefix}/Lib`)) === 'folder' ? [`${prefix}/Lib`] : [];
  }
  const names = (await source.list(`${prefix}/lib`)).filter((name) =>
    /^(?:python|pypy)3\.\d+t?$/.test(name),
  );
  const wanted = version ?? config?.version?.split('.').slice(0, 2).join('.');
  const matching = names.filter((name) => name.replace(/^\D+|t$/g, '') === wanted);
  const newest = names.toSorted((a, b) => minorOf(b) - minorOf(a))[0];
  const chosen = matching[0] ?? (version === undefined ? newest : undefined);
  return chosen ? [`${prefix}/lib/${chosen}`] : [];
}

const minorOf = (name: string) => Number(/\.(\d+)/.exec(name)?.[1] ?? 0);

const versionOfLibrary = (library: string | undefined) =>
  /^(?:python|pypy)(3\.\d+)/.exec(basename(library ?? ''))?.[1];

async function chooseInterpreter(
  source: HostSource,
  candidate: Candidate,
): Promise<{ path?: string; architectures: readonly string[]; notes: readonly string[] }> {
  for (const path of interpreterPaths(candidate, source.platform)) {
    const file = await readInterpreter(source, path);
    if (file.state === 'missing') continue;
    if (file.state === 'executable') {
      return { path, architectures: file.architectures, notes: [] };
    }
    const note =
      file.state === 'script'
        ? `${path} is a script, not an interpreter: what it would start is unknown.`
        : `${path} is not an executable of a known format, or cannot be read.`;
    return { path, architectures: [], notes: [note] };
  }
  return { architectures: [], notes: [] };
}

interface OuterFolders {
  readonly before: readonly SiteFolder[];
  readonly after: readonly SiteFolder[];
}

interface Outside {
  readonly version: string | undefined;
  readonly home: string;
  readonly isConda: boolean;
}

/** Folders outside the prefix that its interpreter also imports from, around its own. */
function outerFolders(
  source: HostSource,
  { prefix }: Candidate,
  config: VenvConfig | undefined,
  { version, home, isConda }: Outside,
): OuterFolders {
  if (version === undefined) return { before: [], after: [] };
  const before = userSites(source, version, home, isConda);
  if (config) {
    if (!config.includesSystemPackages || !config.home) return { before: [], after: [] };
    const base = config.home.replace(/\/bin\/?$/, '');
    const packages = { path: `${base}/lib/python${version}/site-packages` };
    return { before, after: [packages, ...debianFolders(base, version)] };
  }
  return { before, after: isConda ? [] : debianFolders(prefix, version) };
}

/** `pip install --user`: these come before the installation's own packages (PEP 370). */
function userSites(
  { platform, env }: HostSource,
  version: string,
  home: string,
  isConda: boolean,
): readonly SiteFolder[] {
  if (env.PYTHONNOUSERSITE) return [];
  const base = env.PYTHONUSERBASE || `${home}/.local`;
  const paths = [`${base}/lib/python${version}/site-packages`];
  // Framework builds of Python on a Mac have a place of their own; conda's are none.
  if (platform === 'darwin' && !isConda) {
    paths.push(`${home}/Library/Python/${version}/lib/python/site-packages`);
  }
  return paths.map((path) => ({ path, isUserSite: true }));
}

/** Debian's own interpreter imports from dist-packages, those of /usr/local first. */
function debianFolders(prefix: string, version: string): readonly SiteFolder[] {
  if (prefix !== '/usr') return [];
  return [
    { path: `/usr/local/lib/python${version}/dist-packages` },
    { path: '/usr/lib/python3/dist-packages' },
  ];
}

function layoutOf(
  { prefix, origin }: Candidate,
  config: VenvConfig | undefined,
  isConda: boolean,
): Layout {
  if (/\.app\/Contents\/|\/python_embed+ed\b/.test(prefix)) return 'app';
  if (/\/\.pixi\/envs\//.test(prefix)) return 'pixi';
  if (isConda) return 'conda';
  if (origin === 'pipx') return 'pipx';
  if (config) return config.isUv ? 'uv' : 'venv';
  return 'plain';
}

/**
 * Says of each package whether conda installed it, and what its build string tells. Some of conda's
 * packages have no metadata of Python's own: their record stands for them.
 */
function withConda(
  packages: ReadonlyMap<string, readonly InstalledPackage[]>,
  records: CondaRecords,
  prefix: string,
): ReadonlyMap<string, readonly InstalledPackage[]> {
  if (records.size === 0) return packages;
  const all = new Map(packages);
  for (const [condaName, { version, build }] of records) {
    const name = distributionOf(condaName);
    if (name === undefined) continue;
    const [known, ...more] = all.get(name) ?? [];
    const told = buildOfString(build);
    if (!known) {
      const path = `${prefix}/conda-meta/${condaName}-${version}-${build}.json`;
      const found = { name, version, tags: [], editable: false, path, condaName };
      all.set(name, [told === undefined ? found : { ...found, build: told }]);
    } else if (!known.userSite && known.version.split('+')[0] === version) {
      const own = known.build ?? told;
      all.set(name, [{ ...known, condaName, ...(own !== undefined && { build: own }) }, ...more]);
    }
  }
  return all;
}

/** The full version that the C headers of an installation carry. */
async function readPatchlevel(
  source: HostSource,
  prefix: string,
  version: string | undefined,
): Promise<string | undefined> {
  if (version === undefined) return undefined;
  const path = `${prefix}/include/python${version}/patchlevel.h`;
  const head = await source.readHead(path, PATCHLEVEL_BYTES);
  if (head.state !== 'read') return undefined;
  const text = new TextDecoder('latin1').decode(head.bytes);
  return /#define PY_VERSION\s+"(\d+\.\d+\.\d+)/.exec(text)?.[1];
}

/** PEP 668: pip refuses to install into an environment whose library folder has this file. */
async function isManaged(source: HostSource, libraries: readonly string[]): Promise<boolean> {
  const marks = await Promise.all(
    libraries.map((library) => source.kind(`${library}/EXTERNALLY-MANAGED`)),
  );
  return marks.some((mark) => mark !== undefined);
}

function shorten(notes: readonly string[]): readonly string[] {
  const more = notes.length - MOST_NOTES;
  return more <= 0 ? notes : [...notes.slice(0, MOST_NOTES), `and ${more} more such notes.`];
}
