import { JAX_CUDA_RULES } from './jax-cuda.js';
import { JAX_MAC_RULES } from './jax-mac.js';
import { accessRules, noGpuRules } from './nvidia-access.js';
import type { Rule } from './types.js';

/** The first jaxlib with wheels for a Python. */
const PYTHONS = [
  { python: '3.12', jaxlib: '0.4.17' },
  { python: '3.13', jaxlib: '0.4.34' },
  { python: '3.14', jaxlib: '0.7.1' },
] as const;

const jax = {
  id: 'jax',
  topic: 'jax',
  fact: 'jax',
  name: 'JAX',
  check: 'jax',
  gpuBuild: { 'jax-cuda': 'present' },
} as const;

export const JAX_RULES: readonly Rule[] = [
  {
    id: 'jax-jaxlib-newer',
    topic: 'jax',
    when: { jax: 'present', 'jaxlib-fit': 'newer' },
    effect: 'fails',
    text: 'jaxlib {jaxlib} is newer than JAX {jax}: import jax fails.',
    fixes: [{ text: 'Install the jaxlib of this JAX.', pip: ['jax=={jax}', 'jaxlib=={jax}'] }],
    sources: ['jax-plugin-check'],
  },
  ...JAX_MAC_RULES,
  ...accessRules(jax),
  ...JAX_CUDA_RULES,
  ...noGpuRules(jax),
  ...PYTHONS.map(
    ({ python, jaxlib }): Rule => ({
      id: `jaxlib-python-${python}`,
      when: { python: `==${python}.*`, jaxlib: `<${jaxlib}` },
      effect: 'undeclared',
      text: `jaxlib {jaxlib} has no wheels for Python ${python}: they begin with ${jaxlib}.`,
      fixes: [{ text: 'Update JAX.', pip: [`jax>=${jaxlib}`, `jaxlib>=${jaxlib}`] }],
      sources: ['jax-tags'],
    }),
  ),
];
