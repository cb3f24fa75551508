import type { DISTRIBUTIONS } from './distributions.js';

/** The frameworks that mpsbench drives, by the name that stands before the colon of a device id. */
export type FrameworkId = keyof typeof DISTRIBUTIONS;

export interface Framework {
  readonly id: FrameworkId;
  /** As its makers write it. */
  readonly title: string;
  /** What is imported. */
  readonly module: string;
  /**
   * The devices that it may have, the best first: `pytorch` alone is the first of them that is there.
   * They are named as the framework names them (`torch.device('mps')`).
   */
  readonly deviceKinds: readonly string[];
  /** How most people run it. */
  readonly idiomatic: string;
  /** How its users write whole programs, where there is more than one way: see `ExampleProgram`. */
  readonly programForms: readonly string[];
  /** Its compiled forms, for `--framework-mode compiled`. */
  readonly compiled: readonly string[];
}

export const FRAMEWORKS: Readonly<Record<FrameworkId, Framework>> = {
  tensorflow: {
    id: 'tensorflow',
    title: 'TensorFlow',
    module: 'tensorflow',
    deviceKinds: ['gpu', 'cpu'],
    idiomatic: 'function',
    programForms: ['keras', 'function'],
    compiled: ['xla'],
  },
  pytorch: {
    id: 'pytorch',
    title: 'PyTorch',
    module: 'torch',
    deviceKinds: ['cuda', 'mps', 'xpu', 'cpu'],
    idiomatic: 'eager',
    programForms: ['module', 'function'],
    compiled: ['compile', 'graph'],
  },
  jax: {
    id: 'jax',
    title: 'JAX',
    module: 'jax',
    deviceKinds: ['gpu', 'cpu'],
    idiomatic: 'jit',
    programForms: [],
    compiled: ['jit'],
  },
  mlx: {
    id: 'mlx',
    title: 'MLX',
    module: 'mlx.core',
    deviceKinds: ['gpu', 'cpu'],
    idiomatic: 'lazy',
    programForms: [],
    compiled: ['compile'],
  },
  onnxruntime: {
    id: 'onnxruntime',
    title: 'ONNX Runtime',
    module: 'onnxruntime',
    deviceKinds: ['cuda', 'coreml', 'dml', 'rocm', 'cpu'],
    idiomatic: 'session',
    programForms: [],
    compiled: ['session'],
  },
};

export const FRAMEWORK_IDS = Object.keys(FRAMEWORKS) as readonly FrameworkId[];

/** `pytorch` and `pytorch@3.12` -> the framework; undefined for the id of a native backend. */
export function frameworkOfBackend(backend: string): Framework | undefined {
  const [name = ''] = backend.split('@');
  return Object.hasOwn(FRAMEWORKS, name) ? FRAMEWORKS[name as FrameworkId] : undefined;
}

/** The detail of a framework's device that says why the framework reaches no GPU. */
export const NO_GPU = 'no GPU';

/** Which of a framework's modes are measured. */
export const FRAMEWORK_MODES = ['idiomatic', 'compiled', 'all'] as const;
export type FrameworkMode = (typeof FRAMEWORK_MODES)[number];

/** Whether `--framework-mode choice` includes a mode of this framework. */
export function includesMode(framework: Framework, choice: FrameworkMode, mode: string): boolean {
  if (choice === 'all') return true;
  return choice === 'idiomatic' ? mode === framework.idiomatic : framework.compiled.includes(mode);
}

/** Whether a device of a framework runs as most people run it. */
export function isIdiomatic({
  name,
  mode,
}: {
  readonly name: string;
  readonly mode: string;
}): boolean {
  return FRAMEWORKS[name as FrameworkId].idiomatic === mode;
}
