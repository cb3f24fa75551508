import { Option } from 'commander';
import { MpsbenchError } from '../errors.js';
import type { PlacementPolicy } from '../graph/planner.js';
import { DTYPES, type DType } from '../graph/types.js';
import { didYouMean } from '../nearest.js';
import { PRESETS, type PresetName } from '../workloads/types.js';
import { count, seconds } from './numbers.js';

/** Flags that several commands share, and how their values are read. */

export const PLACEMENTS = ['soft', 'strict'] as const satisfies readonly PlacementPolicy[];
export const MODES = ['latency', 'throughput'] as const;

/** Seconds that a worker may take for one answer. */
export const DEFAULT_TIMEOUT_S = 120;

export const deviceOption = () =>
  new Option(
    '--device <ids>',
    'device ids such as webgpu:0, by commas, or auto, gpu, cpu, all',
  ).default('auto');

export const timeoutOption = () =>
  new Option('--timeout <seconds>', 'time limit for each answer of a device')
    .argParser((text) => seconds('--timeout', text))
    .default(DEFAULT_TIMEOUT_S);

export const threadsOption = () =>
  new Option('--threads <n>', 'CPU threads (default: the physical cores)').argParser((text) =>
    count('--threads', text, '4'),
  );

export const engineOption = () =>
  new Option('--engine <name>', 'CPU engine, of those that devices lists (default: the fastest)');

export const dtypeOption = () =>
  new Option('--dtype <type>', `element type: ${DTYPES.join(', ')}`)
    .argParser((text): DType => oneOf('--dtype', text, DTYPES))
    .default('f32');

export const tf32Option = () =>
  new Option('--tf32', 'let f32 products round their factors to TF32, where the device can');

export const presetOption = () =>
  new Option('--preset <name>', `sizes: ${PRESETS.join(', ')}`).argParser(
    (text): PresetName => oneOf('--preset', text, PRESETS),
  );

/** The machine-readable formats: each takes a file, or writes to stdout without one. */
export const formatOptions = () => [
  new Option('--json [file]', 'write the result as JSON (to stdout without a file)'),
  new Option('--csv [file]', 'write one line a row as CSV'),
  new Option('--markdown [file]', 'write the tables as Markdown'),
];

/** @throws MpsbenchError `usage` with the nearest valid name */
export function oneOf<T extends string>(flag: string, text: string, names: readonly T[]): T {
  const found = names.find((name) => name === text);
  if (found) return found;
  throw new MpsbenchError(
    'usage',
    `${flag} ${text} is not known.${didYouMean(text, names)}`,
    `Take one of ${names.join(', ')}.`,
  );
}
