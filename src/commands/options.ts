import { Option } from 'commander';
import { MpsbenchError } from '../errors.js';
import type { PlacementPolicy } from '../graph/planner.js';
import { DTYPES, type DType } from '../graph/types.js';
import { didYouMean } from '../nearest.js';
import { MACHINE_FORMATS } from '../report/outputs.js';
import { PRESETS, type PresetName } from '../workloads/types.js';

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
    .argParser((text) => positive('--timeout', text))
    .default(DEFAULT_TIMEOUT_S);

export const threadsOption = () =>
  new Option('--threads <n>', 'CPU threads (default: the physical cores)').argParser((text) =>
    count('--threads', text),
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
export const formatOptions = () =>
  MACHINE_FORMATS.map(({ id, help }) => new Option(`--${id} [file]`, help));

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

/** A whole number of at least 1; `2^20`, `4k`, `16M` are understood. */
export function count(flag: string, text: string): number {
  const value = parseCount(text);
  if (value === undefined || !Number.isInteger(value) || value < 1) {
    throw new MpsbenchError(
      'usage',
      `${flag} ${text} is not a whole number of at least 1.`,
      `Write, for example, ${flag} 4096 or ${flag} 2^20.`,
    );
  }
  if (!Number.isSafeInteger(value)) {
    throw new MpsbenchError(
      'usage',
      `${flag} ${text} is larger than 2^53, beyond what can be counted exactly.`,
      `Take a smaller number.`,
    );
  }
  return value;
}

function parseCount(text: string): number | undefined {
  const power = /^(\d+)\^(\d+)$/.exec(text);
  if (power) return Number(power[1]) ** Number(power[2]);
  const suffixed = /^(\d+)([kMG])$/.exec(text);
  if (suffixed) return Number(suffixed[1]) * { k: 1e3, M: 1e6, G: 1e9 }[suffixed[2] as 'k'];
  return /^[+-]?\d*\.?\d+(e\d+)?$/i.test(text) ? Number(text) : undefined;
}

/** A finite number above 0. */
export function positive(flag: string, text: string): number {
  const value = text.trim() === '' ? Number.NaN : Number(text);
  if (Number.isFinite(value) && value > 0) return value;
  throw new MpsbenchError(
    'usage',
    `${flag} ${text} is not a number above 0.`,
    `Write, for example, ${flag} 2.5.`,
  );
}

/** A whole number from 0 to 2^32 - 1. */
export function seed(flag: string, text: string): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value < 2 ** 32) return value;
  throw new MpsbenchError(
    'usage',
    `${flag} ${text} is not a whole number from 0 to 2^32 - 1.`,
    `Write, for example, ${flag} 42.`,
  );
}

/** `2,2` -> [2, 2]. */
export function shape(flag: string, text: string): number[] {
  return text.split(/[,x]/).map((extent) => count(flag, extent.trim()));
}
