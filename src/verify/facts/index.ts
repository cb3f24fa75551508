import { JAX_RULES } from './jax.js';
import { MLX_RULES } from './mlx.js';
import { NUMPY_RULES } from './numpy.js';
import { ONNXRUNTIME_RULES } from './onnxruntime.js';
import { PACKAGE_RULES, REQUIREMENT_RULES } from './packages.js';
import { PYTHON_RULES } from './python.js';
import { PYTORCH_RULES } from './pytorch.js';
import { sourceText } from './sources.js';
import { TENSORFLOW_RULES } from './tensorflow.js';
import type { Rule } from './types.js';

export type { Condition, Confidence, Effect, Rule } from './types.js';
export { confidenceOf, doubtOf, stateOf } from './types.js';

/** The compatibility table, by the check that shows its rows. */
export const TABLE = {
  tensorflow: TENSORFLOW_RULES,
  pytorch: PYTORCH_RULES,
  jax: JAX_RULES,
  mlx: MLX_RULES,
  onnxruntime: ONNXRUNTIME_RULES,
  numpy: NUMPY_RULES,
  package: PACKAGE_RULES,
  requirement: REQUIREMENT_RULES,
  python: PYTHON_RULES,
} as const satisfies Readonly<Record<string, readonly Rule[]>>;

/** The references of a rule, as they are shown. */
export function sourcesOf({ sources }: Pick<Rule, 'sources'>): string[] {
  return sources.map(sourceText);
}
