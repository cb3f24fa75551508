import { Option } from 'commander';
import { backendEntries } from '../backends/registry.js';
import { CPU_ENGINES } from '../backends/types.js';
import { DEFAULT_DTYPE, DEFAULT_TIMEOUT_S } from '../bench/defaults.js';
import { KEYWORDS } from '../bench/select-devices.js';
import { MpsbenchError } from '../errors.js';
import { didYouMean } from '../nearest.js';
import { DTYPES } from '../result/dtypes.js';
import { MACHINE_FORMATS } from '../result/outputs.js';
import { PRESETS } from '../workloads/types.js';
import { count, seconds } from './numbers.js';
import { suggest } from './suggestions.js';

/** Flags that several commands share, their defaults, and how their values are read. */

/** An option that takes one of a few names, as its help and the completions say. */
export function choiceOption<T extends string>(
  flag: string,
  placeholder: string,
  description: string,
  names: readonly T[],
): Option {
  return new Option(`${flag} <${placeholder}>`, description)
    .choices(names)
    .argParser((text): T => oneOf(flag, text, names));
}

export const deviceOption = () =>
  suggest(
    new Option(
      '--device <ids>',
      `device ids such as webgpu:0, by commas, or ${KEYWORDS.join(', ')}`,
    ).default('auto'),
    () => [...new Set([...KEYWORDS, ...backendEntries().map(({ id }) => id)])],
  );

export const timeoutOption = () =>
  new Option('--timeout <seconds>', 'time limit for each answer of a device')
    .argParser((text) => seconds('--timeout', text))
    .default(DEFAULT_TIMEOUT_S);

export const threadsOption = () =>
  new Option('--threads <n>', 'CPU threads (default: the physical cores)').argParser((text) =>
    count('--threads', text, '4'),
  );

export const engineOption = () =>
  suggest(
    new Option('--engine <name>', 'CPU engine, of those that devices lists (default: the fastest)'),
    () => CPU_ENGINES,
  );

export const dtypeOption = () =>
  choiceOption('--dtype', 'type', 'element type', DTYPES).default(DEFAULT_DTYPE);

export const tf32Option = () =>
  new Option('--tf32', 'let f32 products round their factors to TF32, where the device can');

export const presetOption = () =>
  choiceOption('--preset', 'name', 'sizes of the workload', PRESETS);

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
