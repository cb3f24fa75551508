import { basename } from 'node:path/posix';
import type { HostSource } from '../../host/source.js';
import type { Candidate } from './candidate.js';
import { interpreterPaths, readInterpreter } from './interpreter.js';
import { readVenvConfig, type VenvConfig } from './pyvenv.js';
import { readSitePackages } from './site-packages.js';
import type { PythonEnvironment } from './types.js';

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
  const asked = candidate.asked === true;
  if (!asked && libraries.length === 0 && (!config || !interpreter.path)) return undefined;

  const version = candidate.version ?? versionOfLibrary(libraries[0]);
  const own = libraries.map((library) => `${library}/site-packages`);
  const outer = await outerFolders(source, candidate, config, version, home);
  const site = await readSitePackages(source, [...outer.before, ...own, ...outer.after]);
  const pythonVersion =
    config?.version ??
    (await readPatchlevel(source, prefix, version)) ??
    version ??
    site.pythonVersion;
  const notes = [...interpreter.notes, ...site.notes];
  if (asked && libraries.length === 0) {
    notes.unshift(await whyNone(source, candidate.interpreter ?? prefix));
  }
  return {
    prefix,
    origin,
    ...(interpreter.path && { interpreter: interpreter.path }),
    ...(pythonVersion && { pythonVersion }),
    architectures: interpreter.architectures,
    managed: await isManaged(source, libraries),
    packages: site.packages,
    notes: shorten(notes),
  };
}

/** Why what --python names has nothing to read. */
async function whyNone(source: HostSource, path: string): Promise<string> {
  const isMissing =
    (await source.kind(path)) === undefined && (await source.readHead(path, 1)).state === 'missing';
  return isMissing
    ? `${path} does not exist.`
    : `${path} belongs to no environment that can be read.`;
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
        ? `${path} is a script, not an interpreter: what it would start is not known.`
        : `${path} is no executable of a known format, or may not be read.`;
    return { path, architectures: [], notes: [note] };
  }
  return { architectures: [], notes: [] };
}

interface OuterFolders {
  readonly before: readonly string[];
  readonly after: readonly string[];
}

/** Folders outside the prefix that its interpreter also imports from, around its own. */
async function outerFolders(
  source: HostSource,
  { prefix }: Candidate,
  config: VenvConfig | undefined,
  version: string | undefined,
  home: string,
): Promise<OuterFolders> {
  if (version === undefined) return { before: [], after: [] };
  if (config) {
    if (!config.includesSystemPackages || !config.home) return { before: [], after: [] };
    const base = config.home.replace(/\/bin\/?$/, '');
    const packages = `${base}/lib/python${version}/site-packages`;
    return { before: [], after: [packages, ...debianFolders(base, version)] };
  }
  if (await source.kind(`${prefix}/conda-meta`)) return { before: [], after: [] };
  // `pip install --user`; it comes before the installation's own packages.
  const before = [`${home}/.local/lib/python${version}/site-packages`];
  if (source.platform === 'darwin') {
    before.push(`${home}/Library/Python/${version}/lib/python/site-packages`);
  }
  return { before, after: debianFolders(prefix, version) };
}

/** Debian's own interpreter imports from dist-packages, those of /usr/local first. */
function debianFolders(prefix: string, version: string): readonly string[] {
  if (prefix !== '/usr') return [];
  return [`/usr/local/lib/python${version}/dist-packages`, '/usr/lib/python3/dist-packages'];
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
