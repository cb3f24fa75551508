import { spawnSync } from 'node:child_process';
import { existsSync, symlinkSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findEnvironments } from '../../../../src/frameworks/environments/index.js';
import { systemSource } from '../../../../src/host/source.js';
import { scriptedHost } from '../../../fakes/hosts.js';
import { environmentFiles, interpreterHead } from '../../../fakes/python-files.js';
import { PythonTree } from '../../../fakes/python-tree.js';

let tree: PythonTree;
beforeEach(() => {
  tree = new PythonTree();
});
afterEach(() => tree.remove());

const find = (env: Record<string, string> = {}, python: readonly string[] = []) =>
  findEnvironments(tree.source(env), { python, cwd: tree.folder('project/src') });

describe('places', () => {
  it('finds each kind of environment, and says how', async () => {
    tree.venv('project/.venv');
    tree.venv('active');
    tree.venv('home/.local/share/uv/tools/ruff');
    tree.venv('home/.local/share/pipx/venvs/black');
    tree.venv('home/.cache/pypoetry/virtualenvs/app');
    tree.venv('home/.virtualenvs/old');
    for (const path of [
      'home/.pyenv/versions/3.12.1',
      'home/.local/share/uv/python/cpython-3.12',
    ]) {
      tree.write(`${path}/bin/python`, interpreterHead('elf'));
      tree.folder(`${path}/lib/python3.12/site-packages`);
    }
    for (const path of ['home/miniforge3', 'home/miniforge3/envs/ml', 'listed']) {
      tree.write(`${path}/bin/python`, interpreterHead('elf'));
      tree.folder(`${path}/conda-meta`);
      tree.folder(`${path}/lib/python3.11/site-packages`);
    }
    tree.write('home/.conda/environments.txt', `${tree.path('listed')}\n/gone\n`);
    const found = await find({ VIRTUAL_ENV: tree.path('active') });
    const origins = found.map(({ prefix, origin }) => [prefix.slice(tree.root.length + 1), origin]);
    expect(Object.fromEntries(origins)).toEqual({
      active: 'active venv',
      'project/.venv': 'venv folder',
      'home/miniforge3': 'conda',
      'home/miniforge3/envs/ml': 'conda',
      listed: 'conda',
      'home/.pyenv/versions/3.12.1': 'pyenv',
      'home/.local/share/uv/python/cpython-3.12': 'uv',
      'home/.local/share/uv/tools/ruff': 'uv tool',
      'home/.local/share/pipx/venvs/black': 'pipx',
      'home/.cache/pypoetry/virtualenvs/app': 'Poetry',
      'home/.virtualenvs/old': 'virtualenv',
    });
  });

  it('recognizes layouts managed by tools other than pip', async () => {
    for (const path of ['project/.pixi/envs/default', 'home/.pixi/envs/tools']) {
      tree.write(`${path}/bin/python`, interpreterHead('elf'));
      tree.folder(`${path}/conda-meta`);
      tree.folder(`${path}/lib/python3.12/site-packages`);
    }
    tree.venv('home/.local/share/pipx/venvs/whisper');
    tree.venv('project/.venv');
    tree.write('project/.venv/pyvenv.cfg', 'home = /usr/bin\nversion_info = 3.12.4\nuv = 0.9.0\n');
    tree.venv('Applications/Studio.app/Contents/Resources/python');
    const app = tree.path('Applications/Studio.app/Contents/Resources/python');
    const found = await find({}, [app]);
    const layouts = found.map(({ prefix, layout }) => [prefix.slice(tree.root.length + 1), layout]);
    expect(Object.fromEntries(layouts)).toMatchObject({
      'project/.pixi/envs/default': 'pixi',
      'home/.pixi/envs/tools': 'pixi',
      'home/.local/share/pipx/venvs/whisper': 'pipx',
      'project/.venv': 'uv',
      'Applications/Studio.app/Contents/Resources/python': 'app',
    });
  });

  it('finds the frameworks and kegs of a Mac', async () => {
    const python = (prefix: string) =>
      environmentFiles({ prefix, python: '3.12.4', architecture: 'universal2', packages: [] });
    const prefixes = [
      '/opt/homebrew/opt/python@3.12/Frameworks/Python.framework/Versions/3.12',
      '/Library/Frameworks/Python.framework/Versions/3.12',
      '/Library/Developer/CommandLineTools/Library/Frameworks/Python3.framework/Versions/3.12',
    ];
    const source = scriptedHost({
      platform: 'darwin',
      arch: 'arm64',
      os: {},
      env: { HOME: '/Users/ada' },
      files: Object.assign({}, ...prefixes.map((prefix) => python(prefix).files)),
      binaries: Object.assign({}, ...prefixes.map((prefix) => python(prefix).binaries)),
    });
    const found = await findEnvironments(source, { python: [], cwd: '/Users/ada' });
    expect(found.map(({ prefix, origin }) => [prefix, origin])).toEqual([
      [prefixes[0], 'Homebrew'],
      [prefixes[1], 'python.org'],
      [prefixes[2], 'Command Line Tools'],
    ]);
    expect(found[0]?.architectures).toEqual(['x86_64', 'arm64']);
  });

  it('finds an environment once, however many links and names lead to it', async () => {
    const venv = tree.venv('project/.venv');
    tree.folder('home/.virtualenvs');
    symlinkSync(venv, tree.path('home/.virtualenvs/link'));
    symlinkSync(tree.path('home/.virtualenvs/link'), tree.path('home/.virtualenvs/second'));
    const python = [venv, `${venv}/bin/python`, tree.path('home/.virtualenvs/second')];
    const found = await find({ VIRTUAL_ENV: `${venv}/` }, python);
    expect(found.map(({ prefix }) => prefix)).toEqual([venv]);
  });

  it('treats /usr as the environment of its python3, and lists it once', async () => {
    const host = scriptedHost({
      platform: 'linux',
      arch: 'x64',
      os: {},
      env: { HOME: '/home/ada', PATH: '/usr/bin' },
      files: {
        '/usr/lib/python3.11/os.py': '',
        '/usr/lib/python3.12/os.py': '',
        '/usr/lib/python3.13/os.py': '',
      },
      binaries: {
        '/usr/bin/python3': interpreterHead('elf'),
        '/usr/bin/python3.11': interpreterHead('elf'),
        '/usr/bin/python3.12': interpreterHead('elf'),
      },
    });
    const source = {
      ...host,
      realPath: async (path: string) =>
        path === '/usr/bin/python3' ? '/usr/bin/python3.11' : host.realPath(path),
    };
    const found = await findEnvironments(source, { python: ['/usr'], cwd: '/home/ada' });
    expect(
      found.map(({ prefix, pythonVersion, origin }) => [prefix, pythonVersion, origin]),
    ).toEqual([
      ['/usr', '3.11', '--python'],
      ['/usr', '3.12', 'system'],
    ]);
  });

  it('says whether --python is missing or not an environment', async () => {
    const [missing, empty] = await find({}, [tree.path('gone'), tree.folder('empty')]);
    expect(missing?.notes).toEqual([`${tree.path('gone')} does not exist.`]);
    expect(empty?.notes).toEqual([
      `${tree.path('empty')} is not part of an environment that can be read.`,
    ]);
  });

  it('survives cycles of links', async () => {
    tree.folder('home/.virtualenvs');
    symlinkSync(tree.path('home/.virtualenvs/b'), tree.path('home/.virtualenvs/a'));
    symlinkSync(tree.path('home/.virtualenvs/a'), tree.path('home/.virtualenvs/b'));
    const venv = tree.venv('home/.virtualenvs/good');
    symlinkSync(venv, `${venv}/lib/python3.12/site-packages/itself`);
    symlinkSync(`${venv}/lib`, `${venv}/lib/lib`);
    const found = await find({}, [tree.path('home/.virtualenvs/a')]);
    expect(found.map(({ prefix, origin }) => [prefix, origin])).toEqual([
      [tree.path('home/.virtualenvs/a'), '--python'],
      [venv, 'virtualenv'],
    ]);
    expect(found[0]?.notes).toMatchObject([expect.stringContaining('or cannot be read')]);
  });

  it('reads a venv whose python is a link to another installation as the venv', async () => {
    const venv = tree.venv('project/.venv');
    tree.write('base/bin/python3.12', interpreterHead('elf'));
    symlinkSync(tree.path('base/bin/python3.12'), `${venv}/bin/python3`);
    const [environment] = await find({}, [`${venv}/bin/python3`]);
    expect(environment).toMatchObject({ prefix: venv, interpreter: `${venv}/bin/python3` });
  });

  it('includes the packages of the installation in a venv with system site-packages', async () => {
    tree.venv('project/.venv');
    tree.write(
      'project/.venv/pyvenv.cfg',
      `home = ${tree.path('base')}/bin\nversion = 3.12.4\ninclude-system-site-packages = true\n`,
    );
    tree.install('project/.venv', 'numpy', '2.1.0');
    tree.install('base', 'numpy', '1.26.4');
    tree.install('base', 'torch', '2.9.1');
    const [environment] = await find();
    const versions = ['numpy', 'torch'].map((name) =>
      environment?.packages.get(name)?.map(({ version }) => version),
    );
    expect(versions).toEqual([['2.1.0'], ['2.9.1']]);
  });
});

