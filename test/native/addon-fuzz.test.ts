import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { candidates, loadAddon } from '../../src/backends/native/load.js';

/** `MPSBENCH_FUZZ=100000 npx vitest run test/native/addon-fuzz.test.ts` tries that many. */
const RUNS = Number(process.env.MPSBENCH_FUZZ ?? 1000);
const SEED = Number(process.env.MPSBENCH_FUZZ_SEED ?? 1);

const FUZZER = fileURLToPath(new URL('./fuzz/addon-fuzzer.mjs', import.meta.url));

test(`${RUNS} graphs and arguments from seed ${SEED} neither crash nor hang the addon`, {
  timeout: 60_000 + RUNS * 20,
}, () => {
  const loaded = loadAddon();
  const { path } = loaded.state === 'loaded' ? loaded.from : candidates()[0];
  const { status, signal, stdout, stderr } = spawnSync(
    process.execPath,
    [FUZZER, path, String(SEED), String(RUNS)],
    { encoding: 'utf8' },
  );
  expect({ status, signal, stderr }, stdout).toEqual({ status: 0, signal: null, stderr: '' });
  expect(stdout).toMatch(/^\d+ calls/m);
});
