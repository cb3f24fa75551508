import { spawnSync } from 'node:child_process';
import { mkdirSync, symlinkSync, truncateSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findEnvironments } from '../../../../src/frameworks/environments/index.js';
import { type HostSource, systemSource } from '../../../../src/host/source.js';
import { PythonTree } from '../../../fakes/python-tree.js';

const MIB = 2 ** 20;

let tree: PythonTree;
let venv: string;
beforeEach(() => {
  tree = new PythonTree();
  venv = tree.venv('env');
});
afterEach(() => tree.remove());

async function read(changes: Partial<HostSource> = {}) {
  const source = tree.source({ VIRTUAL_ENV: venv }, changes);
  const [environment] = await findEnvironments(source, { python: [], cwd: tree.root });
  return environment;
}

describe('broken metadata is a note; name and version come from the folder name', () => {
  const cases: readonly (readonly [name: string, content: string | Uint8Array, note: RegExp])[] = [
    ['empty', '', /torch-2\.9\.1\.dist-info\/METADATA is empty\.$/],
    ['binary', new Uint8Array([0x7f, 0x45, 0, 0, 1, 2, 3]), /METADATA is not text\.$/],
    ['without headers', '\n\nonly a description\n', /METADATA holds no headers\.$/],
    ['UTF-16', Buffer.from('Name: torch\n', 'utf16le'), /METADATA is not text\.$/],
  ];
  it.each(cases)('%s', async (_, content, note) => {
    tree.install('env', 'torch', '2.9.1', content);
    const environment = await read();
    expect(environment?.packages.get('torch')?.[0]).toMatchObject({ version: '2.9.1', tags: [] });
    expect(environment?.notes).toEqual([expect.stringMatching(note)]);
  });

  it('missing, with the folder left behind', async () => {
    tree.folder('env/lib/python3.12/site-packages/torch-2.9.1.dist-info');
    expect((await read())?.notes).toEqual([expect.stringMatching(/METADATA is missing\.$/)]);
  });

  it('a named pipe, which nobody writes to', async () => {
    const info = tree.folder('env/lib/python3.12/site-packages/torch-2.9.1.dist-info');
    expect(spawnSync('mkfifo', [`${info}/METADATA`]).status).toBe(0);
    expect((await read())?.notes).toEqual([expect.stringMatching(/METADATA cannot be read\.$/)]);
  });

  it('a folder, a broken link, and a link to itself', async () => {
    const info = tree.folder('env/lib/python3.12/site-packages/torch-2.9.1.dist-info');
    mkdirSync(`${info}/METADATA`);
    symlinkSync(`${info}/WHEEL`, `${info}/WHEEL`);
    expect((await read())?.notes).toEqual([expect.stringMatching(/METADATA cannot be read\.$/)]);
  });

  it('no permission', async () => {
    const path = `${tree.install('env', 'torch', '2.9.1')}/METADATA`;
    const environment = await read({
      readHead: async (file, bytes) =>
        file === path ? { state: 'denied' } : systemSource.readHead(file, bytes),
    });
    expect(environment?.notes).toEqual([`${path} cannot be read (no permission).`]);
  });

  it('another encoding: the headers are read all the same', async () => {
    const latin = Buffer.from('Name: torch\nVersion: 2.9.1\nAuthor: Andr\xe9\n', 'latin1');
    tree.install('env', 'torch', '2.9.1', latin);
    const environment = await read();
    expect(environment?.packages.get('torch')?.[0]?.version).toBe('2.9.1');
    expect(environment?.notes).toEqual([expect.stringMatching(/METADATA is not UTF-8\.$/)]);
  });
});

it('reads 64 KiB of a METADATA of 100 MiB', async () => {
  const info = tree.install('env', 'torch', '2.9.1', 'Name: torch\nVersion: 2.9.1\n\n');
  truncateSync(`${info}/METADATA`, 100 * MIB);
  let most = 0;
  await read({
    readHead: async (file, bytes) => {
      const head = await systemSource.readHead(file, bytes);
      if (head.state === 'read') most = Math.max(most, head.bytes.length);
      return head;
    },
  });
  expect(most).toBe(64 * 1024);
});

