import { type Command, Option } from 'commander';
import { MpsbenchError } from '../errors.js';
import type { OutputFlags } from '../report/outputs.js';
import { WORKLOADS } from '../workloads/registry.js';
import type { ParameterSpec, Params, PresetName, Workload } from '../workloads/types.js';
import { flagOf } from './bench/reproduce.js';
import type { BenchSettings, ChosenWorkload } from './bench/settings.js';
import type { Context } from './context.js';
import {
  count,
  deviceOption,
  dtypeOption,
  engineOption,
  formatOptions,
  MODES,
  oneOf,
  PLACEMENTS,
  positive,
  presetOption,
  seed,
  shape,
  tf32Option,
  threadsOption,
  timeoutOption,
} from './options.js';
import { present, requireOutputs } from './present.js';

/** What --time, --warmup, --samples and --precision are when they are left out. */
const NORMAL = { time: 3, warmup: 0.5, minSamples: 10, maxSamples: 10_000, precision: 1 };
const QUICK = { time: 0.4, warmup: 0.1, minSamples: 10, maxSamples: 200, precision: 5 };

/** The flags as commander leaves them; sizes stand under their parameter's name. */
interface BenchFlags extends OutputFlags {
  device: string;
  compareCpu?: boolean;
  dtype: BenchSettings['dtype'];
  preset?: PresetName;
  placement: BenchSettings['placement'];
  mode: BenchSettings['mode'];
  time?: number;
  samples?: number;
  precision?: number;
  warmup?: number;
  quick?: boolean;
  seed: number;
  threads?: number;
  engine?: string;
  tf32?: boolean;
  timeout: number;
  saveTensors?: string;
  profile?: boolean;
  [size: string]: unknown;
}

/** `mpsbench bench add|linear|cnn|all`: one subcommand a workload, from the registry. */
export function registerBench(program: Command, context: Context): void {
  const bench = program
    .command('bench')
    .description('run verified workloads on GPU and CPU, and print timings and placements')
    .addHelpText('after', EXAMPLES);
  for (const workload of WORKLOADS) {
    const command = bench.command(workload.id).description(workload.summary);
    addSizes(command, workload.parameters);
    addCommonFlags(command).action((flags: BenchFlags) => execute([workload], flags, context));
  }
  const all = bench.command('all').description('run every workload');
  addSizes(
    all,
    WORKLOADS.flatMap(({ parameters }) => parameters),
  );
  addCommonFlags(all).action((flags: BenchFlags) => execute(WORKLOADS, flags, context));
}

const EXAMPLES = `
Examples:
  $ mpsbench bench cnn --compare-cpu                  GPU and CPU side by side
  $ mpsbench bench all --preset example               [[6, 8], [10, 12]] and two more known answers
  $ mpsbench bench add --elements 2^28 --device all   every device, large tensors
  $ mpsbench bench linear --dtype f16 --profile       half precision, the time of each op
  $ mpsbench bench cnn --placement strict --device gpu --json result.json
`;

function addSizes(command: Command, parameters: readonly ParameterSpec[]): void {
  for (const { name, placeholder, description, kind } of parameters) {
    const read = { count, rate: positive, shape }[kind];
    const flag = flagOf(name);
    command.addOption(
      new Option(`${flag} <${placeholder}>`, description)
        .argParser((text) => read(flag, text))
        .helpGroup('Sizes:'),
    );
  }
}

