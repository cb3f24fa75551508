import { METAL_PAIR, REMOVE_METAL } from './recommended.js';
import { METAL_PAIR_RULES } from './tensorflow-metal-pairs.js';
import type { Rule } from './types.js';

const MAC = 'apple-silicon|intel-mac';

/** The plugin for a TensorFlow without one, and the Pythons that both have wheels for. */
const PARTNERS = [
  { id: '2.18', tensorflow: '>=2.18,<2.20', metal: '1.2.0', python: '>=3.9,<3.13' },
  { id: '2.16', tensorflow: '>=2.16,<2.18', metal: '1.2.0', python: '>=3.9,<3.13' },
  { id: '2.14', tensorflow: '>=2.14,<2.16', metal: '1.1.0', python: '>=3.9,<3.12' },
  { id: '2.13', tensorflow: '==2.13.*', metal: '1.0.1', python: '>=3.8,<3.12' },
  { id: '2.12', tensorflow: '==2.12.*', metal: '0.8.0', python: '>=3.8,<3.12' },
  { id: '2.10', tensorflow: '==2.10.*', metal: '0.6.0', python: '>=3.8,<3.11' },
  { id: '2.9', tensorflow: '==2.9.*', metal: '0.5.0', python: '>=3.8,<3.11' },
] as const;

/** Until 2.12 the wheels for arm64 had a name of their own. */
const NAME_UNTIL_2_12: readonly string[] = ['2.12', '2.10', '2.9'];

