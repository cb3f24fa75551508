import { describeDriver } from './driver-suite.js';

describeDriver({ framework: 'pytorch', modes: ['eager'], dtypes: ['f32', 'f64'] });
