import { dirname } from 'node:path/posix';
import { type Candidate, entriesOfAll, type Finder } from './candidate.js';

/** Names that people and tools give to a project's environment. */
const FOLDER_NAMES = ['.venv', 'venv', 'env'];

/** What the shell has activated. */
export const findActive: Finder = async ({ source: { env } }) => {
  const active: Candidate[] = [];
  if (env.VIRTUAL_ENV) active.push({ prefix: env.VIRTUAL_ENV, origin: 'active venv' });
  if (env.CONDA_PREFIX) active.push({ prefix: env.CONDA_PREFIX, origin: 'active conda' });
  return active;
};

/** Project environments from the working directory upward. */
export const findUpward: Finder = async ({ source, cwd }) => {
  const folders = [cwd];
  for (let at = cwd; dirname(at) !== at; at = dirname(at)) folders.push(dirname(at));
  const places = folders.flatMap((folder) =>
    FOLDER_NAMES.map((name) => (folder === '/' ? `/${name}` : `${folder}/${name}`)),
  );
  const found = await Promise.all(
    places.map(async (prefix) =>
      (await source.kind(`${prefix}/pyvenv.cfg`)) || (await source.kind(`${prefix}/conda-meta`))
        ? { prefix, origin: 'venv folder' }
        : undefined,
    ),
  );
  // pixi keeps the environments of a project below its folder, and global ones below the home.
  const pixi = await entriesOfAll(
    source,
    folders.map((folder) => `${folder === '/' ? '' : folder}/.pixi/envs`),
    'pixi',
  );
  return [...found.filter((candidate) => candidate !== undefined), ...pixi];
};

/** Folders in which tools keep the environments of projects and of installed programs. */
export const findToolVenvs: Finder = async ({ source, home }) => {
  const { env } = source;
  const data = env.XDG_DATA_HOME || `${home}/.local/share`;
  const caches = [`${home}/.cache`, `${home}/Library/Caches`];
  const found = await Promise.all([
    entriesOfAll(source, [`${home}/.pixi/envs`], 'pixi'),
    entriesOfAll(source, [env.UV_TOOL_DIR || `${data}/uv/tools`], 'uv tool'),
    entriesOfAll(
      source,
      [
        env.PIPX_HOME ? `${env.PIPX_HOME}/venvs` : undefined,
        `${data}/pipx/venvs`,
        `${home}/.local/pipx/venvs`,
        `${home}/Library/Application Support/pipx/venvs`,
      ],
      'pipx',
    ),
    entriesOfAll(
      source,
      caches.map((cache) => `${cache}/pypoetry/virtualenvs`),
      'Poetry',
    ),
    entriesOfAll(
      source,
      [env.WORKON_HOME, `${home}/.virtualenvs`, `${data}/virtualenvs`],
      'virtualenv',
    ),
  ]);
  return found.flat();
};
