#!/usr/bin/env node
/**
 * What the framework drivers cost: the step time of each driver against a script written by hand with
 * the same ops and the same waits, in one process and in turn.
 *
 * Usage: node scripts/benchmarks/framework-overhead.mjs [FRAMEWORK...]
 * The first line of a case is wall time; the second is CPU time, which other programs disturb less, with what the
 * driver does before and after each group of steps. Exits with 1 where a driver certainly takes longer by more than 2 us
 * and 2 % per step: the whole interval of the median difference, by both clocks.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { FRAMEWORKS } from '../../dist/frameworks/catalog.js';
import { findWorkload } from '../../dist/workloads/registry.js';
import { testPython } from '../setup/test-pythons.mjs';

const SCRIPT = fileURLToPath(new URL('framework_overhead.py', import.meta.url));

/** A step of few microseconds, where overhead shows, and one of a millisecond, where it must not. */
const CASES = [
  ['add', 'example', {}],
  ['linear', 'example', {}],
  ['linear', 'small', { rows: 128 }],
  ['cnn', 'example', {}],
];

const LABELS = ['add 2x2', 'linear 4x1x1', 'linear 128x256x256', 'cnn, batch 1'];

const ONE_THREAD = { OMP_NUM_THREADS: '1', OPENBLAS_NUM_THREADS: '1', NPROC: '1' };

const LIMITS = { us: 2, share: 0.02 };

const signed = (us) => `${us >= 0 ? '+' : ''}${us.toFixed(2)}`;

const frameworks = process.argv.slice(2);
const folder = mkdtempSync(join(tmpdir(), 'mpsbench-overhead-'));
let isWithin = true;
try {
  const graphs = CASES.map(([id, preset, changed]) => {
    const workload = findWorkload(id);
    return workload.graph({ ...workload.presets[preset], ...changed }, 'f32');
  });
  const file = join(folder, 'graphs.json');
  writeFileSync(file, JSON.stringify(graphs));
  console.log(
    'framework    case                clock     by hand    per step       95 % interval   share',
  );
  for (const framework of frameworks.length > 0 ? frameworks : Object.keys(FRAMEWORKS)) {
    const { python, reason } = testPython(framework);
    if (!python) {
      console.log(`${framework}: ${reason}`);
      continue;
    }
    const { status, stdout } = spawnSync(python, ['-B', SCRIPT, framework, file], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'inherit'],
      // One thread: two of them would mostly measure how the machine is shared.
      env: { ...process.env, TF_CPP_MIN_LOG_LEVEL: '2', ...ONE_THREAD },
    });
    if (status !== 0) throw new Error(`${framework} ended with ${status}`);
    for (const [at, { wall, cpu }] of JSON.parse(stdout).entries()) {
      const isLonger = Object.entries({ wall, CPU: cpu }).map(([clock, found]) => {
        const { byHandNs, moreNs, interval } = found;
        const [hand, more, low, high] = [byHandNs, moreNs, ...interval].map((ns) => ns / 1e3);
        const line = [
          framework.padEnd(13),
          LABELS[at].padEnd(20),
          clock.padEnd(4),
          `${hand.toFixed(2)} us`.padStart(12),
          `${signed(more)} us`.padStart(12),
          `${signed(low)} to ${signed(high)}`.padStart(20),
          `${((100 * more) / hand).toFixed(1)} %`.padStart(8),
        ];
        console.log(line.join(''));
        return low > Math.max(LIMITS.us, LIMITS.share * hand);
      });
      if (isLonger.every(Boolean)) isWithin = false;
    }
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
process.exitCode = isWithin ? 0 : 1;
