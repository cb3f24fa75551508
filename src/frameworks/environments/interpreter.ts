import { basename, dirname } from 'node:path/posix';
import type { HostSource } from '../../host/source.js';
import { HEADER_BYTES, isScript, readArchitectures } from './binary-header.js';
import type { Candidate, Finder } from './candidate.js';

/** What the file that `bin/python` leads to turned out to be. */
export type InterpreterFile =
  | { readonly state: 'executable'; readonly architectures: readonly string[] }
  | { readonly state: 'script' | 'unknown' | 'missing' };

export async function readInterpreter(source: HostSource, path: string): Promise<InterpreterFile> {
  const head = await source.readHead(path, HEADER_BYTES);
  if (head.state === 'missing') return { state: 'missing' };
  if (head.state !== 'read') return { state: 'unknown' };
  if (isScript(head.bytes)) return { state: 'script' };
  const architectures = readArchitectures(head.bytes);
  return architectures.length > 0 ? { state: 'executable', architectures } : { state: 'unknown' };
}

/** Where an interpreter stands below a prefix, the usual name first. */
export function interpreterPaths(
  { prefix, interpreter, version }: Candidate,
  platform: NodeJS.Platform,
): readonly string[] {
  const names =
    platform === 'win32'
      ? ['Scripts/python.exe', 'python.exe']
      : [...(version ? [`bin/python${version}`] : ['bin/python']), 'bin/python3'];
  return [...(interpreter ? [interpreter] : []), ...names.map((name) => `${prefix}/${name}`)];
}

/** Whether a prefix serves several versions of Python: it holds one environment a version. */
export const isShared = (prefix: string | undefined) =>
  prefix === '/usr' || prefix === '/usr/local';

/**
 * The environment of one interpreter: beside it where a pyvenv.cfg is (a venv's python is a link
 * to another installation), else where its links lead. A folder is its own environment, but for one
 * that serves several versions: that stands for the environment of its `python3`.
 */
export async function candidateOf(
  source: HostSource,
  path: string,
  origin: string,
): Promise<Candidate | undefined> {
  if ((await source.kind(path)) === 'folder') {
    const shared = isShared(await source.realPath(path));
    const python3 = shared ? await candidateOf(source, `${path}/bin/python3`, origin) : undefined;
    return python3 ?? { prefix: path, origin };
  }
  const beside = dirname(dirname(path));
  if (await source.kind(`${beside}/pyvenv.cfg`)) {
    return { prefix: beside, origin, interpreter: path };
  }
  const real = await source.realPath(path);
  if (real === undefined) return undefined;
  const version = /^python(3\.\d+)/.exec(basename(real))?.[1];
  const folder = dirname(real);
  // Only under bin does the parent hold an installation; a script may stand anywhere.
  const prefix = /^(?:bin|Scripts)$/.test(basename(folder)) ? dirname(folder) : folder;
  return { prefix, origin, interpreter: path, ...(version && { version }) };
}

/** What `python3` and `python` of PATH lead to; shims are scripts and are left out. */
export const findOnPath: Finder = async ({ source }) => {
  const folders = [...new Set(source.env.PATH?.split(':').filter((f) => f.startsWith('/')) ?? [])];
  const found = await Promise.all(
    folders.flatMap((folder) =>
      ['python3', 'python'].map(async (name) => {
        const path = `${folder}/${name}`;
        const file = await readInterpreter(source, path);
        return file.state === 'executable' ? candidateOf(source, path, 'PATH') : undefined;
      }),
    ),
  );
  return found.filter((candidate) => candidate !== undefined);
};
