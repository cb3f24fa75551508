import { outside } from './ranges.js';
import { UPDATE_DRIVER } from './recommended.js';
import type { Confidence, Rule, RuleFix } from './types.js';

const LAST_METAL: RuleFix = {
  text: 'Install the JAX that jax-metal 0.1.1 was made for.',
  pip: ['jax==0.4.35', 'jaxlib==0.4.35', 'jax-metal==0.1.1'],
  python: '>=3.10,<3.14',
};
const JAX_MPS: RuleFix = {
  text: 'Or install one of its successors, such as jax-mps, and set JAX_PLATFORMS=mps.',
  pip: ['jax-mps'],
  python: '>=3.11',
};

interface MetalRelease {
  readonly metal: string;
  readonly jaxlib: string;
  readonly macos: string;
  readonly confidence: Confidence;
  readonly conflict?: string;
}

/** The table of Apple's project description, the newest release first. */
const METAL_RELEASES: readonly MetalRelease[] = [
  { metal: '0.1.1', jaxlib: '>=0.4.34', macos: '14.4', confidence: 'high' },
  { metal: '0.1.0', jaxlib: '>=0.4.26', macos: '14.4', confidence: 'medium' },
  { metal: '0.0.7', jaxlib: '>=0.4.26', macos: '14.4', confidence: 'medium' },
  {
    metal: '0.0.6',
    jaxlib: '>=0.4.22,<0.4.24',
    macos: '14.4',
    confidence: 'high',
    conflict: "Apple's page prints >0.4.24 as the end of the range",
  },
  { metal: '0.0.5', jaxlib: '>=0.4.20,<0.4.22', macos: '14.2', confidence: 'high' },
  { metal: '0.0.4', jaxlib: '==0.4.11', macos: '14.0', confidence: 'high' },
  { metal: '0.0.3', jaxlib: '==0.4.10', macos: '13.4.1', confidence: 'high' },
];

const metalRules = METAL_RELEASES.flatMap((release): Rule[] => [
  {
    id: `jax-metal-${release.metal}-jaxlib`,
    topic: 'jax-metal',
    when: { 'jax-metal': `==${release.metal}`, jaxlib: outside(release.jaxlib) },
    effect: 'fails',
    text: `jax-metal ${release.metal} needs jaxlib ${release.jaxlib}; this environment has {jaxlib}.`,
    fixes: [LAST_METAL, JAX_MPS],
    sources: ['jaxmetal-pypi', 'jaxmetal-apple', 'pypi-data-jaxmetal'],
    confidence: release.confidence,
    ...(release.conflict && { conflict: release.conflict }),
  },
  {
    id: `jax-metal-${release.metal}-macos`,
    when: { 'jax-metal': `==${release.metal}`, macos: `<${release.macos}` },
    effect: 'fails',
    text: `jax-metal ${release.metal} needs macOS ${release.macos}; this is {macos}.`,
    fixes: [{ text: 'Update macOS.' }],
    sources: ['jaxmetal-pypi', 'jaxmetal-apple'],
    confidence: release.confidence,
  },
]);

/** The successors of jax-metal, one line of JAX each. */
const MPS_LINES = [
  { line: '0.9', jax: '>=0.9,<0.10', confidence: 'high' },
  { line: '0.10', jax: '>=0.10,<0.11', confidence: 'high' },
  { line: '0.11', jax: '>=0.11,<0.12', confidence: 'medium' },
] as const;

/** Further plugins, of which little is known. */
const YOUNG_PLUGINS = ['metal-pjrt-plugin', 'jax-graft', 'applejax'] as const;

/** The first jaxlib with wheels for a Python. */
const PYTHONS = [
  { python: '3.12', jaxlib: '0.4.17' },
  { python: '3.13', jaxlib: '0.4.34' },
  { python: '3.14', jaxlib: '0.7.1' },
] as const;

const CUDA = [
  { plugin: 'jax-cuda12-plugin', cuda: '12', driver: '525', cudnn: 'nvidia-cudnn-cu12' },
  { plugin: 'jax-cuda13-plugin', cuda: '13', driver: '580', cudnn: 'nvidia-cudnn-cu13' },
] as const;

