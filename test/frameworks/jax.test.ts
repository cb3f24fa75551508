import { describeDriver } from './driver-suite.js';

describeDriver({
  framework: 'jax',
  modes: ['jit', 'eager'],
  dtypes: ['f32', 'f16', 'bf16', 'f64'],
});