describe('what is executed', () => {
  it('is nothing: a python that is a script is a note', async () => {
    const venv = tree.venv('project/.venv');
    const marker = tree.path('started');
    const script = tree.write('project/.venv/bin/python', `#!/bin/sh\ntouch ${marker}\n`);
    spawnSync('chmod', ['+x', script]);
    const source = tree.source({}, { exec: () => Promise.reject(new Error('must not run')) });
    const [environment] = await findEnvironments(source, {
      python: [script],
      cwd: tree.root,
    });
    expect(environment).toMatchObject({ prefix: venv, architectures: [] });
    expect(environment?.notes).toEqual([
      `${script} is a script, not an interpreter: what it would start is unknown.`,
    ]);
    expect(existsSync(marker)).toBe(false);
  });
});

describe('this machine', () => {
  it('is read without an error', async () => {
    const found = await findEnvironments(systemSource, { python: [] });
    expect(
      new Set(found.map(({ prefix, pythonVersion }) => `${prefix} ${pythonVersion}`)).size,
    ).toBe(found.length);
  });

  const made = spawnSync('python3', ['--version']);
  it.skipIf(made.status !== 0)(
    'has its own venv read as Python reads it (needs python3)',
    async () => {
      const venv = tree.path('real');
      expect(spawnSync('python3', ['-m', 'venv', '--without-pip', venv]).status).toBe(0);
      const [environment] = await find({}, [venv]);
      const asked = spawnSync(`${venv}/bin/python`, [
        '-c',
        'import platform, sys; print(sys.prefix, platform.python_version(), platform.machine())',
      ]);
      expect(
        [environment?.prefix, environment?.pythonVersion, environment?.architectures[0]].join(' '),
      ).toBe(asked.stdout.toString().trim());
    },
  );
});