function addCommonFlags(command: Command): Command {
  const group = (heading: string, options: readonly Option[]) => {
    for (const option of options) command.addOption(option.helpGroup(heading));
  };
  group('What to run:', [
    presetOption(),
    dtypeOption(),
    tf32Option(),
    deviceOption(),
    new Option('--compare-cpu', 'run on the CPU too, and show the speedup over it'),
    new Option(
      '--placement <policy>',
      'soft: ops that the device lacks run on the CPU; strict: refuse',
    )
      .argParser((text) => oneOf('--placement', text, PLACEMENTS))
      .default('soft'),
    threadsOption(),
    engineOption(),
    new Option('--seed <n>', 'seed of the random values')
      .argParser((text) => seed('--seed', text))
      .default(1),
  ]);
  group('How to measure:', [
    new Option('--mode <mode>', 'latency: wait after each iteration; throughput: after a group')
      .argParser((text) => oneOf('--mode', text, MODES))
      .default('throughput'),
    new Option('--quick', 'a short look: small sizes, short times, ±5 %'),
    new Option(
      '--time <seconds>',
      `time to sample each device (default: ${NORMAL.time})`,
    ).argParser((text) => positive('--time', text)),
    new Option('--warmup <seconds>', `warm-up (default: ${NORMAL.warmup})`).argParser((text) =>
      positive('--warmup', text),
    ),
    new Option('--samples <n>', 'take exactly this many samples').argParser((text) =>
      count('--samples', text),
    ),
    new Option(
      '--precision <percent>',
      `stop when the median is known to ±this (default: ${NORMAL.precision})`,
    ).argParser((text) => positive('--precision', text)),
    new Option('--profile', 'time each op by itself'),
    timeoutOption(),
  ]);
  group('Output:', [
    ...formatOptions(),
    new Option('--save-tensors <dir>', 'write what was read and computed as .npy files'),
  ]);
  return command;
}

async function execute(
  workloads: readonly Workload[],
  flags: BenchFlags,
  context: Context,
): Promise<void> {
  const settings = readSettings(workloads, flags);
  await requireOutputs(flags);
  const { runBench } = await import('./bench/run.js');
  const result = await runBench(settings, context);
  context.exitCode = result.exitCode as Context['exitCode'];
  // An error is said once, on stderr, and no table without rows beside it.
  await present(result, flags, result.error && { table: false });
  if (result.error) throw MpsbenchError.from(result.error);
}

/** Reads the flags into plain values. @throws MpsbenchError `usage` */
function readSettings(workloads: readonly Workload[], flags: BenchFlags): BenchSettings {
  const sized = workloads.some(({ parameters }) =>
    parameters.some(({ name }) => flags[name] !== undefined),
  );
  const preset = flags.preset ?? (flags.quick && !sized ? 'small' : 'default');
  const pace = flags.quick ? QUICK : NORMAL;
  return {
    workloads: workloads.map((workload) => chooseSizes(workload, preset, flags)),
    preset,
    dtype: flags.dtype,
    device: flags.device,
    compareCpu: flags.compareCpu ?? false,
    placement: flags.placement,
    mode: flags.mode,
    measure: {
      mode: flags.mode,
      timeBudgetNs: (flags.time ?? pace.time) * 1e9,
      warmupNs: (flags.warmup ?? pace.warmup) * 1e9,
      minSamples: flags.samples ?? pace.minSamples,
      maxSamples: flags.samples ?? pace.maxSamples,
      precision: (flags.precision ?? pace.precision) / 100,
    },
    seed: flags.seed,
    timeoutMs: flags.timeout * 1000,
    profile: flags.profile ?? false,
    saveTensors: flags.saveTensors,
    threads: flags.threads,
    engine: flags.engine,
    tf32: flags.tf32 ?? false,
  };
}

function chooseSizes(workload: Workload, preset: PresetName, flags: BenchFlags): ChosenWorkload {
  let params: Params = workload.presets[preset];
  const set = new Map<string, string>();
  for (const { name, apply } of workload.parameters) {
    const value = flags[name] as Params[string] | undefined;
    if (value === undefined) continue;
    const changes = (apply ? apply(value) : { [name]: value }) as Params;
    for (const key of Object.keys(changes)) {
      const other = set.get(key);
      if (other) {
        throw new MpsbenchError(
          'usage',
          `${flagOf(other)} and ${flagOf(name)} both set the ${key}.`,
          'Take one of them.',
        );
      }
      set.set(key, name);
    }
    params = { ...params, ...changes };
  }
  params = workload.derive?.(params, new Set(set.values())) ?? params;
  workload.validate(params);
  return { workload, params };
}
