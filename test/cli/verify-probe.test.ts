import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Finding, verifyResultSchema } from '../../src/result/schema.js';
import { processesLeft, processesStarted } from '../fakes/python-processes.js';
import { mpsbench } from './run.js';

const FAKES = fileURLToPath(new URL('../fakes/pythons/', import.meta.url));

let home: string;
let environment: string;

/** An environment with TensorFlow, whose interpreter is a fake that notes its process. */
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'mpsbench-verify-probe-'));
  environment = join(home, 'env');
  const info = join(environment, 'lib/python3.11/site-packages/tensorflow-2.18.0.dist-info');
  mkdirSync(info, { recursive: true });
  mkdirSync(join(environment, 'bin'));
  writeFileSync(
    join(environment, 'pyvenv.cfg'),
    'home = /usr/bin\ninclude-system-site-packages = false\nversion = 3.11.7\n',
  );
  writeFileSync(
    join(info, 'METADATA'),
    'Metadata-Version: 2.1\nName: tensorflow\nVersion: 2.18.0\n',
  );
});

afterEach(() => {
  rmSync(home, { recursive: true, force: true });
});

function installFake(name: string): void {
  const bin = join(environment, 'bin');
  copyFileSync(join(FAKES, name), join(bin, 'python'));
  copyFileSync(join(FAKES, 'answers.sh'), join(bin, 'answers.sh'));
}

function isRunning(pid: string): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

/** The findings about our environment: others of this machine are not ours to judge. */
async function verify(args: readonly string[]) {
  const file = join(home, 'result.json');
  const outcome = await mpsbench(['verify', ...args, '--python', environment, '--json', file], {
    env: { HOME: home, VIRTUAL_ENV: undefined, CONDA_PREFIX: undefined },
  });
  const result = verifyResultSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
  const own: Finding[] = result.findings.filter(({ subject }) => subject === environment);
  return { ...outcome, own };
}

describe('mpsbench verify --probe', () => {
  test('a framework that crashes is one failure, and the exit code is 1', async () => {
    installFake('import-segv');
    const { code, own, stdout } = await verify(['probe.tensorflow', '--probe']);
    expect(own).toMatchObject([{ check: 'probe.tensorflow', state: 'fail', rule: 'probe.crash' }]);
    expect(stdout).toContain('TensorFlow import crashed with SIGSEGV.');
    expect(code).toBe(1);
  });

  test('one that hangs could not be checked: exit code 2, and its processes are gone', async () => {
    installFake('import-hang');
    const { code, own } = await verify(['probe.tensorflow', '--probe', '--timeout', '1.5']);
    expect(own).toMatchObject([{ state: 'unchecked', rule: 'probe.hang' }]);
    expect(code).toBe(2);
    expect(processesStarted(home)).toHaveLength(2);
    expect(processesLeft(home)).toEqual([]);
  });

  test('a terminal that is closed leaves no interpreter and no folder behind', async () => {
    installFake('import-hang');
    const path = join(home, 'processes');
    const started = () =>
      (existsSync(path) ? readFileSync(path, 'utf8') : '').split(/\s/).filter(Boolean);
    const { code } = await mpsbench(
      ['verify', 'probe.tensorflow', '--probe', '--python', environment],
      {
        env: { HOME: home, TMPDIR: home, VIRTUAL_ENV: undefined, CONDA_PREFIX: undefined },
        during: (child) =>
          void expect
            .poll(() => started().length, { timeout: 30_000 })
            .toBe(2)
            .finally(() => child.kill('SIGHUP')),
      },
    );
    expect(code).toBe(130);
    expect(readdirSync(home).filter((name) => name.startsWith('mpsbench-probe-'))).toEqual([]);
    await expect.poll(() => started().filter(isRunning)).toEqual([]);
  });

  test('without --probe nothing is started', async () => {
    installFake('import-hang');
    const { own } = await verify(['frameworks']);
    expect(own.map(({ check }) => check)).toContain('frameworks.tensorflow');
    const { stdout } = await verify(['probe.tensorflow']);
    expect(stdout).toContain('mpsbench verify --probe probe.tensorflow');
    expect(existsSync(join(home, 'processes'))).toBe(false);
  });
});
