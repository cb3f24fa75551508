import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, rmdirSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { afterEach, describe, expect, it } from 'vitest';
import { disturbanceOf } from '../../../src/measure/disturbance.js';
import type { Sample } from '../../../src/result/schema.js';
import { ObservedRuns } from '../../../src/runner/observed-run.js';

const children: ChildProcess[] = [];
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});

/** Work of so much CPU time, as a sample. */
async function work(cpuMs: number): Promise<Sample> {
  const [start, before] = [performance.now(), process.cpuUsage()];
  for (let used = 0; used < cpuMs * 1000; ) {
    const { user, system } = process.cpuUsage(before);
    used = user + system;
  }
  return { iterations: 1, wallNs: (performance.now() - start) * 1e6 };
}

describe.skipIf(process.platform !== 'linux')(
  'ObservedRuns, by the counters of this kernel',
  () => {
    it('notices that other programs used the CPU', async () => {
      for (let i = 0; i < 2 * availableParallelism(); i++) {
        children.push(spawn(process.execPath, ['-e', 'for (;;);'], { stdio: 'ignore' }));
      }
      const runs = await ObservedRuns.open('cpu');
      await runs.take(() => work(200));
      const samples: Sample[] = [];
      for (let i = 0; i < 3; i++) samples.push(await runs.take(() => work(60)));
      for (const { activity, disturbed } of samples) {
        expect(disturbed).toContain('off-cpu');
        expect(activity?.waitedNs).toBeGreaterThan(0);
      }
      expect(disturbanceOf(samples, true)).toMatchObject({ samples: 3, unreliable: true });
    });

    it('repeats a sample during which the process was stopped', async () => {
      const runs = await ObservedRuns.open('gpu');
      let attempts = 0;
      const sample = await runs.take(async () => {
        // Continuing a process that runs changes nothing but that it is told.
        if (++attempts === 1) process.kill(process.pid, 'SIGCONT');
        return work(5);
      });
      expect(attempts).toBe(2);
      expect(sample.disturbed).toContain('suspended');
      expect(sample.activity?.suspendedNs).toBeGreaterThan(4e6);
      expect((await runs.take(() => work(5))).activity?.suspendedNs).toBeUndefined();
    });

    it('notices a quota of its control group (skipped if none can be created)', async (context) => {
      const group = limitedGroup(10);
      if (!group) return context.skip();
      try {
        // The built one, in a process that can be moved into the group.
        const built = new URL('../../../dist/runner/observed-run.js', import.meta.url).href;
        const script = `
        require('fs').writeFileSync('${group}/cgroup.procs', String(process.pid));
        import('${built}').then(async ({ ObservedRuns }) => {
          const runs = await ObservedRuns.open('cpu');
          const sample = await runs.take(async () => {
            const start = performance.now();
            while (process.cpuUsage().user < 300000);
            return { iterations: 1, wallNs: (performance.now() - start) * 1e6 };
          });
          console.log(JSON.stringify(sample));
        });`;
        const sample = JSON.parse(
          execFileSync(process.execPath, ['-e', script], { encoding: 'utf8' }),
        );
        expect(sample.disturbed).toContain('throttled');
        expect(sample.activity.throttledNs).toBeGreaterThan(1e7);
      } finally {
        rmdirSync(group);
      }
    });
  },
);

/** A control group of version 1 or 2 with so many percent of a CPU; undefined if that is not allowed. */
function limitedGroup(percent: number): string | undefined {
  for (const [root, file, limit] of [
    ['/sys/fs/cgroup/cpu', 'cpu.cfs_quota_us', `${percent * 1000}`],
    ['/sys/fs/cgroup', 'cpu.max', `${percent * 1000} 100000`],
  ]) {
    const group = `${root}/mpsbench-test-${process.pid}`;
    try {
      mkdirSync(group);
      if (existsSync(`${group}/${file}`)) {
        writeFileSync(`${group}/${file}`, limit);
        return group;
      }
      rmdirSync(group);
    } catch {
      // Not allowed, or no such version.
    }
  }
  return undefined;
}
