import { describeDriver } from './driver-suite.js';

describeDriver({
  framework: 'tensorflow',
  modes: ['function', 'xla', 'eager'],
  dtypes: ['f32', 'f16', 'bf16', 'f64'],
});
