import type { RuleFix } from '../../frameworks/faults/fix.js';
import { outside } from './ranges.js';
import type { Rule } from './types.js';

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

const onMac = { machine: 'apple-silicon', jax: 'present' } as const;
const noPlugin = { 'jax-metal': 'absent', 'jax-mps': 'absent', metaljax: 'absent' } as const;

/** JAX on a Mac: with which plugin it reaches the GPU. */
export const JAX_MAC_RULES: readonly Rule[] = [
  {
    id: 'jax-rosetta',
    topic: 'jax',
    when: { ...onMac, interpreter: 'x86_64' },
    effect: 'cpu-only',
    text: 'JAX {jax} for x86_64 runs under Rosetta, on the CPU: its x86_64 wheels for macOS ended with 0.4.38.',
    fixes: [
      { ...JAX_MPS, text: 'Install JAX and jax-mps into an environment with an arm64 Python.' },
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
    text: 'ENABLE_PJRT_COMPATIBILITY lets jax-metal run with a newer jaxlib; its results are not guaranteed to be correct.',
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
          text: 'Install matching releases.',
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
];
