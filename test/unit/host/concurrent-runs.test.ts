import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, readdirSync, readlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { ConcurrentRuns } from '../../../src/host/concurrent-runs.js';

const folders = () => mkdtempSync(join(tmpdir(), 'mpsbench-concurrent-'));
const options = { resources: ['cpu'], command: 'mpsbench bench add', wait: false };

const children: ChildProcess[] = [];
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});

/** Another process that is alive, with an entry in the folder. */
function other(folder: string, more: object = {}): ChildProcess {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
  children.push(child);
  const entry = {
    pid: child.pid,
    ...(process.platform === 'linux' && { namespace: readlinkSync('/proc/self/ns/pid') }),
    resources: ['cpu'],
    since: Date.now() - 1000,
    state: 'measuring',
    command: 'mpsbench bench cnn',
    ...more,
  };
  writeFileSync(join(folder, `${child.pid}.json`), JSON.stringify(entry));
  return child;
}

describe('ConcurrentRuns', () => {
  it('meets nobody alone, and leaves nothing behind', async () => {
    const folder = folders();
    const runs = await ConcurrentRuns.begin({ ...options, folder });
    expect(readdirSync(folder)).toEqual([`${process.pid}.json`]);
    expect(runs.end()).toEqual([]);
    expect(readdirSync(folder)).toEqual([]);
  });

  it('meets one that was there, and leaves word for it', async () => {
    const folder = folders();
    const { pid } = other(folder);
    const runs = await ConcurrentRuns.begin({ ...options, folder });
    expect(runs.end()).toMatchObject([{ pid, command: 'mpsbench bench cnn' }]);
    expect(readdirSync(folder).sort()).toEqual(
      [`${pid}.json`, `${process.pid}.met-${pid}.json`].sort(),
    );
  });

  it('learns of one that came and went meanwhile', async () => {
    const folder = folders();
    const runs = await ConcurrentRuns.begin({ ...options, folder });
    const word = {
      pid: 7,
      resources: ['cpu'],
      since: Date.now(),
      state: 'measuring',
      command: 'x',
    };
    writeFileSync(join(folder, `7.met-${process.pid}.json`), JSON.stringify(word));
    expect(runs.end()).toMatchObject([{ pid: 7, command: 'x' }]);
    expect(readdirSync(folder)).toEqual([]);
  });

  it('ignores other hardware, files of dead processes, and anything that is not an entry', async () => {
    const folder = folders();
    other(folder, { resources: ['gpu-0'] });
    const dead = other(folder);
    const gone = new Promise((resolve) => dead.once('exit', resolve));
    dead.kill('SIGKILL');
    await gone;
    writeFileSync(join(folder, '1.json'), '{"pid":');
    writeFileSync(join(folder, '2.json'), 'null');
    writeFileSync(join(folder, '3.json'), '{"pid":"x"}');
    const runs = await ConcurrentRuns.begin({ ...options, folder, wait: true });
    expect(runs.end()).toEqual([]);
    expect(readdirSync(folder)).not.toContain(`${dead.pid}.json`);
  });

  it.skipIf(process.platform !== 'linux')(
    'is not deceived by a process id that was given again',
    async () => {
      const folder = folders();
      other(folder, { started: '1' });
      const runs = await ConcurrentRuns.begin({ ...options, folder });
      expect(runs.end()).toEqual([]);
    },
  );

  it('waits until the other has ended', async () => {
    const folder = folders();
    const child = other(folder);
    const waited: string[] = [];
    const runs = await ConcurrentRuns.begin({
      ...options,
      folder,
      wait: true,
      onWait: ({ command }) => {
        waited.push(command);
        child.kill('SIGKILL');
      },
    });
    expect(waited[0]).toBe('mpsbench bench cnn');
    expect(runs.end()).toEqual([]);
  });

  it('waits for no one who waits and came later', async () => {
    const folder = folders();
    other(folder, { state: 'waiting', since: Date.now() + 60_000 });
    const runs = await ConcurrentRuns.begin({ ...options, folder, wait: true });
    expect(runs.end()).toEqual([]);
  });

  it('stops waiting when it is interrupted', async () => {
    const folder = folders();
    other(folder);
    const abort = new AbortController();
    const begun = ConcurrentRuns.begin({
      ...options,
      folder,
      wait: true,
      signal: abort.signal,
      onWait: () => abort.abort(),
    });
    (await begun).end();
    expect(readdirSync(folder)).not.toContain(`${process.pid}.json`);
  });

  it('does without a folder that cannot be written, or is not there', async () => {
    const folder = folders();
    chmodSync(folder, 0o500);
    for (const path of [folder, join(folder, 'none'), '/proc/none']) {
      const runs = await ConcurrentRuns.begin({ ...options, folder: path, wait: true });
      expect(runs.end()).toEqual([]);
    }
    chmodSync(folder, 0o700);
  });
});
