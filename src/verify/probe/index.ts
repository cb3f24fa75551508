import type { Check } from '../types.js';
import { jaxProbe } from './jax.js';
import { mlxProbe } from './mlx.js';
import { onnxruntimeProbe } from './onnxruntime.js';
import { pythonProbe } from './python.js';
import { pytorchProbe } from './pytorch.js';
import { tensorflowProbe } from './tensorflow.js';

/** The checks that start interpreters, in the order in which they run; only with --probe. */
export const probeChecks: readonly Check[] = [
  pythonProbe,
  tensorflowProbe,
  pytorchProbe,
  jaxProbe,
  mlxProbe,
  onnxruntimeProbe,
];
