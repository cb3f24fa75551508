import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { testPython } from '../../scripts/setup/test-pythons.mjs';
import { parseResult } from '../../src/result/parse.js';
import type { WatchRecord } from '../../src/result/schema.js';
import { mpsbench } from './run.js';

const DRIVERS = fileURLToPath(new URL('../../src/frameworks', import.meta.url));
const RUNS = 4;

/** ONNX Runtime, which starts fast: two ops, four runs. */
const TRAIN = `
import sys
sys.path.append(${JSON.stringify(DRIVERS)})
import numpy, onnxruntime
from drivers.onnx_model import model, node
nodes = [node("a", "MatMul", ["x", "x"], ["y"]), node("b", "Sin", ["y"], ["z"])]
made = model(nodes, [("x", "f32", (2, 2))], [("z", "f32", (2, 2))], [])
def run():
    session = onnxruntime.InferenceSession(made, providers=["CPUExecutionProvider"])
    for _ in range(${RUNS}):
        session.run(None, {"x": numpy.ones((2, 2), numpy.float32)})
if __name__ == "__main__":
    run()
`;

const WORKERS = `
import multiprocessing, sys, train
if __name__ == "__main__":
    process = multiprocessing.get_context(sys.argv[1]).Process(target=train.run)
    process.start()
    process.join()
    sys.exit(process.exitcode)
`;

const NOTEBOOK = {
  cells: [
    {
      ...{ cell_type: 'code', id: 'a', execution_count: null, metadata: {}, outputs: [] },
      source: 'import train\ntrain.run()',
    },
  ],
  metadata: { kernelspec: { name: 'python3', display_name: 'Python 3', language: 'python' } },
  ...{ nbformat: 4, nbformat_minor: 5 },
};

const FOLDER = mkdtempSync(join(tmpdir(), 'mpsbench-test-starters-'));
afterAll(() => rmSync(FOLDER, { recursive: true, force: true }));

const here = (...names: string[]) => join(FOLDER, ...names);

beforeAll(() => {
  for (const folder of ['pkg', 'mine']) mkdirSync(here(folder));
  writeFileSync(here('train.py'), TRAIN);
  writeFileSync(here('pkg', '__init__.py'), '');
  writeFileSync(here('pkg', '__main__.py'), 'import train\ntrain.run()\n');
  writeFileSync(here('workers.py'), WORKERS);
  writeFileSync(here('train.ipynb'), JSON.stringify(NOTEBOOK));
  writeFileSync(here('run.sh'), '#!/bin/sh\n"$PYTHON" train.py && echo done\n', { mode: 0o755 });
  writeFileSync(here('mine', 'sitecustomize.py'), 'print("my sitecustomize")\n');
});

let files = 0;

async function watched(words: readonly string[], env: NodeJS.ProcessEnv = {}) {
  const json = here(`${files++}.json`);
  const outcome = await mpsbench(['watch', '--json', json, '--', ...words], {
    cwd: FOLDER,
    env: { MPSBENCH_HIDE: 'cuda,metal', PYTHONDONTWRITEBYTECODE: '1', ...env },
  });
  const result = parseResult(readFileSync(json, 'utf8')) as WatchRecord;
  return { ...outcome, result };
}

/** The findings that every way of starting it must give. */
function expectCounted({ code, stderr, result }: Awaited<ReturnType<typeof watched>>): void {
  expect(stderr).not.toContain('Traceback');
  expect(code).toBe(0);
  expect(result.hook).toMatchObject({ state: 'loaded', errors: [] });
  expect(result.frameworks).toEqual([
    expect.objectContaining({ framework: 'onnxruntime', steps: RUNS }),
  ]);
  const calls = Object.fromEntries(result.frameworks[0].ops.map(({ op, calls }) => [op, calls]));
  expect(calls).toEqual({ MatMul: RUNS, Sin: RUNS });
  expect(result.verdict).toMatchObject({ state: 'not-used', evidence: 'ops' });
}

const { python = '', reason } = testPython('onnxruntime');

describe.skipIf(!python)(`a Python that is started${python ? '' : ` (${reason})`}`, () => {
  it.each([
    ['by its path, in a virtual environment', [python, 'train.py']],
    ['as a module', [python, '-m', 'pkg']],
    ['by a shell script', ['./run.sh']],
    ['by a shell', ['sh', '-c', '"$PYTHON" -c "import train; train.run()"; true']],
    ['by a fork of multiprocessing', [python, 'workers.py', 'fork']],
    ['by a spawn of multiprocessing', [python, 'workers.py', 'spawn']],
  ])('%s is followed', async (_, words) => {
    expectCounted(await watched(words, { PYTHON: python, PYTHONPATH: FOLDER }));
  });

  it("with the user's PYTHONPATH, sitecustomize and PYTHONSTARTUP is followed, and they run", async () => {
    const env = { PYTHONPATH: [here('mine'), FOLDER].join(delimiter), PYTHONSTARTUP: '/none' };
    const outcome = await watched([python, 'train.py'], env);
    expect(outcome.stdout).toContain('my sitecustomize\n');
    expectCounted(outcome);
  });

  it.each(['-I', '-E', '-S'])('with %s loads no hook, which is said', async (flag) => {
    const { code, result, stderr } = await watched([python, flag, '-c', 'pass']);
    expect(code).toBe(0);
    expect(result.hook).toMatchObject({ state: 'not-loaded', processes: 0 });
    expect(result.verdict.state).toBe('not-checked');
    expect(result.warnings).toMatchObject([{ name: 'hook-not-loaded' }]);
    expect(stderr).toContain(`Python was started with ${flag} and did not load the hook`);
  });
});

const starters = testPython('starters');
const tool = (name: string) => join(dirname(starters.python ?? ''), name);

describe.skipIf(!starters.python)(
  `a Python that another program starts${starters.python ? '' : ` (${starters.reason})`}`,
  () => {
    it('is followed in a notebook that nbconvert executes', async () => {
      const words = ['nbconvert', '--to', 'notebook', '--execute', 'train.ipynb', '--output', 'o'];
      // Jupyter writes below the user's home folder.
      const env = { PYTHONPATH: FOLDER, HOME: FOLDER, IPYTHONDIR: here('ipython') };
      expectCounted(await watched([tool('jupyter'), ...words], env));
    }, 120_000);

    it('is followed below uv run', async () => {
      const words = ['run', '--no-project', '--offline', '--python', starters.python ?? ''];
      expectCounted(await watched([tool('uv'), ...words, 'train.py'], { HOME: FOLDER }));
    }, 120_000);
  },
);

/** Other versions, where the user's pyenv has them with ONNX Runtime: `MPSBENCH_TEST_PYTHONS=PATH:PATH`. */
const others = (process.env.MPSBENCH_TEST_PYTHONS ?? '').split(delimiter).filter(existsSync);

describe.skipIf(others.length === 0)(
  `other Pythons${others.length > 0 ? '' : ' (MPSBENCH_TEST_PYTHONS names none)'}`,
  () => {
    it.each(others)('%s reports', async (other) => {
      const { code, result } = await watched([other, 'train.py']);
      expect(code).toBe(0);
      expect(result.hook).toMatchObject({ state: 'loaded', errors: [] });
      expect(result.frameworks[0].steps).toBe(RUNS);
    });
  },
);
