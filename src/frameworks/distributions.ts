/**
 * The packages that hold each framework, by normalised name (PEP 503). Of several in one environment
 * the first stands for the framework: the usual one comes first.
 */
export const DISTRIBUTIONS = {
  tensorflow: [
    'tensorflow',
    'tensorflow-macos',
    'tensorflow-cpu',
    'tensorflow-gpu',
    'tensorflow-intel',
    'tensorflow-rocm',
    'tensorflow-cpu-aws',
    'intel-tensorflow',
    'tf-nightly',
    'tf-nightly-cpu',
    'tf-nightly-macos',
  ],
  pytorch: ['torch', 'torch-nightly', 'pytorch'],
  jax: ['jax'],
  mlx: ['mlx'],
  onnxruntime: [
    'onnxruntime',
    'onnxruntime-gpu',
    'onnxruntime-silicon',
    'onnxruntime-openvino',
    'onnxruntime-directml',
    'onnxruntime-training',
    'ort-nightly',
  ],
} as const satisfies Readonly<Record<string, readonly string[]>>;

/** Parts and plugins of a framework: alone they do nothing, and are checked with it. */
export const PLUGINS = {
  tensorflow: ['tensorflow-metal'],
  jax: [
    'jaxlib',
    'jax-metal',
    'jax-mps',
    'metaljax',
    'jax-cuda12-plugin',
    'jax-cuda12-pjrt',
    'jax-cuda13-plugin',
    'jax-cuda13-pjrt',
  ],
  mlx: ['mlx-metal', 'mlx-cpu', 'mlx-cuda', 'mlx-cuda-12', 'mlx-cuda-13'],
} as const satisfies Readonly<Partial<Record<keyof typeof DISTRIBUTIONS, readonly string[]>>>;

/** Packages that have to fit a framework beside them. */
export const COMPANIONS = [
  'keras',
  'tf-keras',
  'numpy',
  'protobuf',
  'transformers',
  'torchvision',
  'torchaudio',
] as const;

/** What a name alone says of a build: `tensorflow-rocm` reaches AMD GPUs, Intel's run on the CPU. */
export function namedBuild(distribution: string): 'cpu' | 'rocm' | undefined {
  if (distribution.includes('rocm')) return 'rocm';
  return /cpu|intel/.test(distribution) ? 'cpu' : undefined;
}