it('opens the files of a few packages out of thousands', async () => {
  for (let i = 0; i < 3000; i++) {
    tree.folder(`env/lib/python3.12/site-packages/package_${i}-1.${i}.dist-info`);
  }
  tree.install('env', 'torch', '2.9.1');
  const opened: string[] = [];
  const environment = await read({
    readHead: async (file, bytes) => {
      if (file.includes('site-packages')) opened.push(file);
      return systemSource.readHead(file, bytes);
    },
  });
  expect(environment?.packages.size).toBe(3001);
  expect(environment?.packages.get('package-2999')?.[0]?.version).toBe('1.2999');
  expect(opened.filter((file) => !file.includes('/torch'))).toEqual([]);
});

it('survives an environment that vanishes while it is read', async () => {
  tree.install('env', 'torch', '2.9.1');
  const environment = await read({
    list: async (folder) => {
      const names = await systemSource.list(folder);
      if (folder.endsWith('site-packages')) tree.remove();
      return folder.startsWith(tree.root) ? names : [];
    },
  });
  expect(environment?.packages.get('torch')?.[0]?.version).toBe('2.9.1');
  expect(environment?.notes).toEqual([expect.stringMatching(/METADATA is missing\.$/)]);
});

it('says that site-packages cannot be listed', async () => {
  const site = `${venv}/lib/python3.12/site-packages`;
  const environment = await read({
    list: (folder) =>
      folder === site
        ? Promise.resolve([])
        : folder.startsWith(tree.root)
          ? systemSource.list(folder)
          : Promise.resolve([]),
    readHead: async (file, bytes) =>
      file === site ? { state: 'denied' } : systemSource.readHead(file, bytes),
  });
  expect(environment?.notes).toEqual([`${site} cannot be read (no permission).`]);
});

it('keeps two versions of one package apart', async () => {
  tree.install('env', 'torch', '2.9.1');
  tree.install('env', 'Torch', '2.8.0');
  const versions = (await read())?.packages.get('torch')?.map(({ version }) => version);
  expect(versions?.sort()).toEqual(['2.8.0', '2.9.1']);
});

it('counts what pip left behind and what has no version', async () => {
  tree.folder('env/lib/python3.12/site-packages/~orch-2.9.1.dist-info');
  tree.folder('env/lib/python3.12/site-packages/broken.dist-info');
  const environment = await read();
  expect(environment?.packages.size).toBe(0);
  expect(environment?.notes).toEqual([
    expect.stringMatching(/leftovers of an interrupted pip \(folders named ~…\): 1\.$/),
    expect.stringMatching(/metadata without a version: 1\.$/),
  ]);
});

it('says few of very many faults', async () => {
  for (let i = 0; i < 40; i++) tree.install('env', 'torch', `2.${i}`, '');
  const notes = (await read())?.notes ?? [];
  expect(notes).toHaveLength(9);
  expect(notes[8]).toBe('and 32 more such notes.');
});

describe('editable installs', () => {
  it('of PEP 660 are recognized by direct_url.json', async () => {
    const info = tree.install('env', 'torch', '2.9.1');
    tree.write(
      `${info.slice(tree.root.length + 1)}/direct_url.json`,
      '{"dir_info": {"editable": true}, "url": "file:///src/torch"}',
    );
    expect((await read())?.packages.get('torch')?.[0]?.editable).toBe(true);
  });

  it('of setuptools are recognized by their .pth file', async () => {
    tree.install('env', 'my_model', '0.1.0');
    tree.write('env/lib/python3.12/site-packages/__editable__.my_model-0.1.0.pth', '/src\n');
    expect((await read())?.packages.get('my-model')?.[0]?.editable).toBe(true);
  });

  it('of an egg-link have the version of their source', async () => {
    tree.write('src/jax.egg-info/PKG-INFO', 'Name: jax\nVersion: 0.4.34.dev1\n');
    tree.write('env/lib/python3.12/site-packages/jax.egg-link', `${tree.path('src')}\n.`);
    expect((await read())?.packages.get('jax')).toEqual([
      {
        name: 'jax',
        version: '0.4.34.dev1',
        tags: [],
        editable: true,
        path: tree.path('src'),
      },
    ]);
  });

  it('of a broken egg-link are a note', async () => {
    tree.write('env/lib/python3.12/site-packages/jax.egg-link', '/gone\n.');
    expect((await read())?.notes).toEqual([expect.stringMatching(/names \/gone, which holds no/)]);
  });
});
