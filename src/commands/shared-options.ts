import { Option } from 'commander';
import { backendEntries } from '../backends/registry.js';
import { CPU_ENGINES } from '../backends/types.js';
import { DEFAULT_DTYPE, DEFAULT_TIMEOUT_S } from '../bench/defaults.js';
import { KEYWORDS } from '../bench/device-spec.js';
import { MpsbenchError } from '../errors.js';
import { DTYPES, type DType } from '../result/dtypes.js';
import { MACHINE_FORMATS } from '../result/outputs.js';
import { didYouMean } from '../text/did-you-mean.js';
import { PRESETS } from '../workloads/types.js';
import { count, seconds } from './numbers.js';
import { counts, names } from './ranges.js';
import { type Suggestion, suggest } from './suggestions.js';

/** Flags that several commands share, their defaults, and how their values are read. */

/** An option with a few choices, shown by help and completions. */
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

/** One name of a few, or several of them for a sweep. */
export function choicesOption<T extends string>(
  flag: string,
  placeholder: string,
  description: string,
  all: readonly T[],
): Option {
  return new Option(`${flag} <${placeholder}>`, description)
    .choices(all)
    .argParser((text) => names(flag, text, (name) => oneOf(flag, name, all)));
}

export const deviceOption = () =>
  suggest(
    new Option(
      '--device <ids>',
      `comma-separated device IDs (webgpu:0,cpu:0), every device of a backend (cuda:*), or ${KEYWORDS.join(', ')}`,
    ).default('auto'),
    deviceSuggestions,
  );

const KEYWORD_MEANINGS = {
  auto: 'a GPU if there is one, else the CPU',
  gpu: 'a hardware GPU',
  cpu: 'the CPU',
  all: 'every device',
} as const satisfies Record<(typeof KEYWORDS)[number], string>;

/** Without looking for devices: that would start drivers. */
function deviceSuggestions(): Suggestion[] {
  const keywords = KEYWORDS.map((name) => ({ name, description: KEYWORD_MEANINGS[name] }));
  const devices = backendEntries().flatMap(({ id }) => [
    { name: id, description: `the first device of ${id}` },
    { name: `${id}:0`, description: `the first device of ${id}` },
  ]);
  return [...keywords, ...devices.filter(({ name }) => !KEYWORDS.some((word) => word === name))];
}

export const frameworksOption = (description: string) => new Option('--frameworks', description);

/** May be given several times. */
export const pythonOption = (description: string) =>
  new Option('--python <path>', `${description}; repeatable`).argParser(
    (path, paths: readonly string[] = []) => {
      if (path !== '') return [...paths, path];
      const message = '--python needs the path of an interpreter or of an environment.';
      throw new MpsbenchError('usage', message, 'For example --python .venv');
    },
  );

export const timeoutOption = () =>
  new Option('--timeout <seconds>', 'timeout per device request')
    .argParser((text) => seconds('--timeout', text))
    .default(DEFAULT_TIMEOUT_S);

export const threadsOption = () =>
  new Option('--threads <n>', 'CPU threads (default: the physical cores)').argParser((text) =>
    count('--threads', text, '4'),
  );

export const engineOption = () =>
  suggest(
    new Option(
      '--engine <name>',
      'CPU engine, one of those that `devices` lists (default: the fastest)',
    ),
    () => CPU_ENGINES,
  );

/** One engine, or several for a sweep. */
export const enginesOption = () => {
  return engineOption().argParser((text) => names('--engine', text, (name) => name));
};

/** One thread count, or several for a sweep. */
export const threadCountsOption = () =>
  new Option('--threads <n>', 'CPU threads (default: the physical cores)').argParser((text) =>
    counts('--threads', text, '4'),
  );

export const dtypesOption = () =>
  new Option('--dtype <type>', 'element type (also float32, half, bfloat16, double, ...)')
    .choices(DTYPES)
    .argParser((text) => names('--dtype', text, readDtype))
    .default(DEFAULT_DTYPE);

/** What NumPy, frameworks and C call the element types. */
const DTYPE_ALIASES: Readonly<Record<string, DType>> = {
  ...{ float: 'f32', float32: 'f32', fp32: 'f32', single: 'f32' },
  ...{ half: 'f16', float16: 'f16', fp16: 'f16' },
  bfloat16: 'bf16',
  ...{ double: 'f64', float64: 'f64', fp64: 'f64' },
};

function readDtype(text: string): DType {
  const name = text.toLowerCase();
  if (Object.hasOwn(DTYPE_ALIASES, name)) return DTYPE_ALIASES[name];
  return oneOf('--dtype', name, DTYPES, Object.keys(DTYPE_ALIASES));
}

export const tf32Option = () =>
  new Option('--tf32', 'allow TF32 in f32 matmul and convolution, if the device supports it');

export const presetOption = () =>
  choiceOption('--preset', 'name', 'sizes of the workload', PRESETS);

export const detailsOption = () =>
  new Option('--details', "also show the system, device times, sensors and every op's placement");

/** As `formatOptions`, where stdout belongs to another program. */
export const fileFormatOptions = () => [
  ...MACHINE_FORMATS.map(({ id, help }) => {
    return new Option(`--${id} <file>`, help.replace(' (to stdout without a file)', ''));
  }),
  openOption(),
];

const openOption = () =>
  new Option('--open', 'open the page in the browser (of --html, or a temporary one)');

/** The formats: each accepts a file, or writes to stdout without one. */
export const formatOptions = () => [
  ...MACHINE_FORMATS.map(({ id, help }) => new Option(`--${id} [file]`, help)),
  openOption(),
];

/** @throws MpsbenchError `usage` with the nearest valid name, `aliases` included */
export function oneOf<T extends string>(
  flag: string,
  text: string,
  names: readonly T[],
  aliases: readonly string[] = [],
): T {
  const found = names.find((name) => name === text);
  if (found) return found;
  throw new MpsbenchError(
    'usage',
    `Unknown value for ${flag}: ${text || "''"}.${didYouMean(text, [...names, ...aliases])}`,
    `Use one of ${names.join(', ')}.`,
  );
}
