import { expect, test } from 'vitest';
import { workerEnvironment } from '../../../src/runner/worker-environment.js';

test('OpenMP threads wait briefly before they sleep', () => {
  expect(workerEnvironment({ PATH: '/bin' })).toEqual({ PATH: '/bin', GOMP_SPINCOUNT: '1000' });
});

test.each([
  ['GOMP_SPINCOUNT', '7'],
  ['OMP_WAIT_POLICY', 'active'],
])('%s of the user is left alone', (name, value) => {
  expect(workerEnvironment({ [name]: value })).toEqual({ [name]: value });
});
