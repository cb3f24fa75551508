import { entriesOf, entriesOfAll, type Finder } from './candidate.js';
import { candidateOf } from './interpreter.js';

/** Versions that pyenv, asdf, mise and uv have installed, and pyenv's environments. */
export const findVersionManagers: Finder = async ({ source, home }) => {
  const { env } = source;
  const data = env.XDG_DATA_HOME || `${home}/.local/share`;
  const versions = await entriesOf(
    source,
    `${env.PYENV_ROOT || `${home}/.pyenv`}/versions`,
    'pyenv',
  );
  const found = await Promise.all([
    ...versions.map(({ prefix }) => entriesOf(source, `${prefix}/envs`, 'pyenv')),
    entriesOf(source, env.UV_PYTHON_INSTALL_DIR || `${data}/uv/python`, 'uv'),
    entriesOf(source, `${env.ASDF_DATA_DIR || `${home}/.asdf`}/installs/python`, 'asdf'),
    entriesOf(source, `${env.MISE_DATA_DIR || `${data}/mise`}/installs/python`, 'mise'),
  ]);
  return [...versions, ...found.flat()];
};

/** Homebrew's `opt/python@3.x`; on a Mac the prefix is the framework inside it. */
export const findHomebrew: Finder = async ({ source }) => {
  const brews = new Set(
    [
      source.env.HOMEBREW_PREFIX,
      '/opt/homebrew',
      '/usr/local',
      '/home/linuxbrew/.linuxbrew',
    ].filter((prefix) => prefix !== undefined && prefix !== ''),
  ) as ReadonlySet<string>;
  const kegs = await entriesOfAll(
    source,
    [...brews].map((brew) => `${brew}/opt`),
    'Homebrew',
  );
  return kegs.flatMap((keg) => {
    const version = /\/python@(3\.\d+)$/.exec(keg.prefix)?.[1];
    if (!version) return [];
    const framework = `${keg.prefix}/Frameworks/Python.framework/Versions/${version}`;
    return [{ ...keg, prefix: source.platform === 'darwin' ? framework : keg.prefix }];
  });
};

/** Frameworks of python.org and of Apple's developer tools. */
export const findFrameworks: Finder = async ({ source }) => {
  if (source.platform !== 'darwin') return [];
  const apple = 'Library/Frameworks/Python3.framework/Versions';
  const found = await Promise.all([
    entriesOf(source, '/Library/Frameworks/Python.framework/Versions', 'python.org'),
    entriesOf(source, '/Library/Frameworks/PythonT.framework/Versions', 'python.org'),
    entriesOf(source, `/Library/Developer/CommandLineTools/${apple}`, 'Command Line Tools'),
    entriesOf(source, `/Applications/Xcode.app/Contents/Developer/${apple}`, 'Xcode'),
  ]);
  return found.flat().filter(({ prefix }) => /\/3\.\d+$/.test(prefix));
};

/** `python3.x` of the system; links to Homebrew or a framework lead to those. */
export const findSystem: Finder = async ({ source }) => {
  const found = await Promise.all(
    ['/usr/bin', '/usr/local/bin'].map(async (folder) => {
      const names = (await source.list(folder)).filter((name) => /^python3\.\d+$/.test(name));
      return Promise.all(names.map((name) => candidateOf(source, `${folder}/${name}`, 'system')));
    }),
  );
  return found.flat().filter((candidate) => candidate !== undefined);
};
