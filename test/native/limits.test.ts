import { execFileSync, spawnSync } from 'node:child_process';
import { accessSync, constants, mkdirSync, rmdirSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { builtEngines } from './support/cpu.js';

const PROGRAM = fileURLToPath(new URL('../../bin/mpsbench.js', import.meta.url));
const BENCH = ['bench', 'linear', '--preset', 'small', '--device', 'cpu:0', '--quick'];

function run(args: readonly string[], env: Record<string, string> = {}, prefix: string[] = []) {
  const [command, ...rest] = [...prefix, process.execPath, PROGRAM, ...args];
  return spawnSync(command, rest, { encoding: 'utf8', env: { ...process.env, ...env } });
}

/** What `devices` says of the CPU. */
function cpuDevice(env: Record<string, string> = {}, prefix: string[] = []) {
  const { stdout } = run(['devices', '--json', '-'], env, prefix);
  const { devices } = JSON.parse(stdout);
  return devices.find(({ id }: { id: string }) => id === 'cpu:0');
}

// Two threads are needed for a wrong result, and a library that relies on OpenMP's promise.
describe.skipIf(!builtEngines.includes('onednn'))('OpenMP variables', () => {
  test.each<Record<string, string>>([
    { OMP_THREAD_LIMIT: '1' },
    { OMP_DYNAMIC: 'true', OMP_MAX_ACTIVE_LEVELS: '0' },
    { OMP_NUM_THREADS: '1', OMP_SCHEDULE: 'dynamic,1' },
  ])(
    '%o: the result is right',
    (env) => {
      const { status, stderr } = run(BENCH, env);
      expect(stderr).not.toMatch(/wrong|does not match/i);
      expect(status).toBe(0);
    },
    60_000,
  );

  test('OMP_THREAD_LIMIT bounds the default and refuses more', () => {
    expect(cpuDevice({ OMP_THREAD_LIMIT: '1' }).threads).toBe(1);
    const refused = run([...BENCH, '--threads', '2'], { OMP_THREAD_LIMIT: '1' });
    expect(refused.status).toBe(64);
    expect(refused.stderr).toContain('OMP_THREAD_LIMIT=1 does not allow 2 CPU threads.');
    expect(refused.stderr).toContain('Unset OMP_THREAD_LIMIT, or use --threads 1.');
  }, 60_000);
});

const hasTaskset = spawnSync('taskset', ['--version']).status === 0;

test.skipIf(!hasTaskset || availableParallelism() < 2)(
  'a CPU mask is named',
  () => {
    const { threads, details } = cpuDevice({}, ['taskset', '-c', '1']);
    expect(threads).toBe(1);
    expect(details['CPU mask']).toMatch(/^1 \(\d+ CPUs online\)$/);
  },
  60_000,
);

const CGROUPS = '/sys/fs/cgroup';

/** Whether this process may divide a controller of control groups, version 1. */
function canLimit(controller: string): boolean {
  const probe = `${CGROUPS}/${controller}/mpsbench-probe-${process.pid}`;
  try {
    accessSync(`${CGROUPS}/${controller}`, constants.W_OK);
    mkdirSync(probe);
    rmdirSync(probe);
    return true;
  } catch {
    return false;
  }
}

/** Calls `work` with a command prefix that runs in a group inside a limited one. */
function limited(
  controller: string,
  file: string,
  value: string,
  work: (prefix: string[]) => void,
): void {
  const outer = `${CGROUPS}/${controller}/mpsbench-${process.pid}`;
  const inner = `${outer}/inner`;
  mkdirSync(inner, { recursive: true });
  try {
    writeFileSync(`${outer}/${file}`, value);
    work(['sh', '-c', `echo $$ > ${inner}/tasks; exec "$0" "$@"`]);
  } finally {
    execFileSync('rmdir', [inner, outer]);
  }
}

test.skipIf(!canLimit('cpu') || availableParallelism() < 2)(
  '1.5 CPUs of an outer control group: one thread',
  () => {
    limited('cpu', 'cpu.cfs_quota_us', '150000', (prefix) => {
      expect(cpuDevice({}, prefix).threads).toBe(1);
    });
  },
  60_000,
);

test.skipIf(!canLimit('memory'))(
  'the memory limit of an outer control group',
  () => {
    limited('memory', 'memory.limit_in_bytes', String(2 ** 30), (prefix) => {
      expect(cpuDevice({}, prefix).memoryBytes).toBe(2 ** 30);
    });
  },
  60_000,
);
