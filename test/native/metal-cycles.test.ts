import './support/metal-double.js';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { linearStep } from './support/graphs.js';
import { addonPath, skipReason } from './support/metal-double.js';

/** Each measures a dozen candidates. `cycles` of test/metal-double makes a thousand, without Node. */
const CYCLES = 300;

/** What the child does; it prints how much its memory grew in the second half, in bytes. */
const CYCLE = `
  const addon = require(process.env.MPSBENCH_ADDON);
  const graph = JSON.parse(process.argv[1]);
  const values = (shape) => new Float32Array(shape.reduce((a, b) => a * b, 1)).fill(0.5);
  const cycle = () => {
    const [device] = addon.devices('metal', {});
    const executable = device.compile(graph);
    for (const { id, shape, role } of graph.tensors) {
      if (role !== 'temp') executable.write(id, values(shape));
    }
    executable.run(3, 'throughput');
    executable.read('w');
    executable.dispose();
    device.dispose();
  };
  const resident = () => (gc(), process.memoryUsage.rss());
  for (let i = 0; i < ${CYCLES / 2}; i++) cycle();
  const before = resident();
  for (let i = 0; i < ${CYCLES / 2}; i++) cycle();
  console.log(resident() - before);
`;

test.skipIf(skipReason)(
  `${CYCLES} compile/run/dispose cycles through the addon leave nothing${skipReason && ` (skipped: ${skipReason})`}`,
  () => {
    const live = join(mkdtempSync(join(tmpdir(), 'mpsbench-metal-')), 'live');
    const graph = linearStep({ rows: 8, features: 3, units: 2, learningRate: 0.1 }, 'f32');
    const growth = execFileSync(
      process.execPath,
      ['--expose-gc', '-e', CYCLE, JSON.stringify(graph)],
      {
        env: { ...process.env, MPSBENCH_ADDON: addonPath, MPSBENCH_METAL_DOUBLE_LIVE: live },
        encoding: 'utf8',
      },
    );
    expect(readFileSync(live, 'utf8')).toBe('metal (double): alive at exit: nothing\n');
    expect(Number(growth)).toBeLessThan(8 * 2 ** 20);
  },
  180_000,
);
