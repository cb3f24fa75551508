import { describe, expect, it } from 'vitest';
import { type CounterSource, KernelCounters } from '../../../src/host/kernel-counters.js';

/** A recorded machine: files by path, folders by their names. */
function recorded(
  files: Readonly<Record<string, string>>,
  more: Partial<CounterSource> = {},
): CounterSource {
  return {
    platform: 'linux',
    pid: 100,
    nowNs: () => 5e9,
    readFile: (path) => files[path],
    readOnce: (path) => files[path],
    list: (folder) => [
      ...new Set(
        Object.keys(files)
          .filter((path) => path.startsWith(`${folder}/`))
          .map((path) => path.slice(folder.length + 1).split('/')[0] ?? ''),
      ),
    ],
    usage: () => ({ cpuNs: 4e9, preemptions: 17 }),
    busyNs: () => undefined,
    ...more,
  };
}

const linux = {
  '/proc/self/task/100/schedstat': '3000000000 250000000 99\n',
  '/proc/self/task/104/schedstat': '1000000000 50000000 12\n',
  '/proc/stat': 'cpu  100 10 20 5000 3 1 2 7 40 0\ncpu0 100 10 20 5000 3 1 2 7 40 0\nintr 1\n',
  '/proc/uptime': '12.50 20.00\n',
};

describe('KernelCounters', () => {
  it('reads waiting threads, the whole machine, steal and the boot clock on Linux', () => {
    expect(new KernelCounters(recorded(linux)).read()).toEqual({
      atNs: 5e9,
      cpuNs: 4e9,
      preemptions: 17,
      waitNs: new Map([
        ['self/100', 250e6],
        ['self/104', 50e6],
      ]),
      // user, nice, system, irq and softirq; guests are in user already.
      busyNs: 1.33e9,
      stolenNs: 7e7,
      bootNs: 12.5e9,
    });
  });

  it('counts the load of the CPUs that this process can use', () => {
    const files = {
      ...linux,
      '/proc/stat':
        'cpu  900 0 0 5000 0 0 0 9\ncpu0 100 1 0 9 0 0 0 1\ncpu1 300 0 0 9 0 0 0 3\ncpu10 500 0 0 9 0 0 0 5\nintr 1\n',
      '/sys/devices/system/cpu/online': '0-1,10\n',
      '/proc/self/status': 'Name:\tnode\nCpus_allowed:\t401\nCpus_allowed_list:\t0,10-11\n',
    };
    const { busyNs, stolenNs } = new KernelCounters(recorded(files)).read();
    expect([busyNs, stolenNs]).toEqual([6.01e9, 6e7]);
    const all = { ...files, '/proc/self/status': 'Cpus_allowed_list:\t0-127\n' };
    expect(new KernelCounters(recorded(all)).read().busyNs).toBe(9e9);
  });

  it('counts the processes that were started, and theirs, once it has looked for them', () => {
    const files = {
      ...linux,
      '/proc/100/stat': '100 (node) R 1 100 100',
      '/proc/200/stat': '200 (python (3)) S 100 100 100',
      '/proc/300/stat': '300 (cc1) R 200 100 100',
      '/proc/400/stat': '400 (other) R 1 400 400',
      '/proc/200/task/200/schedstat': '7000000000 1000 1',
      '/proc/300/task/300/schedstat': '500000000 2000 1',
      '/proc/400/task/400/schedstat': '900000000 3000 1',
    };
    const counters = new KernelCounters(recorded(files));
    expect(counters.read().cpuNs).toBe(4e9);
    counters.findChildren();
    const { cpuNs, waitNs } = counters.read();
    expect(cpuNs).toBe(11.5e9);
    expect([...(waitNs?.keys() ?? [])].sort()).toEqual([
      '200/200',
      '300/300',
      'self/100',
      'self/104',
    ]);
  });

  it.each([
    ['version 2', 'usage_usec 5\nnr_throttled 2\nthrottled_usec 1500\n', 1.5e6],
    ['version 1', 'nr_periods 9\nnr_throttled 2\nthrottled_time 2500000\n', 2.5e6],
    ['without a quota', 'usage_usec 5\n', undefined],
  ])('reads how long the control group was paused: %s', (_, text, throttledNs) => {
    const source = recorded({ ...linux, '/cg/cpu.stat': text });
    expect(new KernelCounters(source, ['/cg/cpu.stat']).read().throttledNs).toBe(throttledNs);
  });

  it('makes do with what there is', () => {
    expect(new KernelCounters(recorded({})).read()).toEqual({
      atNs: 5e9,
      cpuNs: 4e9,
      preemptions: 17,
    });
    const broken = recorded({ '/proc/stat': 'cpu  1 2\n', '/proc/uptime': 'soon\n' });
    expect(new KernelCounters(broken).read()).toMatchObject({ atNs: 5e9 });
  });

  it('asks Node for the load on other systems, and sees no other processes', () => {
    const mac = recorded({}, { platform: 'darwin', busyNs: () => 9e9 });
    const counters = new KernelCounters(mac);
    counters.findChildren();
    expect(counters.seesChildren).toBe(false);
    expect(counters.read()).toEqual({ atNs: 5e9, cpuNs: 4e9, preemptions: 17, busyNs: 9e9 });
  });

  it('reads this machine', async () => {
    const counters = await KernelCounters.open();
    const before = counters.read();
    for (const until = performance.now() + 30; performance.now() < until; );
    const after = counters.read();
    expect(after.atNs - before.atNs).toBeGreaterThan(30e6);
    expect(after.cpuNs).toBeGreaterThan(before.cpuNs);
  });
});
