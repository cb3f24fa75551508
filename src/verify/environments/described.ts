/**
 * The packages that a rule speaks of: only their METADATA and WHEEL are opened. The name of a
 * `*.dist-info` folder tells name and version of all others, without reading a file.
 */
const DESCRIBED: ReadonlySet<string> = new Set([
  'tensorflow',
  'tensorflow-cpu',
  'tensorflow-macos',
  'tensorflow-metal',
  'tensorflow-gpu',
  'tf-nightly',
  'keras',
  'tf-keras',
  'torch',
  'jax',
  'jaxlib',
  'jax-metal',
  'jax-mps',
  'metaljax',
  'mlx',
  'mlx-metal',
  'onnxruntime',
  'onnxruntime-gpu',
  'onnxruntime-silicon',
  'numpy',
]);

export function isDescribed(normalisedName: string): boolean {
  return DESCRIBED.has(normalisedName);
}
