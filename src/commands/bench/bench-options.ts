import { Option } from 'commander';
import { DEFAULTS, flagOf, NORMAL, QUICK } from '../../bench/defaults.js';
import { KERNEL_CHOICES } from '../../bench/settings.js';
import { MpsbenchError } from '../../errors.js';
import { FRAMEWORK_MODES } from '../../frameworks/catalog.js';
import { OVERRUN } from '../../measure/stopping/index.js';
import type { RunMode } from '../../result/schema.js';
import type { PlacementPolicy } from '../../runner/planner.js';
import type { ParameterSpec } from '../../workloads/types.js';
import { count, duration, positive, seed, shape } from '../numbers.js';
import { counts } from '../ranges.js';
import { choiceOption, choicesOption, frameworksOption, pythonOption } from '../shared-options.js';

/** The flags of `bench` alone, and their defaults. */

const PLACEMENTS = ['soft', 'strict'] as const satisfies readonly PlacementPolicy[];
const MODES = ['latency', 'throughput'] as const satisfies readonly RunMode[];

/** The flag of a size or rate of a workload. */
export function sizeOption({ name, placeholder, description, kind }: ParameterSpec): Option {
  const flag = flagOf(name);
  const read = { count: counts, rate: positive, shape }[kind];
  return new Option(`${flag} <${placeholder}>`, description).argParser((text): unknown =>
    read(flag, text),
  );
}

export const sweepOption = () =>
  new Option(
    '--sweep',
    'measure from the smallest size to what fits into memory, and find the crossover',
  );

export const budgetOption = () =>
  new Option(
    '--budget <time>',
    'time limit of the whole command, such as 45s or 2m; what did not fit is listed',
  ).argParser((text) => duration('--budget', text));

export const compareCpuOption = () =>
  new Option('--compare-cpu', 'also run on the CPU and show the speedup');

export const frameworkOptions = () => [
  frameworksOption(
    'also run through TensorFlow, PyTorch, JAX, MLX and ONNX Runtime, where they are installed',
  ),
  choiceOption(
    '--framework-mode',
    'mode',
    'idiomatic: as most people run it; compiled: torch.compile, XLA, mx.compile; all: every mode',
    FRAMEWORK_MODES,
  ).default(DEFAULTS.frameworkMode),
  pythonOption('Python interpreter or environment to use for frameworks'),
];

export const placementOption = () =>
  choiceOption(
    '--placement',
    'policy',
    'soft: ops that the device lacks run on the CPU; strict: that is an error',
    PLACEMENTS,
  ).default(DEFAULTS.placement);

export const kernelsOption = () =>
  choicesOption(
    '--kernels',
    'level',
    'best: our fused kernels too; library: vendor libraries and unfused kernels; auto: library unless every device has fused kernels',
    KERNEL_CHOICES,
  ).default(DEFAULTS.kernels);

export const seedOption = () =>
  new Option('--seed <n>', 'seed of the random values')
    .argParser((text) => seed('--seed', text))
    .default(DEFAULTS.seed);

export const modeOption = () =>
  choicesOption(
    '--mode',
    'mode',
    'latency: wait after each iteration; throughput: after a group',
    MODES,
  ).default(DEFAULTS.mode);

/** How long to look, and how closely. */
export const paceOptions = () => [
  new Option(
    '--quick',
    `a quick run: --preset ${QUICK.preset} unless one is given, --time ${QUICK.timeS}, --runs ${QUICK.runs}, --precision ${QUICK.precisionPercent}`,
  ),
  new Option('--time <seconds>', `time to sample each device (default: ${NORMAL.timeS})`).argParser(
    (text) => positive('--time', text),
  ),
  new Option(
    '--runs <n>',
    `repeat the measurement in N fresh processes per device, which share --time (default: ${NORMAL.runs})`,
  ).argParser((text) => count('--runs', text, '5')),
  new Option('--warmup <seconds>', `warm-up (default: ${NORMAL.warmupS})`).argParser((text) =>
    positive('--warmup', text),
  ),
  new Option('--samples <n>', `collect N samples (gives up after ${OVERRUN} x --time)`).argParser(
    (text) => count('--samples', text, '50'),
  ),
  new Option(
    '--precision <percent>',
    `stop when the 95 % CI of the median is within ±PERCENT (default: ${NORMAL.precisionPercent})`,
  ).argParser((text) => positive('--precision', text)),
];

export const profileOption = () => new Option('--profile', 'time each op separately');

export const togetherOption = () =>
  new Option('--together', 'also run all devices at the same time, to show limits that they share');

export const waitOption = () =>
  new Option('--wait', 'wait until no other mpsbench measures on the same hardware');

export const saveTensorsOption = () =>
  new Option('--save-tensors <dir>', 'write input and output tensors as .npy files').argParser(
    (text) => {
      // An empty name would be the folder that the user happens to be in.
      if (text !== '') return text;
      const message = '--save-tensors needs a folder name.';
      throw new MpsbenchError('usage', message, 'Use --save-tensors . for the current folder.');
    },
  );
