import { UPDATE_DRIVER } from './driver-fixes.js';
import { accessRules, noGpuRules } from './nvidia-access.js';
import { outside } from './ranges.js';
import type { Rule, RuleFix } from './types.js';

const LAST_METAL: RuleFix = {
  text: 'Install the JAX that jax-metal 0.1.1 was made for.',
  pip: ['jax==0.4.35', 'jaxlib==0.4.35', 'jax-metal==0.1.1'],
  python: '>=3.10,<3.14',
};
const JAX_MPS: RuleFix = {
  text: 'Or install a successor such as jax-mps, and set JAX_PLATFORMS=mps.',
  pip: ['--upgrade', 'jax-mps', 'jax'],
  uninstall: ['{jax-metal-installed}'],
  python: '>=3.12',
};
const UPDATE_MACOS: RuleFix = { text: 'Update macOS.', command: 'softwareupdate --list' };
/** What a plugin that reaches the GPU has to show on a Mac. */
const MAC_NEEDS = ['interpreter', 'wheel', 'macos', 'requirements'] as const;

/** The table of Apple's project description, the newest release first. */
const METAL_RELEASES: readonly {
  readonly metal: string;
  readonly jaxlib: string;
  readonly macos: string;
  readonly conflict?: string;
}[] = [
  { metal: '0.1.1', jaxlib: '>=0.4.34', macos: '14.4' },
  { metal: '0.1.0', jaxlib: '>=0.4.26', macos: '14.4' },
  { metal: '0.0.7', jaxlib: '>=0.4.26', macos: '14.4' },
  {
    metal: '0.0.6',
    jaxlib: '>=0.4.22,<0.4.24',
    macos: '14.4',
    conflict: "Apple's page prints >0.4.24 as the end of the range",
  },
  { metal: '0.0.5', jaxlib: '>=0.4.20,<0.4.22', macos: '14.2' },
  { metal: '0.0.4', jaxlib: '==0.4.11', macos: '14.0' },
  { metal: '0.0.3', jaxlib: '==0.4.10', macos: '13.4.1' },
];

const metalRules = METAL_RELEASES.flatMap((release): Rule[] => [
  {
    id: `jax-metal-${release.metal}-jaxlib`,
    topic: 'jax',
    when: { 'jax-metal': `==${release.metal}`, jaxlib: outside(release.jaxlib) },
    effect: 'fails',
    text: `jax-metal ${release.metal} needs jaxlib ${release.jaxlib}; this environment has {jaxlib}.`,
    fixes: [LAST_METAL, JAX_MPS],
    sources: ['jaxmetal-pypi', 'jaxmetal-apple', 'pypi-data-jaxmetal'],
    ...(release.conflict && { conflict: release.conflict }),
  },
  {
    id: `jax-metal-${release.metal}-macos`,
    when: { 'jax-metal': `==${release.metal}`, macos: `<${release.macos}` },
    effect: 'fails',
    text: `jax-metal ${release.metal} needs macOS ${release.macos}; this is {macos}.`,
    fixes: [UPDATE_MACOS],
    sources: ['jaxmetal-pypi', 'jaxmetal-apple'],
  },
]);

/** The successors of jax-metal, one line of JAX each. */
const MPS_LINES = [
  { line: '0.9', jax: '>=0.9,<0.10' },
  { line: '0.10', jax: '>=0.10,<0.11' },
  { line: '0.11', jax: '>=0.11,<0.12' },
] as const;

/** Further plugins, of which little is known. */
const YOUNG_PLUGINS = ['metal-pjrt-plugin', 'jax-graft', 'applejax'] as const;

/** The first jaxlib with wheels for a Python. */
const PYTHONS = [
  { python: '3.12', jaxlib: '0.4.17' },
  { python: '3.13', jaxlib: '0.4.34' },
  { python: '3.14', jaxlib: '0.7.1' },
] as const;

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

const onMac = { machine: 'apple-silicon', jax: 'present' } as const;
const onNvidia = { gpu: 'nvidia', machine: 'linux', jax: 'present' } as const;
const noPlugin = { 'jax-metal': 'absent', 'jax-mps': 'absent', metaljax: 'absent' } as const;
const noCuda = {
  'jax-cuda12-plugin': 'absent',
  'jax-cuda13-plugin': 'absent',
} as const;
const jax = {
  id: 'jax',
  topic: 'jax',
  fact: 'jax',
  name: 'JAX',
  gpuBuild: { 'jax-cuda': 'present' },
} as const;

const withPlugin = (cuda: string): RuleFix => ({
  text: 'Install it with its CUDA plugin.',
  pip: ['--upgrade', `jax[cuda${cuda}]`],
  conda: ['jaxlib=*=cuda*', 'jax'],
  python: '>=3.11',
});

