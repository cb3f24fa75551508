import { type RuleFix, UPDATE_DRIVER } from '../../frameworks/faults/fix.js';
import { outside } from './ranges.js';
import type { Rule } from './types.js';

/** JAX's own table: what a plugin for a CUDA major version needs. */
const CUDA = [
  { cuda: '12', driver: '525.60.13', capability: '5.2', since: 'Maxwell' },
  { cuda: '13', driver: '580', capability: '7.5', since: 'Turing' },
] as const;

/** The cuDNN that a release declares for its plugin; the first range that fits counts. */
const CUDNN = [
  { id: '9.8', jax: '>=0.6', cudnn: '>=9.8,<10' },
  { id: '9.0', jax: '>=0.4.29,<0.6', cudnn: '>=9.0,<10' },
  { id: '8.9', jax: '>=0.4.26,<0.4.29', cudnn: '>=8.9,<9' },
] as const;

const onNvidia = { gpu: 'nvidia', machine: 'linux', jax: 'present' } as const;
const noCuda = {
  'jax-cuda12-plugin': 'absent',
  'jax-cuda13-plugin': 'absent',
} as const;
const withPlugin = (cuda: string): RuleFix => ({
  text: 'Install it with its CUDA plugin.',
  pip: ['--upgrade', `jax[cuda${cuda}]`],
  conda: ['jaxlib=*=cuda*', 'jax'],
  python: '>=3.11',
});

