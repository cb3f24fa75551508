import { describe, expect, it } from 'vitest';
import { withXids } from '../../../src/bench/lost-devices.js';
import { meaningOfXid, parseXids, xidsOf } from '../../../src/host/xid.js';
import type { Row } from '../../../src/result/schema.js';
import { cudaBench } from '../../fakes/results.js';
import { h200Gpu } from '../../fakes/trials.js';

const LOG = `[    3.100000] NVRM: loading NVIDIA UNIX x86_64 Kernel Module  580.95.05
[  812.345678] NVRM: Xid (PCI:0000:18:00): 31, pid=1, name=old, Ch 00000008
[ 9000.000001] NVRM: Xid (PCI:0000:18:00): 79, pid='<unknown>', name=<unknown>, GPU has fallen off the bus.
[ 9000.000009] NVRM: Xid (PCI:0000:18:00): 154, GPU recovery action changed
[ 9001.000000] nvidia-nvlink: something else
[ 9002.000000] NVRM: Xid (PCI:0000:3B:00): 48, pid=12, name=node, DBE (double bit error)
NVRM: Xid (0000:3c:00): 13, Graphics Exception
[ 9003.000000] NVRM: Xid (PCI:xxxx): many, malformed`;

describe('the Xids of a kernel log', () => {
  const xids = parseXids(LOG);

  it('are read with card and time, whatever surrounds them', () => {
    expect(xids.map(({ code, pciId }) => `${pciId} ${code}`)).toEqual([
      '0000:18:00 31',
      '0000:18:00 79',
      '0000:18:00 154',
      '0000:3b:00 48',
      '0000:3c:00 13',
    ]);
    expect(xids.map(({ atS }) => atS)).toEqual([
      812.345678,
      9000.000001,
      9000.000009,
      9002,
      undefined,
    ]);
  });

  it('are filtered by card and by the time of the run', () => {
    expect(xidsOf(xids, '0000:18:00.0', 8000).map(({ code }) => code)).toEqual([79, 154]);
    expect(xidsOf(xids, '0000:3B:00.0', 8000).map(({ code }) => code)).toEqual([48]);
    expect(xidsOf(xids, '0000:17:00.0', 0)).toEqual([]);
  });

  it('have a meaning, also the unknown ones', () => {
    expect(meaningOfXid(79).what).toBe('GPU has fallen off the bus');
    expect(meaningOfXid(9999).advice).toContain('Xid 9999');
  });

  it('are read in time that grows with the log alone', () => {
    const started = performance.now();
    parseXids(`NVRM: Xid (PCI:${'0'.repeat(200_000)}\n`.repeat(20));
    expect(performance.now() - started).toBeLessThan(2000);
  });
});

describe('a lost card', () => {
  const card = { ...h200Gpu, id: 'cuda:1', backend: 'cuda', pciId: '0000:18:00.0' };
  const devices = new Map([[card.id, card]]);
  const row = (code: string): Row => ({
    ...cudaBench.rows[0],
    ...{ device: 'cuda:1', state: 'failed' },
    error: { code, message: 'The GPU stopped working.', advice: 'Run it again.' },
  });
  let asked = 0;
  const source = {
    exec: async () => {
      asked += 1;
      return LOG;
    },
  };

  it('has its state named, with what to do', async () => {
    const [found] = await withXids([row('device_lost')], devices, 8000, source);
    expect(found.error?.message).toBe(
      "The GPU stopped working. NVIDIA's driver logged Xid 79: GPU has fallen off the bus.",
    );
    expect(found.error?.advice).toContain('Check power cables');
    const [early] = await withXids([row('device_lost')], devices, 9500, source);
    expect(early.error?.message).toBe('The GPU stopped working.');
  });

  it('is what the log is read for, and nothing else', async () => {
    asked = 0;
    const rows = [row('out_of_memory'), { ...row('device_lost'), device: 'cpu:0' }];
    expect(await withXids(rows, devices, 0, source)).toEqual(rows);
    expect(asked).toBe(0);
    const unreadable = { exec: async () => undefined };
    const lost = [row('worker_timeout')];
    expect(await withXids(lost, devices, 0, unreadable)).toEqual(lost);
  });
});
