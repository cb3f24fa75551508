import { describeDriver } from './driver-suite.js';

describeDriver({
  framework: 'mlx',
  modes: ['lazy', 'compile'],
  dtypes: ['f32', 'f16', 'bf16', 'f64'],
  wrong: [{ workload: 'cnn', dtype: 'f64', why: 'mx.softmax computes f64 in f32 (0.32.4)' }],
});