export const JAX_RULES: readonly Rule[] = [
  {
    id: 'jax-jaxlib-newer',
    topic: 'jax',
    when: { jax: 'present', 'jaxlib-fit': 'newer' },
    effect: 'fails',
    text: 'jaxlib {jaxlib} is newer than JAX {jax}: import jax refuses the pair.',
    fixes: [{ text: 'Install the jaxlib of this JAX.', pip: ['jax=={jax}', 'jaxlib=={jax}'] }],
    sources: ['jax-plugin-check'],
  },
  {
    id: 'jax-rosetta',
    topic: 'jax',
    when: { ...onMac, interpreter: 'x86_64' },
    effect: 'cpu-only',
    text: 'JAX {jax} for x86_64 runs under Rosetta, on the CPU: its x86_64 wheels for macOS ended with 0.4.38.',
    fixes: [
      { ...JAX_MPS, text: 'Install JAX and jax-mps into an environment of an arm64 Python.' },
    ],
    sources: ['jax-tags'],
  },
  ...metalRules,
  {
    id: 'jax-metal-newer-jax',
    topic: 'jax',
    when: { 'jax-metal': '==0.1.1', jax: '>=0.5.1' },
    effect: 'fails',
    text: 'jax-metal 0.1.1 fails with JAX {jax} ("default_memory_space is not supported"); 0.5.0 is the last that works.',
    fixes: [LAST_METAL, JAX_MPS],
    sources: ['jax-issue-27062', 'jax-issue-27146'],
  },
  {
    id: 'jax-metal-works',
    topic: 'jax',
    when: { ...onMac, 'jax-metal': '==0.1.1', jax: '>=0.4.34,<0.5.1' },
    effect: 'works',
    text: 'JAX {jax} reaches the GPU through jax-metal {jax-metal}',
    sources: ['jaxmetal-pypi', 'jax-issue-27062'],
    needs: MAC_NEEDS,
  },
  {
    id: 'jax-metal-older',
    topic: 'jax',
    when: { ...onMac, 'jax-metal': '<0.1.1' },
    effect: 'works',
    text: "JAX {jax} reaches the GPU through jax-metal {jax-metal}, by Apple's table",
    sources: ['jaxmetal-pypi'],
    needs: MAC_NEEDS,
  },
  {
    id: 'jax-metal-end-of-life',
    when: { 'jax-metal': 'present' },
    effect: 'limit',
    text: 'jax-metal is no longer maintained: its newest release is of October 2024, and JAX itself says that Mac GPUs are not supported. jax-mps is a successor.',
    sources: ['jax-docs', 'pypi-list'],
  },
  {
    id: 'jax-metal-compatibility-variable',
    when: { 'jax-metal': 'present', 'env:ENABLE_PJRT_COMPATIBILITY': 'present' },
    effect: 'hazard',
    text: 'ENABLE_PJRT_COMPATIBILITY lets jax-metal run with a newer jaxlib; nobody promises that its numbers are right.',
    fixes: [{ text: 'Unset it.', command: 'unset ENABLE_PJRT_COMPATIBILITY' }],
    sources: ['jaxmetal-pypi'],
  },
  {
    id: 'jax-metal-float64',
    when: { machine: 'apple-silicon', jax: 'present', 'jax-metal': 'present' },
    effect: 'limit',
    text: 'float64 does not work on jax-metal: Metal has no 64-bit floating point.',
    sources: ['jax-mps-readme'],
  },
  ...MPS_LINES.flatMap(({ line, jax: range }): Rule[] => [
    {
      id: `jax-mps-${line}`,
      topic: 'jax',
      when: { ...onMac, jax: range, 'jax-mps': `==${line}.*` },
      effect: 'works',
      text: 'JAX {jax} reaches the GPU through jax-mps {jax-mps}',
      sources: ['jax-mps-readme'],
      needs: MAC_NEEDS,
    },
    {
      id: `jax-mps-${line}-other-jax`,
      topic: 'jax',
      when: { jax: outside(range), 'jax-mps': `==${line}.*` },
      effect: 'fails',
      text: `jax-mps {jax-mps} is for JAX ${range}; this environment has {jax}.`,
      fixes: [
        {
          text: 'Install the releases that belong together.',
          pip: ['--upgrade', 'jax-mps', 'jax', 'jaxlib'],
          python: '>=3.12',
        },
      ],
      sources: ['jax-mps-readme'],
    },
  ]),
  {
    id: 'metaljax-works',
    topic: 'jax',
    when: { ...onMac, jax: '==0.11.*', metaljax: 'present', macos: '>=14', python: '>=3.12' },
    effect: 'works',
    text: 'JAX {jax} reaches the GPU through metaljax {metaljax}',
    sources: ['metaljax'],
    needs: MAC_NEEDS,
  },
  {
    id: 'metaljax-requirements',
    topic: 'jax',
    when: { ...onMac, metaljax: 'present' },
    effect: 'fails',
    text: 'metaljax {metaljax} needs JAX 0.11, Python 3.12 and macOS 14; this is JAX {jax}, Python {python} and macOS {macos}.',
    fixes: [
      {
        text: 'Install the JAX that it is for.',
        pip: ['jax==0.11.*', 'metaljax'],
        python: '>=3.12',
      },
    ],
    sources: ['metaljax'],
  },
  ...YOUNG_PLUGINS.map(
    (name): Rule => ({
      id: `jax-${name}`,
      topic: 'jax',
      when: { ...onMac, [name]: 'present' },
      effect: 'unknown',
      text: `JAX {jax} may reach the GPU through ${name} {${name}}: too little is known about it.`,
      fixes: [{ text: 'Ask JAX itself.', command: 'mpsbench verify --probe jax' }],
      sources: ['pypi-list'],
    }),
  ),
  {
    id: 'jax-mac-cpu',
    topic: 'jax',
    when: { ...onMac, ...noPlugin },
    effect: 'cpu-only',
    text: 'JAX {jax} runs on the CPU: it has no support of its own for Mac GPUs.',
    fixes: [{ ...JAX_MPS, text: 'Install the plugin jax-mps, and set JAX_PLATFORMS=mps.' }],
    sources: ['jax-docs', 'jax-mps-readme'],
  },
  ...accessRules(jax),
  {
    id: 'jax-plugin-other-release',
    topic: 'jax',
    when: { ...onNvidia, 'jax-plugin-fit': 'other' },
    effect: 'cpu-only',
    text: '{jax-plugin} does not match jaxlib {jaxlib}: JAX does not load the plugin, or crashes in it.',
    fixes: [
      {
        text: 'Install the releases that belong together.',
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
        text: 'Install one set of them.',
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
