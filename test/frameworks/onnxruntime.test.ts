import { describeDriver } from './driver-suite.js';

describeDriver({ framework: 'onnxruntime', modes: ['session'], dtypes: ['f32'] });
