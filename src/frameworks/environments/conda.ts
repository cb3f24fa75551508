import { dirname } from 'node:path/posix';
import { type Candidate, entriesOf, type Finder } from './candidate.js';

const DISTRIBUTIONS = ['miniconda3', 'anaconda3', 'miniforge3', 'mambaforge', 'micromamba'];

/** Homebrew casks hold the installation one folder deeper. */
const CASKS = ['miniconda', 'anaconda', 'miniforge', 'mambaforge'];

const LIST_BYTES = 64 * 1024;

/** Installations of conda, mamba and miniforge, their environments, and those that conda lists. */
export const findConda: Finder = async ({ source, home }) => {
  const { env } = source;
  const roots = new Set(
    [
      env.CONDA_EXE && dirname(dirname(env.CONDA_EXE)),
      env.MAMBA_ROOT_PREFIX,
      `${home}/.local/share/mamba`,
      '/opt/conda',
      ...[home, '/opt', '/opt/homebrew', '/usr/local'].flatMap((parent) =>
        DISTRIBUTIONS.map((name) => `${parent}/${name}`),
      ),
      ...['/opt/homebrew', '/usr/local'].flatMap((brew) =>
        CASKS.map((name) => `${brew}/Caskroom/${name}/base`),
      ),
    ].filter((root) => root !== undefined && root !== ''),
  ) as ReadonlySet<string>;
  const folders = [
    ...[...roots].map((root) => `${root}/envs`),
    `${home}/.conda/envs`,
    ...(env.CONDA_ENVS_PATH?.split(':').filter(Boolean) ?? []),
  ];
  const nested = await Promise.all(folders.map((folder) => entriesOf(source, folder, 'conda')));
  const prefixes: readonly Candidate[] = [
    ...[...roots].map((prefix) => ({ prefix, origin: 'conda' })),
    ...nested.flat(),
    ...(await readKnownEnvironments(source, home)),
  ];
  const known = await Promise.all(
    prefixes.map(async (candidate) =>
      (await source.kind(`${candidate.prefix}/conda-meta`)) === 'folder' ? candidate : undefined,
    ),
  );
  return known.filter((candidate) => candidate !== undefined);
};

/** conda writes the path of every environment that it makes into one file, a line each. */
async function readKnownEnvironments(
  source: Parameters<Finder>[0]['source'],
  home: string,
): Promise<readonly Candidate[]> {
  const head = await source.readHead(`${home}/.conda/environments.txt`, LIST_BYTES);
  if (head.state !== 'read') return [];
  return new TextDecoder()
    .decode(head.bytes)
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line.startsWith('/'))
    .map((prefix) => ({ prefix, origin: 'conda' }));
}