const onMac = { machine: 'apple-silicon', jax: 'present' } as const;
const onNvidia = { gpu: 'nvidia', machine: 'linux', jax: 'present' } as const;
const noPlugin = {
  'jax-metal': 'absent',
  'jax-mps': 'absent',
  metaljax: 'absent',
} as const;

export const JAX_RULES: readonly Rule[] = [
  {
    id: 'jax-rosetta',
    topic: 'jax',
    when: { ...onMac, interpreter: 'x86_64' },
    effect: 'cpu-only',
    text: 'JAX {jax} for x86_64 runs under Rosetta, away from the GPU: its x86_64 wheels for macOS ended with 0.4.38.',
    fixes: [
      { ...JAX_MPS, text: 'Install JAX and jax-mps into an environment of an arm64 Python.' },
    ],
    sources: ['jax-tags'],
    confidence: 'high',
  },
  ...metalRules,
  {
    id: 'jax-metal-newer-jax',
    topic: 'jax-metal',
    when: { 'jax-metal': '==0.1.1', jax: '>=0.4.36' },
    effect: 'fails',
    text: 'jax-metal 0.1.1 fails with newer JAX ("default_memory_space is not supported"): seen up to 0.10.0, here is {jax}.',
    fixes: [LAST_METAL, JAX_MPS],
    sources: ['jax-metal-err', 'jaxmetal-pypi'],
    confidence: 'medium',
  },
  {
    id: 'jax-metal-works',
    topic: 'jax-metal',
    when: { ...onMac, 'jax-metal': '==0.1.1', jax: '>=0.4.34,<0.4.36', jaxlib: '>=0.4.34' },
    effect: 'works',
    text: 'JAX {jax} reaches the GPU through jax-metal {jax-metal}.',
    sources: ['jaxmetal-pypi'],
    confidence: 'medium',
  },
  {
    id: 'jax-metal-end-of-life',
    when: { 'jax-metal': 'present' },
    effect: 'undeclared',
    text: 'jax-metal is no longer maintained: its newest release is of October 2024, and JAX itself says that Mac GPUs are not supported.',
    fixes: [
      { ...JAX_MPS, text: 'Change to a successor, such as jax-mps, and set JAX_PLATFORMS=mps.' },
    ],
    sources: ['jax-docs', 'pypi-list'],
    confidence: 'high',
  },
  {
    id: 'jax-metal-compatibility-variable',
    when: { 'jax-metal': 'present', 'env:ENABLE_PJRT_COMPATIBILITY': 'present' },
    effect: 'hazard',
    text: 'ENABLE_PJRT_COMPATIBILITY lets jax-metal run with a newer jaxlib; nobody promises that its numbers are right.',
    sources: ['jaxmetal-pypi'],
    confidence: 'high',
  },
  {
    id: 'jax-metal-float64',
    when: { machine: 'apple-silicon', jax: 'present', 'jax-metal': 'present' },
    effect: 'limit',
    text: 'float64 does not work on jax-metal: Metal has no 64-bit floating point.',
    sources: ['jax-mps-readme'],
    confidence: 'medium',
  },
  ...MPS_LINES.flatMap(({ line, jax, confidence }): Rule[] => [
    {
      id: `jax-mps-${line}`,
      topic: 'jax',
      when: { ...onMac, jax, 'jax-mps': `==${line}.*` },
      effect: 'works',
      text: 'JAX {jax} reaches the GPU through jax-mps {jax-mps}.',
      sources: ['jax-mps-readme'],
      confidence,
    },
    {
      id: `jax-mps-${line}-other-jax`,
      topic: 'jax',
      when: { jax: outside(jax), 'jax-mps': `==${line}.*` },
      effect: 'fails',
      text: `jax-mps {jax-mps} is for JAX ${jax}; this environment has {jax}.`,
      fixes: [
        {
          text: 'Install the release that goes with this JAX.',
          pip: ['--upgrade', 'jax-mps', 'jax'],
        },
      ],
      sources: ['jax-mps-readme'],
      confidence,
    },
  ]),
  {
    id: 'metaljax-works',
    topic: 'jax',
    when: { ...onMac, jax: '==0.11.*', metaljax: 'present', macos: '>=14', python: '>=3.12' },
    effect: 'works',
    text: 'JAX {jax} reaches the GPU through metaljax {metaljax}.',
    sources: ['metaljax'],
    confidence: 'high',
  },
  {
    id: 'metaljax-requirements',
    topic: 'jax',
    when: { ...onMac, metaljax: 'present' },
    effect: 'fails',
    text: 'metaljax {metaljax} needs JAX 0.11, Python 3.12 and macOS 14; here are JAX {jax}, Python {python} and macOS {macos}.',
    fixes: [
      {
        text: 'Install the JAX that it is for.',
        pip: ['jax==0.11.*', 'metaljax'],
        python: '>=3.12',
      },
    ],
    sources: ['metaljax'],
    confidence: 'high',
  },
  ...YOUNG_PLUGINS.map(
    (name): Rule => ({
      id: `jax-${name}`,
      topic: 'jax',
      when: { ...onMac, [name]: 'present' },
      effect: 'works',
      text: `JAX {jax} may reach the GPU through ${name} {${name}}: little is known of it.`,
      sources: ['pypi-list'],
      confidence: 'low',
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
    confidence: 'high',
  },
  ...CUDA.flatMap(({ plugin, cuda, driver, cudnn }): Rule[] => [
    {
      id: `jax-cuda${cuda}-driver`,
      topic: 'jax',
      when: { ...onNvidia, [plugin]: 'present', driver: `<${driver}` },
      effect: 'fails',
      text: `The CUDA ${cuda} plugin of JAX needs the NVIDIA driver ${driver}; this is {driver}.`,
      fixes: [UPDATE_DRIVER],
      sources: ['jax-docs'],
      confidence: 'high',
    },
    {
      id: `jax-cuda${cuda}-cudnn`,
      topic: 'jax',
      when: { ...onNvidia, [plugin]: 'present', [cudnn]: '<9.8 || >=10' },
      effect: 'fails',
      text: `The CUDA ${cuda} plugin of JAX needs cuDNN 9.8 to 9.x; this environment has {${cudnn}}.`,
      fixes: [{ text: 'Install the cuDNN that it needs.', pip: [`${cudnn}>=9.8,<10`] }],
      sources: ['jax-docs'],
      confidence: 'high',
    },
    {
      id: `jax-cuda${cuda}`,
      topic: 'jax',
      when: { ...onNvidia, [plugin]: 'present', driver: `>=${driver}` },
      effect: 'works',
      text: `JAX {jax} reaches the NVIDIA GPU through its CUDA ${cuda} plugin (driver {driver}).`,
      sources: ['jax-docs'],
      confidence: 'high',
    },
  ]),
  {
    id: 'jax-linux-cpu-driver-580',
    topic: 'jax',
    when: {
      ...onNvidia,
      'jax-cuda12-plugin': 'absent',
      'jax-cuda13-plugin': 'absent',
      driver: '>=580',
    },
    effect: 'cpu-only',
    text: 'JAX {jax} runs on the CPU: its CUDA plugin is not installed.',
    fixes: [{ text: 'Install it with its plugin.', pip: ['jax[cuda13]'], python: '>=3.11' }],
    sources: ['jax-docs'],
    confidence: 'high',
  },
  {
    id: 'jax-linux-cpu',
    topic: 'jax',
    when: { ...onNvidia, 'jax-cuda12-plugin': 'absent', 'jax-cuda13-plugin': 'absent' },
    effect: 'cpu-only',
    text: 'JAX {jax} runs on the CPU: its CUDA plugin is not installed.',
    fixes: [{ text: 'Install it with its plugin.', pip: ['jax[cuda12]'], python: '>=3.11' }],
    sources: ['jax-docs'],
    confidence: 'high',
  },
  ...PYTHONS.map(
    ({ python, jaxlib }): Rule => ({
      id: `jaxlib-python-${python}`,
      when: { python: `==${python}.*`, jaxlib: `<${jaxlib}` },
      effect: 'undeclared',
      text: `jaxlib {jaxlib} has no wheels for Python ${python}: they begin with ${jaxlib}.`,
      fixes: [{ text: 'Update JAX.', pip: [`jax>=${jaxlib}`, `jaxlib>=${jaxlib}`] }],
      sources: ['jax-tags'],
      confidence: 'high',
    }),
  ),
];
