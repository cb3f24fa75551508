import { describe, expect, it } from 'vitest';
import { Recorder } from '../../../src/watch/recorder.js';
import type { DeviceSample } from '../../../src/watch/sampler-protocol.js';
import { Timeline } from '../../../src/watch/timeline.js';

const sample = (device: DeviceSample = {}) => ({ atNs: 0, devices: [device] });

describe('a timeline', () => {
  it('has a point per sample at first', () => {
    const timeline = new Timeline(10);
    for (let i = 1; i <= 5; i++) timeline.add(sample({ used: i / 10 }), i * 0.1, 0.1, 1);
    expect(timeline.points().map(({ atS }) => atS)).toEqual([0.1, 0.2, 0.3, 0.4, 0.5]);
    expect(timeline.points()[2]).toEqual({ atS: 0.3, cpus: 1, devices: [{ used: 0.3 }] });
  });

  it('never has more points than it may, and keeps the means', () => {
    const timeline = new Timeline(10);
    for (let i = 1; i <= 1000; i++) timeline.add(sample({ used: i % 2 }), i * 0.1, 0.1, i % 2);
    const points = timeline.points();
    expect(points.length).toBeLessThanOrEqual(10);
    expect(points.at(-1)?.atS).toBeCloseTo(100);
    for (const { cpus, devices } of points) {
      expect(cpus).toBeCloseTo(0.5, 1);
      expect(devices[0].used).toBeCloseTo(0.5, 1);
    }
  });

  it('leaves out what was not read, and times without a sample', () => {
    const timeline = new Timeline(100);
    timeline.add(sample({ busy: 0.5 }), 0.1, 0.1, undefined);
    timeline.add(sample({}), 5, 0.1, undefined);
    expect(timeline.points()).toEqual([
      { atS: 0.1, devices: [{ busy: 0.5 }] },
      { atS: 5, devices: [{}] },
    ]);
  });
});

describe('the record of a device', () => {
  const info = { id: 'cuda:0', name: 'GPU' };
  const recorded = (devices: readonly DeviceSample[], periodS = 0.1) => {
    const recorder = new Recorder(0);
    for (const [i, device] of devices.entries()) {
      recorder.add({ atNs: (i + 1) * periodS * 1e9, devices: [device] });
    }
    return recorder.devices([info])[0];
  };

  it('is weighted by time, and a pause does not count', () => {
    const recorder = new Recorder(0);
    recorder.add({ atNs: 0.5e9, devices: [{ busy: 1 }] });
    recorder.add({ atNs: 1e9, devices: [{ busy: 0 }] });
    // Ctrl-Z for an hour: of it, one second is taken for that sample.
    recorder.add({ atNs: 3600e9, devices: [{ busy: 0.5 }] });
    expect(recorder.devices([info])[0].busyShare).toBeCloseTo(0.5);
  });

  it('says whose share it is', () => {
    expect(recorded([{ used: 0, usedBy: 'processes', held: false, busy: 1 }])).toMatchObject({
      ...{ scope: 'processes', held: false, usedShare: 0, busyShare: 1 },
    });
    expect(recorded([{ used: 1, usedBy: 'alone', held: true, busy: 1 }])).toMatchObject({
      ...{ scope: 'alone', held: true },
    });
    expect(recorded([{ busy: 0.6 }])).toMatchObject({ scope: 'device', usedShare: 0.6 });
    expect(recorded([{}])).toEqual({ id: 'cuda:0', name: 'GPU', scope: 'none' });
  });
});
