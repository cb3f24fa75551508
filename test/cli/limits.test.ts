/** Real limits of the system: the message names the limit, the exit code is never that of a defect, and nothing hangs. */
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { renderJson } from '../../src/report/json.js';
import { devicesResult } from '../fakes/results.js';
import { BRIEF, expectNoTrace, type Outcome } from './run.js';

const BIN = fileURLToPath(new URL('../../bin/mpsbench.js', import.meta.url));
const BENCH = ['bench', 'add', '--device', 'cpu:0', ...BRIEF];

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'mpsbench-limits-'));
  writeFileSync(join(folder, 'r.json'), renderJson(devicesResult));
});

afterAll(() => rmSync(folder, { recursive: true }));

/** Runs mpsbench from a shell that has run `setUp` first; dash has no `ulimit -u`. */
function under(
  setUp: string,
  args: readonly string[],
  nodeFlags: readonly string[] = [],
): Promise<Omit<Outcome, 'progress'>> {
  const node = [process.execPath, ...nodeFlags, BIN, ...args];
  const child = spawn('bash', ['-c', `${setUp}\nexec "$@"`, 'bash', ...node], {
    cwd: folder,
    env: { ...process.env, NO_COLOR: '1', MPSBENCH_HIDE: 'webgpu,cuda,metal' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text) => {
    stderr += text;
  });
  return new Promise((resolve) => {
    child.on('close', (code) => resolve({ code, stdout, stderr }));
  });
}

describe.runIf(process.platform === 'linux')('limits of resources', () => {
  it.each([
    ['ulimit -n 22', /open files|Too many files/, /ulimit -n/],
    ['ulimit -n 28', /Too many files are open/, /ulimit -n 1024/],
    [
      'ulimit -v 1000000',
      /does not load|did not start|was ended/,
      /977 MiB of address space \(ulimit -v\)/,
    ],
  ])('%s', async (limit, message, advice) => {
    const outcome = await under(limit, BENCH);
    expect(outcome.code).toBe(2);
    expect(outcome.stderr).toMatch(message);
    expect(outcome.stderr).toMatch(advice);
    expectNoTrace(outcome);
  });

  it('a problem that does not fit the address space says what is free and what is reserved', async () => {
    const outcome = await under('ulimit -v 2000000', [...BENCH, '--elements', '200M']);
    expect(outcome.code).toBe(2);
    expect(outcome.stdout.replace(/\s+/g, ' ')).toMatch(
      /are free of the address space \(ulimit -v, 1\.91 GiB\), of which .* stay reserved/,
    );
  });

  it.runIf(process.getuid?.() === 0)('too few processes for a worker', async () => {
    const limited = `ulimit -u 12\nset -- setpriv --reuid 65534 --clear-groups "$@"`;
    const outcome = await under(limited, BENCH);
    expect(outcome.code).toBe(2);
    expect(outcome.stderr).toMatch(/12 processes and threads \(ulimit -u\): raise the limit first/);
  });

  const group = `/sys/fs/cgroup/memory/mpsbench-test-${process.pid}`;
  it.runIf(process.getuid?.() === 0 && existsSync('/sys/fs/cgroup/memory/memory.limit_in_bytes'))(
    'the memory of a control group',
    async () => {
      try {
        mkdirSync(group);
        writeFileSync(`${group}/memory.limit_in_bytes`, '300M');
      } catch {
        // A container may look at its groups and not make any.
        return;
      }
      try {
        const enter = `echo $$ > ${group}/cgroup.procs`;
        const large = await under(enter, [...BENCH, '--elements', '20M']);
        expect(large.code).toBe(2);
        expect(large.stdout.replace(/\s+/g, ' ')).toMatch(
          /are free in the control group \(limit 300 MiB\), of which .* stay reserved/,
        );
        expect((await under(enter, BENCH)).code).toBe(0);
      } finally {
        execFileSync('rmdir', [group]);
      }
    },
  );
});

describe('the working directory and Node', () => {
  it('a deleted working directory', async () => {
    const gone = 'mkdir gone && cd gone && rmdir ../gone';
    const found = await under(gone, ['verify', 'frameworks', '--python', 'venv']);
    expect(found).toMatchObject({ code: 64, stdout: '' });
    expect(found.stderr).toMatch(/working directory no longer exists/);
    expect((await under(gone, ['devices'])).code).toBe(0);
  });

  it('an unreadable home', async () => {
    mkdirSync(join(folder, 'home'), { mode: 0o000 });
    const outcome = await under(`export HOME=${folder}/home`, ['verify', 'frameworks']);
    expect([0, 1, 2]).toContain(outcome.code);
    expectNoTrace(outcome);
  });

  const major = Number(process.versions.node.split('.')[0]);
  const permission = major >= 24 ? '--permission' : '--experimental-permission';

  it.each([
    [['devices'], ['--allow-fs-read=*'], 64, /--allow-child-process/],
    [['bench', 'add'], ['--allow-fs-read=*'], 64, /--allow-child-process/],
    [
      ['report', 'r.json'],
      [`--allow-fs-read=${fileURLToPath(new URL('../../', import.meta.url))}*`],
      64,
      /--allow-fs-read/,
    ],
    [['report', 'r.json', '--csv', 'x.csv'], ['--allow-fs-read=*'], 2, /--allow-fs-write/],
    [['devices'], ['--allow-fs-read=*', '--allow-child-process'], 2, /--allow-addons/],
  ])("Node's permission model: %j with %j", async (args, flags, code, remedy) => {
    const outcome = await under('', args, ['--no-warnings', permission, ...flags]);
    expect(outcome.code).toBe(code);
    expect((outcome.stdout + outcome.stderr).replace(/\s+/g, ' ')).toMatch(remedy);
    expectNoTrace(outcome);
  });

  it('--preserve-symlinks-main', async () => {
    const link = `ln -sf ${BIN} ${folder}/link.js`;
    const node = `${process.execPath} --preserve-symlinks-main ${folder}/link.js devices`;
    const outcome = await under(`${link}\nexec ${node}`, []);
    expect(outcome.code).toBe(2);
    expect(outcome.stderr).toMatch(/Start Node without --preserve-symlinks/);
  });
});
