import { expect, test } from 'vitest';
import { tensorflowPython, torchPython } from '../../../scripts/lib/test-pythons.mjs';

test('a Python that is named is taken as it is', () => {
  const env = { MPSBENCH_TEST_TF_PYTHON: '/v/tf', MPSBENCH_TEST_TORCH_PYTHON: '/v/torch' };
  expect(tensorflowPython(env)).toEqual({ python: '/v/tf', reason: '' });
  expect(torchPython(env)).toEqual({ python: '/v/torch', reason: '' });
});

test('else there is one, or the reason why there is none', () => {
  for (const found of [tensorflowPython({}), torchPython({})]) {
    expect(found.python === undefined).toBe(found.reason !== '');
  }
});