/** JAX on an NVIDIA GPU: its plugin, driver, libraries and GPU. */
export const JAX_CUDA_RULES: readonly Rule[] = [
  {
    id: 'jax-plugin-other-release',
    topic: 'jax',
    when: { ...onNvidia, 'jax-plugin-fit': 'other' },
    effect: 'cpu-only',
    text: '{jax-plugin} does not match jaxlib {jaxlib}: JAX does not load the plugin, or crashes in it.',
    fixes: [
      {
        text: 'Install matching releases.',
        pip: ['jax[cuda{jax-plugin-cuda}]=={jaxlib}', 'jaxlib=={jaxlib}'],
      },
    ],
    sources: ['jax-plugin-check', 'jax-issue-24901'],
  },
  ...CUDA.flatMap(({ cuda, driver, capability, since }): Rule[] => [
    {
      id: `jax-cuda${cuda}-driver`,
      topic: 'jax',
      when: { ...onNvidia, 'jax-cuda': `==${cuda}.*`, driver: `<${driver}` },
      effect: 'fails',
      text: `JAX {jax} for CUDA ${cuda} needs the NVIDIA driver ${driver}; this is {driver}.`,
      fixes: [
        ...(cuda === '13'
          ? [
              {
                ...withPlugin('12'),
                text: 'Install the plugin for CUDA 12, which this driver runs.',
                uninstall: ['jax-cuda13-plugin', 'jax-cuda13-pjrt'],
              },
            ]
          : []),
        ...(cuda === '12'
          ? [{ text: 'Without root: run JAX on the CPU.', command: 'export JAX_PLATFORMS=cpu' }]
          : []),
        UPDATE_DRIVER,
      ],
      sources: ['jax-docs', 'nvidia-minor'],
    },
    {
      id: `jax-cuda${cuda}-old-gpu`,
      topic: 'jax',
      when: { ...onNvidia, 'jax-cuda': `==${cuda}.*`, 'gpu-capability': `<${capability}` },
      effect: 'fails',
      text: `JAX for CUDA ${cuda} needs a GPU of ${since} or newer; this is {gpu-model} ({gpu-sm}).`,
      fixes:
        cuda === '13'
          ? [
              {
                ...withPlugin('12'),
                text: 'Install the plugin for CUDA 12, which runs on older GPUs.',
                uninstall: ['jax-cuda13-plugin', 'jax-cuda13-pjrt'],
              },
            ]
          : [
              {
                text: 'Run JAX on the CPU: no release for this GPU is left.',
                command: 'export JAX_PLATFORMS=cpu',
              },
            ],
      sources: ['jax-docs'],
    },
    ...CUDNN.filter(({ cudnn }) => cuda === '12' || cudnn.startsWith('>=9.8')).map(
      ({ id, jax: range, cudnn }): Rule => ({
        id: `jax-cuda${cuda}-cudnn-${id}`,
        topic: 'jax',
        when: {
          ...onNvidia,
          jax: range,
          [`jax-cuda${cuda}-plugin`]: 'present',
          [`nvidia-cudnn-cu${cuda}`]: outside(cudnn),
        },
        effect: 'fails',
        text: `JAX {jax} needs cuDNN ${cudnn}; this environment has {nvidia-cudnn-cu${cuda}}.`,
        fixes: [
          { text: 'Install the cuDNN that it needs.', pip: [`nvidia-cudnn-cu${cuda}${cudnn}`] },
        ],
        sources: ['jax-docs', 'jax-tags'],
      }),
    ),
  ]),
  {
    id: 'jax-old-nvjitlink',
    topic: 'jax',
    when: { ...onNvidia, 'jax-cuda': '==12.*', 'cuda-mix': 'old-nvjitlink' },
    effect: 'fails',
    text: 'nvidia-nvjitlink-cu12 {nvidia-nvjitlink-cu12} is older than the other CUDA libraries ({cuda-mix-words}): cuSPARSE does not load, and JAX {jax} falls back to the CPU.',
    fixes: [
      {
        text: 'Update it with the others.',
        pip: ['--upgrade', 'nvidia-nvjitlink-cu12', 'nvidia-cusparse-cu12', 'nvidia-cusolver-cu12'],
      },
    ],
    sources: ['jax-issue-18027', 'jax-pr-18062'],
  },
  {
    id: 'jax-mixed-cuda',
    when: { ...onNvidia, 'jax-cuda': '==12.*', 'cuda-mix': 'mixed' },
    effect: 'hazard',
    text: 'CUDA libraries of different minor versions ({cuda-mix-words}): JAX may fail to load them, or warn that ptxas is newer than the driver (one report).',
    fixes: [
      {
        text: 'Install one matching set.',
        pip: ['--upgrade', '--upgrade-strategy=eager', 'jax[cuda12]=={jax}'],
      },
    ],
    sources: ['jax-issue-28929'],
  },
  {
    id: 'jax-cuda-works',
    topic: 'jax',
    when: { ...onNvidia, 'jax-cuda': 'present', 'jax-plugin': 'present' },
    effect: 'works',
    text: 'JAX {jax} reaches the NVIDIA GPU through its CUDA {jax-cuda} plugin',
    sources: ['jax-docs'],
    needs: [
      'interpreter',
      'wheel',
      'driver',
      'jax-gpu-code',
      'jax-libraries-words',
      'requirements',
    ],
  },
  {
    id: 'jax-cuda-jaxlib',
    topic: 'jax',
    when: { ...onNvidia, 'jax-cuda': 'present' },
    effect: 'works',
    text: 'JAX {jax} reaches the NVIDIA GPU: its jaxlib was built for CUDA {jax-cuda}',
    sources: ['jax-docs', 'conda-forge-jaxlib'],
    needs: [
      'interpreter',
      'wheel',
      'driver',
      'jax-gpu-code',
      'jax-libraries-words',
      'requirements',
    ],
  },
  {
    id: 'jax-linux-cpu-driver-580',
    topic: 'jax',
    when: { ...onNvidia, ...noCuda, driver: '>=580', 'gpu-capability': '>=7.5' },
    effect: 'cpu-only',
    text: 'JAX {jax} runs on the CPU: its CUDA plugin is not installed.',
    fixes: [withPlugin('13')],
    sources: ['jax-docs'],
  },
  {
    id: 'jax-linux-cpu',
    topic: 'jax',
    when: { ...onNvidia, ...noCuda },
    effect: 'cpu-only',
    text: 'JAX {jax} runs on the CPU: its CUDA plugin is not installed.',
    fixes: [withPlugin('12')],
    sources: ['jax-docs'],
  },
];
