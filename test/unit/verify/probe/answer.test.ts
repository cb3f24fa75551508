import { expect, test } from 'vitest';
import { cleanVariables } from '../../../../src/frameworks/python-variables.js';
import { readAnswer } from '../../../../src/verify/probe/answer.js';
import { findWrongResults } from '../../../../src/verify/probe/examples.js';

const MARKER = '@mpsbench-0123@';

test('the answer is found among what libraries print, also behind an open line', () => {
  const stdout = `hello\n${MARKER}{"stage": "import"}\nloading...${MARKER}{"result": {"a": 1}}\nbye`;
  expect(readAnswer(stdout, MARKER)).toEqual({ state: 'result', result: { a: 1 } });
});

test('without an answer, the last stage says how far it got', () => {
  expect(readAnswer('', MARKER)).toEqual({ state: 'none' });
  expect(readAnswer('@mpsbench-ffff@{"result": 1}', MARKER)).toEqual({ state: 'none' });
  const cut = `${MARKER}{"stage": "start"}\n${MARKER}{"stage": "import"}\n${MARKER}{"result": {"a`;
  expect(readAnswer(cut, MARKER)).toEqual({ state: 'none', stage: 'import' });
});

test('an interpreter gets the paths and the language of this shell, and nothing of its Python', () => {
  const shell = {
    PATH: '/bin',
    HOME: '/home/ada',
    LC_ALL: 'C.UTF-8',
    LD_LIBRARY_PATH: '/usr/local/cuda/lib64',
    CUDA_VISIBLE_DEVICES: '1',
    PYTHONPATH: '/home/ada/lib',
    PYTHONHOME: '/opt',
    LD_PRELOAD: 'spy.so',
    DYLD_INSERT_LIBRARIES: 'spy.dylib',
    VIRTUAL_ENV: '/home/ada/.venv',
    TF_CPP_MIN_LOG_LEVEL: '3',
    PYTORCH_ENABLE_MPS_FALLBACK: '1',
    SECRET_TOKEN: 'x',
    UNSET: undefined,
  };
  const given = cleanVariables(shell, '/tmp/scratch');
  expect(Object.keys(given).sort()).toEqual([
    'CUDA_VISIBLE_DEVICES',
    'HOME',
    'KERAS_HOME',
    'LC_ALL',
    'LD_LIBRARY_PATH',
    'MPLCONFIGDIR',
    'PATH',
    'TF_CPP_MIN_LOG_LEVEL',
    'TF_FORCE_GPU_ALLOW_GROWTH',
    'XLA_PYTHON_CLIENT_PREALLOCATE',
  ]);
  expect(given.TF_CPP_MIN_LOG_LEVEL).toBe('0');
});

test('results are compared with the known answers', () => {
  expect(findWrongResults({ add: { c: [6, 8, 10, 12] } })).toEqual([]);
  expect(findWrongResults({ add: { c: [6, 8, 10, null] } })).toEqual([
    'add gives no number where 12 is right (every sum)',
  ]);
  expect(findWrongResults({ add: { c: [6, 8] } })).toEqual([
    'add gives 2 values of c where 4 are right',
  ]);
  expect(
    findWrongResults({ linear: { weights: [2], bias: [0], predictions: [2, 4, 6, 8] } }),
  ).toEqual(['linear gives 0 values of loss where 1 are right']);
  expect(findWrongResults({})).toEqual([]);
});
