import { expect, test } from 'vitest';
import { relevantVariables } from '../../../src/result/relevant-variables.js';

test('variables that can change a result are recorded by name', () => {
  const set = {
    XLA_FLAGS: '--xla_gpu',
    OMP_NUM_THREADS: '1',
    ...{ KMP_AFFINITY: 'compact', OPENBLAS_CORETYPE: 'Haswell', MTL_DEBUG_LAYER: '1' },
    ...{ NODE_OPTIONS: '--max-old-space-size=99', LD_PRELOAD: '/x.so', ORT_DISABLE: '' },
  };
  const all = { HOME: '/root', PATH: '/bin', OMPX: '1', CUDA_UNSET: undefined, ...set };
  expect(relevantVariables(all)).toEqual(set);
  expect(Object.keys(relevantVariables(all))).toEqual(Object.keys(set).toSorted());
});

test('secrets, and what only looks like a framework, stay out of a result', () => {
  const env = {
    NVIDIA_API_KEY: 'nvapi-1',
    TF_VAR_db_password: 'x',
    TF_CLI_CONFIG_FILE: '/x',
    MLX_PROXY: 'https://ada:secret@host/path',
    LD_LIBRARY_PATH: '/lib:'.repeat(1000),
  };
  const recorded = relevantVariables(env);
  expect(recorded).toMatchObject({
    NVIDIA_API_KEY: '(not recorded)',
    MLX_PROXY: 'https://…@host/path',
  });
  expect(Object.keys(recorded)).toEqual(['LD_LIBRARY_PATH', 'MLX_PROXY', 'NVIDIA_API_KEY']);
  expect(recorded.LD_LIBRARY_PATH).toHaveLength(501);
});
