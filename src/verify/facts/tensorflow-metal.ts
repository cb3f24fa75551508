import type { RuleFix } from '../../frameworks/faults/fix.js';
import {
  FIRST_KERAS_WITH_FUSED_RELU,
  INSTALL_NEWEST_PAIR,
  METAL_PAIR_RULES,
  METAL_PARTNERS,
  pairPackages,
  REMOVE_METAL,
} from './tensorflow-metal-pairs.js';
import type { Rule } from './types.js';

const MAC = 'apple-silicon|intel-mac';

const UPDATE_MACOS: RuleFix = { text: 'Update macOS.', command: 'softwareupdate --list' };

const OLDER_KERAS: RuleFix = {
  text: `Install Keras before ${FIRST_KERAS_WITH_FUSED_RELU}, which does not use the op.`,
  pip: [`keras<${FIRST_KERAS_WITH_FUSED_RELU}`],
};
const WITHOUT_RELU: RuleFix = {
  text: 'Or run eagerly (run_eagerly=True in compile), or write tf.maximum(x, 0) instead of relu.',
};

/** TensorFlow on a Mac: with which release of Apple's plugin it reaches the GPU. */
export const TENSORFLOW_METAL_RULES: readonly Rule[] = [
  {
    id: 'tensorflow-rosetta',
    topic: 'tensorflow',
    when: { machine: 'apple-silicon', interpreter: 'x86_64', tensorflow: 'present' },
    effect: 'fails',
    text: 'TensorFlow {tensorflow} for x86_64 under Rosetta can die with an illegal instruction (AVX), and tensorflow-metal has had no x86_64 wheel since 1.0.0.',
    fixes: [INSTALL_NEWEST_PAIR],
    sources: ['tf-issue-58339', 'tf-docs-pip', 'pypi-data-tfmetal'],
    inferred: true,
  },
  ...METAL_PAIR_RULES,
  {
    id: 'tensorflow-2.20-no-plugin',
    topic: 'tensorflow',
    when: { tensorflow: '>=2.20', 'tensorflow-metal': '<=1.2.0' },
    effect: 'fails',
    text: 'No release of tensorflow-metal loads with TensorFlow 2.20 or newer: import tensorflow {tensorflow} fails.',
    fixes: [INSTALL_NEWEST_PAIR, REMOVE_METAL],
    sources: ['tfmetal-matrix-2025', 'third-220-fail', 'third-221-fail', 'tf-pr-126384'],
  },
  {
    id: 'tensorflow-2.18-metal-1.1',
    topic: 'tensorflow',
    when: { tensorflow: '>=2.18,<2.20', 'tensorflow-metal': '<1.1.0' },
    effect: 'fails',
    text: 'tensorflow-metal {tensorflow-metal} does not load with TensorFlow {tensorflow}: import tensorflow fails (a LogMessage symbol is not found).',
    fixes: [INSTALL_NEWEST_PAIR, REMOVE_METAL],
    sources: ['tf-issue-84167', 'tfmetal-matrix-2025'],
  },
  {
    id: 'tensorflow-metal-unlisted',
    topic: 'tensorflow',
    when: { machine: MAC, tensorflow: 'present', 'tensorflow-metal': 'present' },
    effect: 'hazard',
    text: "Neither a report nor Apple's table covers TensorFlow {tensorflow} with tensorflow-metal {tensorflow-metal}, and pip checks no pair.",
    fixes: [INSTALL_NEWEST_PAIR],
    sources: ['tfmetal-setup-1.2.0', 'tfmetal-matrix-2025'],
    inferred: true,
  },
  {
    id: 'tensorflow-metal-alone',
    topic: 'tensorflow',
    when: { tensorflow: 'absent', 'tensorflow-metal': 'present' },
    effect: 'hazard',
    text: 'tensorflow-metal {tensorflow-metal} is installed without TensorFlow: it does not depend on it, so pip does not install it.',
    fixes: [INSTALL_NEWEST_PAIR],
    sources: ['tfmetal-setup-1.2.0', 'pypi-data-tfmetal'],
  },
  {
    id: 'tensorflow-2.20-cpu',
    topic: 'tensorflow',
    when: { machine: MAC, tensorflow: '>=2.20', 'tensorflow-metal': 'absent' },
    effect: 'cpu-only',
    text: 'TensorFlow {tensorflow} runs on the CPU: no release of tensorflow-metal loads with 2.20 or newer.',
    fixes: [INSTALL_NEWEST_PAIR],
    sources: ['tf-pr-126380', 'tf-pr-126384', 'tfmetal-matrix-2025', 'pypi-list'],
  },
  {
    id: 'tensorflow-intel-mac',
    topic: 'tensorflow',
    when: { machine: 'intel-mac', tensorflow: 'present', 'tensorflow-metal': 'absent' },
    effect: 'cpu-only',
    text: 'TensorFlow {tensorflow} runs on the CPU: tensorflow-metal has had no x86_64 wheel since 1.0.0.',
    fixes: [
      {
        text: 'Install the last plugin for Intel Macs, with the TensorFlow that it works with.',
        pip: ['tensorflow-macos==2.12.0', 'tensorflow-metal==0.8.0'],
        python: '>=3.8,<3.12',
      },
    ],
    sources: ['pypi-data-tfmetal', 'apple-tf-page'],
  },
  ...METAL_PARTNERS.map((partner): Rule => {
    const { series, python } = partner;
    const [framework = '', ...plugin] = pairPackages(partner);
    // The patch release that is installed stays, where the plugin's partner has the same name.
    const kept = framework.startsWith('tensorflow==') ? 'tensorflow=={tensorflow}' : framework;
    return {
      id: `tensorflow-${series}-without-metal`,
      topic: 'tensorflow',
      when: {
        machine: 'apple-silicon',
        tensorflow: `==${series}.*`,
        'tensorflow-metal': 'absent',
        'tensorflow-by-conda': 'absent',
      },
      effect: 'cpu-only',
      text: 'TensorFlow {tensorflow} runs on the CPU: tensorflow-metal is not installed.',
      fixes: [
        {
          text: "Install Apple's plugin for it.",
          pip: [kept, ...plugin],
          python,
        },
      ],
      sources: ['apple-tf-page', 'tfmetal-setup-1.2.0', 'tfmetal-matrix-2025'],
    };
  }),
  {
    id: 'tensorflow-mac-cpu',
    topic: 'tensorflow',
    when: { machine: MAC, tensorflow: 'present', 'tensorflow-metal': 'absent' },
    effect: 'cpu-only',
    text: 'TensorFlow {tensorflow} runs on the CPU: tensorflow-metal is not installed.',
    fixes: [INSTALL_NEWEST_PAIR],
    sources: ['apple-tf-page', 'tf-docs-pip', 'conda-forge-tf'],
  },
  {
    id: 'tensorflow-metal-macos-12.0',
    when: { macos: '<12.0', 'tensorflow-metal': 'present' },
    effect: 'fails',
    text: 'tensorflow-metal needs macOS 12.0; this is {macos}.',
    fixes: [UPDATE_MACOS],
    sources: ['apple-tf-page', 'tfmetal-setup-1.2.0'],
  },
  {
    id: 'tensorflow-metal-macos-12.1',
    when: { macos: '>=12.0,<12.1', 'tensorflow-metal': '>=0.5.0' },
    effect: 'fails',
    text: 'tensorflow-metal {tensorflow-metal} needs macOS 12.1; this is {macos}.',
    fixes: [UPDATE_MACOS],
    sources: ['tfmetal-setup-1.2.0'],
  },
  {
    id: 'tensorflow-metal-relu',
    topic: 'tensorflow-relu',
    when: {
      tensorflow: '>=2.16,<2.18',
      'tensorflow-metal': '==1.2.0',
      keras: `>=${FIRST_KERAS_WITH_FUSED_RELU}`,
    },
    effect: 'wrong-results',
    text: 'In compiled graphs on the GPU, tensorflow-metal {tensorflow-metal} leaves out the ReLU after a dense layer (fused MatMul + BiasAdd + ReLU), which Keras {keras} uses: negative values come through, without an error.',
    fixes: [OLDER_KERAS, WITHOUT_RELU],
    sources: ['apple-forum-818015', 'keras-issue-21668', 'tf-issue-62137'],
  },
  {
    id: 'tensorflow-metal-relu-range',
    topic: 'tensorflow-relu',
    when: {
      tensorflow: '>=2.16,<2.20',
      'tensorflow-metal': '>=1.1.0,<=1.2.0',
      keras: `>=${FIRST_KERAS_WITH_FUSED_RELU}`,
    },
    effect: 'wrong-results',
    text: 'In compiled graphs on the GPU, tensorflow-metal {tensorflow-metal} may leave out the ReLU after a dense layer, which Keras {keras} fuses: shown for TensorFlow 2.16 and 2.17 with 1.2.0.',
    fixes: [OLDER_KERAS, WITHOUT_RELU],
    sources: ['apple-forum-818015', 'keras-issue-21668', 'tf-issue-62137'],
    inferred: true,
  },
  {
    id: 'tensorflow-metal-keras-3',
    when: {
      tensorflow: '>=2.16,<2.20',
      'tensorflow-metal': '>=1.1.0',
      keras: '>=3',
      'env:TF_USE_LEGACY_KERAS': 'absent',
    },
    effect: 'limit',
    text: "The optimizers of Keras 2.11 and newer update variables op by op, up to three times slower on Metal than TensorFlow's own; tf-keras with TF_USE_LEGACY_KERAS=1 brings the old ones back.",
    sources: ['tf-issue-59438', 'tf-issue-63854', 'rstudio-tf', 'tf-2161-notes'],
  },
  {
    id: 'tensorflow-metal-keras-2-optimizers',
    when: { tensorflow: '>=2.11,<2.16', 'tensorflow-metal': 'present' },
    effect: 'limit',
    text: 'The optimizers of Keras 2.11 and newer are slow on Metal: tf.keras.optimizers.legacy has the fast ones.',
    sources: ['tf-issue-59438'],
  },
  {
    id: 'tensorflow-metal-xla',
    when: { tensorflow: '<2.20', 'tensorflow-metal': 'present' },
    effect: 'limit',
    text: 'jit_compile=True (XLA) does not work on the Metal device.',
    sources: ['tfmetal-matrix-2025', 'keras-src'],
  },
  {
    id: 'tensorflow-metal-float64',
    when: { 'tensorflow-metal': 'present' },
    effect: 'limit',
    text: 'float64 stays on the CPU: Metal has no 64-bit floating point.',
    sources: ['jax-mps-readme'],
  },
  {
    id: 'tensorflow-metal-stateless-random',
    when: { tensorflow: '<2.20', 'tensorflow-metal': '==1.2.0' },
    effect: 'limit',
    text: 'tf.random.stateless_uniform of int32 fails with the plugin installed.',
    sources: ['rstudio-tf'],
  },
  {
    id: 'tensorflow-metal-ctc',
    when: { tensorflow: '==2.18.1', 'tensorflow-metal': '==1.2.0' },
    effect: 'limit',
    text: 'CTC loss was seen to give NaN on the GPU (one report): place that op on the CPU.',
    sources: ['third-2181-ok'],
  },
];