/** TensorFlow on a Mac: with which release of Apple's plugin it reaches the GPU. */
export const TENSORFLOW_METAL_RULES: readonly Rule[] = [
  {
    id: 'tensorflow-rosetta',
    topic: 'tensorflow',
    when: { machine: 'apple-silicon', interpreter: 'x86_64', tensorflow: 'present' },
    effect: 'fails',
    text: 'TensorFlow {tensorflow} for x86_64 under Rosetta can die with an illegal instruction (AVX), and tensorflow-metal has had no x86_64 wheel since 1.0.0.',
    fixes: [METAL_PAIR],
    sources: ['tf-issue-58339', 'tf-docs-pip', 'pypi-data-tfmetal'],
    confidence: 'medium',
  },
  ...METAL_PAIR_RULES,
  {
    id: 'tensorflow-2.20-no-plugin',
    topic: 'tensorflow',
    when: { tensorflow: '>=2.20', 'tensorflow-metal': '<=1.2.0' },
    effect: 'fails',
    text: 'No release of tensorflow-metal loads with TensorFlow 2.20 or newer: import tensorflow {tensorflow} fails.',
    fixes: [METAL_PAIR, REMOVE_METAL],
    sources: ['tfmetal-matrix-2025', 'third-220-fail', 'third-221-fail', 'tf-pr-126384'],
    confidence: 'high',
  },
  {
    id: 'tensorflow-2.18-metal-1.1',
    topic: 'tensorflow',
    when: { tensorflow: '>=2.18,<2.20', 'tensorflow-metal': '<1.1.0' },
    effect: 'fails',
    text: 'tensorflow-metal {tensorflow-metal} does not load with TensorFlow {tensorflow}: import tensorflow fails (a LogMessage symbol is not found).',
    fixes: [
      { text: 'Install the release that does.', pip: ['tensorflow-metal==1.2.0'] },
      REMOVE_METAL,
    ],
    sources: ['tf-issue-84167', 'tfmetal-matrix-2025'],
    confidence: 'high',
  },
  {
    id: 'tensorflow-metal-unlisted',
    topic: 'tensorflow',
    when: { machine: MAC, tensorflow: 'present', 'tensorflow-metal': 'present' },
    effect: 'hazard',
    text: "No report and no row of Apple's table speaks of TensorFlow {tensorflow} with tensorflow-metal {tensorflow-metal}; pip checks no pair.",
    fixes: [METAL_PAIR],
    sources: ['tfmetal-setup-1.2.0', 'tfmetal-matrix-2025'],
    confidence: 'low',
  },
  {
    id: 'tensorflow-metal-alone',
    topic: 'tensorflow',
    when: { tensorflow: 'absent', 'tensorflow-metal': 'present' },
    effect: 'hazard',
    text: 'tensorflow-metal {tensorflow-metal} is installed without TensorFlow: it depends on none, so pip installs none.',
    fixes: [METAL_PAIR],
    sources: ['tfmetal-setup-1.2.0', 'pypi-data-tfmetal'],
    confidence: 'high',
  },
  {
    id: 'tensorflow-2.20-cpu',
    topic: 'tensorflow',
    when: { machine: MAC, tensorflow: '>=2.20', 'tensorflow-metal': 'absent' },
    effect: 'cpu-only',
    text: 'TensorFlow {tensorflow} runs on the CPU: no release of tensorflow-metal loads with 2.20 or newer, and Apple has made none since 1.2.0.',
    fixes: [METAL_PAIR],
    sources: ['tf-pr-126380', 'tf-pr-126384', 'tfmetal-matrix-2025', 'pypi-list'],
    confidence: 'high',
  },
  ...PARTNERS.map(
    ({ id, tensorflow, metal, python }): Rule => ({
      id: `tensorflow-${id}-without-metal`,
      topic: 'tensorflow',
      when: { machine: 'apple-silicon', tensorflow, 'tensorflow-metal': 'absent' },
      effect: 'cpu-only',
      text: `TensorFlow {tensorflow} runs on the CPU: tensorflow-metal is not installed.`,
      fixes: [
        {
          text: "Install Apple's plugin for it.",
          pip: [
            `${NAME_UNTIL_2_12.includes(id) ? 'tensorflow-macos' : 'tensorflow'}=={tensorflow}`,
            `tensorflow-metal==${metal}`,
          ],
          python,
        },
      ],
      sources: ['apple-tf-page', 'tfmetal-setup-1.2.0', 'tfmetal-matrix-2025'],
      confidence: 'high',
    }),
  ),
  {
    id: 'tensorflow-mac-cpu',
    topic: 'tensorflow',
    when: { machine: MAC, tensorflow: 'present', 'tensorflow-metal': 'absent' },
    effect: 'cpu-only',
    text: 'TensorFlow {tensorflow} runs on the CPU: tensorflow-metal is not installed.',
    fixes: [METAL_PAIR],
    sources: ['apple-tf-page', 'tf-docs-pip', 'conda-forge-tf'],
    confidence: 'high',
  },
  {
    id: 'tensorflow-metal-macos-12.0',
    when: { macos: '<12.0', 'tensorflow-metal': 'present' },
    effect: 'fails',
    text: 'tensorflow-metal needs macOS 12.0; this is {macos}.',
    fixes: [{ text: 'Update macOS.' }],
    sources: ['apple-tf-page', 'tfmetal-setup-1.2.0'],
    confidence: 'high',
  },
  {
    id: 'tensorflow-metal-macos-12.1',
    when: { macos: '>=12.0,<12.1', 'tensorflow-metal': '>=0.5.0' },
    effect: 'fails',
    text: 'tensorflow-metal {tensorflow-metal} needs macOS 12.1; this is {macos}.',
    fixes: [{ text: 'Update macOS.' }],
    sources: ['tfmetal-setup-1.2.0'],
    confidence: 'high',
  },
  {
    id: 'tensorflow-metal-relu',
    topic: 'tensorflow-relu',
    when: { tensorflow: '>=2.16,<2.18', 'tensorflow-metal': '==1.2.0' },
    effect: 'wrong-results',
    text: 'In compiled graphs on the GPU, tensorflow-metal {tensorflow-metal} leaves out the ReLU after a dense layer (fused MatMul + BiasAdd + ReLU or ReLU6): negative values come through, without an error. Eager calls are right.',
    fixes: [
      {
        text: 'Run eagerly (run_eagerly=True in compile), or write tf.maximum(x, 0) instead of relu.',
      },
    ],
    sources: ['apple-forum-818015', 'tf-issue-62137'],
    confidence: 'high',
  },
  {
    id: 'tensorflow-metal-relu-range',
    topic: 'tensorflow-relu',
    when: { tensorflow: '>=2.14,<2.20', 'tensorflow-metal': '>=1.1.0,<=1.2.0' },
    effect: 'wrong-results',
    text: 'In compiled graphs on the GPU, tensorflow-metal {tensorflow-metal} may leave out the ReLU after a dense layer (fused MatMul + BiasAdd + ReLU or ReLU6): shown for TensorFlow 2.16 and 2.17 with 1.2.0, likely for this pair.',
    fixes: [
      {
        text: 'Run eagerly (run_eagerly=True in compile), or write tf.maximum(x, 0) instead of relu.',
      },
    ],
    sources: ['apple-forum-818015', 'tf-issue-62137'],
    confidence: 'medium',
  },
  {
    id: 'tensorflow-metal-keras-3',
    when: {
      tensorflow: '>=2.16,<2.20',
      'tensorflow-metal': '>=1.1.0',
      keras: '>=3',
      'env:TF_USE_LEGACY_KERAS': 'absent',
    },
    effect: 'hazard',
    text: 'Keras {keras} on tensorflow-metal: users report wrong training and no speed-up, which the older Keras does not show.',
    fixes: [
      {
        text: 'Install the older Keras, and set TF_USE_LEGACY_KERAS=1.',
        pip: ['tf-keras=={tensorflow-series}.*'],
      },
    ],
    sources: ['tf-issue-63854', 'rstudio-tf', 'tf-2161-notes'],
    confidence: 'medium',
  },
  {
    id: 'tensorflow-metal-xla',
    when: { tensorflow: '<2.20', 'tensorflow-metal': 'present' },
    effect: 'limit',
    text: 'jit_compile=True (XLA) does not work on the Metal device.',
    sources: ['tfmetal-matrix-2025', 'keras-src'],
    confidence: 'high',
  },
  {
    id: 'tensorflow-metal-float64',
    when: { 'tensorflow-metal': 'present' },
    effect: 'limit',
    text: 'float64 stays on the CPU: Metal has no 64-bit floating point.',
    sources: ['jax-mps-readme'],
    confidence: 'medium',
  },
  {
    id: 'tensorflow-metal-stateless-random',
    when: { tensorflow: '<2.20', 'tensorflow-metal': '==1.2.0' },
    effect: 'limit',
    text: 'tf.random.stateless_uniform of int32 fails with the plugin installed.',
    sources: ['rstudio-tf'],
    confidence: 'medium',
  },
  {
    id: 'tensorflow-metal-ctc',
    when: { tensorflow: '==2.18.1', 'tensorflow-metal': '==1.2.0' },
    effect: 'limit',
    text: 'CTC loss was seen to give NaN on the GPU: place that op on the CPU.',
    sources: ['third-2181-ok'],
    confidence: 'low',
  },
];
