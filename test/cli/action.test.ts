import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { FAKE_BACKEND } from './run.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** Runs the step of action.yml from this checkout; the only GPU is the fake one. */
function action(env: Record<string, string>) {
  const folder = mkdtempSync(join(tmpdir(), 'mpsbench-action-'));
  const { status, stdout, stderr } = spawnSync('bash', [join(ROOT, 'scripts/action/run.sh')], {
    encoding: 'utf8',
    env: {
      ...process.env,
      ...{ NO_COLOR: '1', MPSBENCH_HIDE: 'webgpu,cuda,metal' },
      ...{ MPSBENCH_VERSION: '', MPSBENCH_ACTION_PATH: ROOT, MPSBENCH_VERIFY: 'off' },
      ...{ MPSBENCH_RESULTS: join(folder, 'results'), MPSBENCH_BUDGET: '60s' },
      ...{ GITHUB_OUTPUT: join(folder, 'output'), GITHUB_STEP_SUMMARY: join(folder, 'summary.md') },
      ...env,
    },
  });
  const read = (name: string) =>
    existsSync(join(folder, name)) ? readFileSync(join(folder, name), 'utf8') : '';
  return { status, stdout, stderr, output: read('output'), summary: read('summary.md'), read };
}

const FAKE = { MPSBENCH_BACKENDS: `fake=${FAKE_BACKEND}`, MPSBENCH_FAKE: '' };
const BENCH = 'add --preset example --quick --time 0.05';

it('measures, and leaves outputs, a summary and files', () => {
  const done = action({ ...FAKE, MPSBENCH_BENCH: `${BENCH} --compare-cpu` });
  expect(done.output).toMatch(/^exit-code=0$/m);
  expect(done.output).toMatch(/^has-gpu=true$/m);
  expect(done.status).toBe(0);
  expect(done.summary).toContain('fake:0');
  expect(JSON.parse(done.read('results/bench.json')).command).toBe('bench');
  expect(done.read('results/bench.junit.xml')).toContain('<testsuites');
});

it('says that there is no GPU, and fails only if one is required', () => {
  const none = action({ MPSBENCH_BENCH: `${BENCH} --device cpu` });
  expect(none.status).toBe(0);
  expect(none.output).toMatch(/^has-gpu=false$/m);
  expect(none.stdout).toContain('::notice title=mpsbench::This runner has no usable GPU');
  const required = action({ MPSBENCH_BENCH: 'off', MPSBENCH_REQUIRE_GPU: 'true' });
  expect(required.status).toBe(1);
  expect(required.stdout).toContain('::error title=mpsbench::');
});

it('fails for a finding, and expands no input', () => {
  const wrong = action({ ...FAKE, MPSBENCH_FAKE: 'wrong:7', MPSBENCH_BENCH: BENCH });
  expect(wrong.status).toBe(1);
  expect(wrong.output).toMatch(/^exit-code=1$/m);
  const hostile = action({ ...FAKE, MPSBENCH_BENCH: 'add --preset $(touch /tmp/owned) ; false' });
  expect(hostile.status).toBe(64);
  expect(hostile.stderr).toContain('$(touch');
});
