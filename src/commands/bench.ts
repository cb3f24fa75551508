import type { Command, Option } from 'commander';
import { flagOf } from '../bench/defaults.js';
import { MpsbenchError } from '../errors.js';
import { didYouMean } from '../text/did-you-mean.js';
import { formatCount } from '../workloads/format.js';
import { WORKLOADS } from '../workloads/registry.js';
import type { Workload } from '../workloads/types.js';
import {
  budgetOption,
  compareCpuOption,
  frameworkOptions,
  kernelsOption,
  modeOption,
  paceOptions,
  placementOption,
  profileOption,
  saveTensorsOption,
  seedOption,
  sizeOption,
  sweepOption,
  togetherOption,
  waitOption,
} from './bench/bench-options.js';
import { type BenchFlags, readSettings } from './bench/read-settings.js';
import { ciOptions } from './ci/ci-options.js';
import {
  baselineOption,
  confirmOption,
  exitStyleOption,
  maxTimeOption,
  minSpeedupOption,
  requireDeviceOption,
  toleranceOption,
  unclearOption,
} from './compare/compare-options.js';
import type { Context } from './context.js';
import { COUNT_NOTATION } from './numbers.js';
import { keep, present, presentStatus, requireOutputs, sectionPrinter } from './present.js';
import { startProgress } from './progress/start-progress.js';
import { RANGE_NOTATION } from './ranges.js';
import {
  detailsOption,
  deviceOption,
  dtypesOption,
  enginesOption,
  formatOptions,
  presetOption,
  tf32Option,
  threadCountsOption,
  timeoutOption,
} from './shared-options.js';
import { markDefault } from './suggestions.js';

/** `mpsbench bench add|linear|cnn|all`: one subcommand per workload, from the registry. */
export function registerBench(program: Command, context: Context): void {
  const bench = program
    .command('bench')
    .description('benchmark verified workloads on GPU and CPU (default: all)')
    .addHelpText('after', EXAMPLES);
  for (const workload of WORKLOADS) {
    const command = bench.command(workload.id).description(workload.summary);
    prepare(command, [workload], examplesOf(workload));
  }
  // Anything else than a workload comes here as well; the argument without a description catches it.
  const all = bench
    .command('all', { isDefault: true })
    .description('run every workload')
    .usage('[options]')
    .argument('[workload]');
  prepare(all, WORKLOADS, EXAMPLES_OF_ALL);
  markDefault(bench, all);

  function prepare(command: Command, workloads: readonly Workload[], examples: string): void {
    addBenchFlags(command, workloads)
      .addHelpText(
        'after',
        `\nA size may be written as ${COUNT_NOTATION};\nseveral as ${RANGE_NOTATION}.\n\nExamples:${examples}`,
      )
      .action((...args: readonly unknown[]) => {
        const [name] = args;
        if (typeof name === 'string') throw unknownWorkload(name);
        return execute(workloads, command.opts<BenchFlags>(), context);
      });
  }
}

function unknownWorkload(name: string): MpsbenchError {
  const names = [...WORKLOADS.map(({ id }) => id), 'all'];
  return new MpsbenchError(
    'usage',
    names.includes(name)
      ? 'bench runs one workload, or all of them.'
      : `Unknown workload: ${name}.${didYouMean(name, names)}`,
    `Use one of ${names.join(', ')}.`,
  );
}

const EXAMPLES = `
Examples:
  $ mpsbench bench cnn --compare-cpu                  GPU and CPU side by side
  $ mpsbench bench all --preset example               [[6, 8], [10, 12]] and two more known answers
  $ mpsbench bench add --elements 2^28 --device all   every device, large tensors
  $ mpsbench bench linear --dtype f16 --profile       half precision, the time of each op
  $ mpsbench bench cnn --sweep --compare-cpu          from which size on is the GPU worth it?
  $ mpsbench bench cnn --sweep --html page.html --open   the same as a page with plots
  $ mpsbench bench cnn --placement strict --device gpu --json result.json
`;

const EXAMPLES_OF_ALL = `
  $ mpsbench bench all --compare-cpu --quick     a quick run on GPU and CPU
  $ mpsbench bench all --preset example          [[6, 8], [10, 12]] and two more known answers
  $ mpsbench bench all --device gpu --placement strict --json result.json    for CI
  $ mpsbench bench all --baseline base.json --confirm --budget 5m            did anything get slower?
`;

function examplesOf({ id, scale, presets }: Workload): string {
  const size = `${flagOf(scale.name)} ${formatCount(scale.get(presets.small))}`;
  const examples = [
    ['--compare-cpu', 'GPU and CPU side by side'],
    ['--preset example', 'a known answer'],
    [`${size} --mode latency`, 'this size, waiting after each iteration'],
    ['--sweep --compare-cpu', 'from which size on is the GPU worth it?'],
    [`${flagOf(scale.name)} 1..4096*4 --dtype f32,f16`, 'a sweep over sizes and element types'],
  ];
  const width = Math.max(...examples.map(([flags]) => flags.length));
  const lines = examples.map(([flags, what]) => `${flags.padEnd(width)}   ${what}`);
  return `\n${lines.map((line) => `  $ mpsbench bench ${id} ${line}\n`).join('')}`;
}

/** Gives a command the sizes of these workloads, and the flags that all of them have. */
export function addBenchFlags(command: Command, workloads: readonly Workload[]): Command {
  const group = (heading: string, options: readonly Option[]) => {
    for (const option of options) command.addOption(option.helpGroup(heading));
  };
  group('Sizes:', [
    ...workloads.flatMap(({ parameters }) => parameters.map((parameter) => sizeOption(parameter))),
    sweepOption(),
  ]);
  group('What to run:', [
    presetOption(),
    dtypesOption(),
    tf32Option(),
    deviceOption(),
    compareCpuOption(),
    ...frameworkOptions(),
    placementOption(),
    kernelsOption(),
    threadCountsOption(),
    enginesOption(),
    seedOption(),
  ]);
  group('How to measure:', [
    modeOption(),
    ...paceOptions(),
    budgetOption(),
    profileOption(),
    timeoutOption(),
    togetherOption(),
    waitOption(),
  ]);
  group('Compare and require:', [
    baselineOption(),
    toleranceOption(),
    confirmOption(),
    unclearOption(),
    minSpeedupOption(),
    maxTimeOption(),
    requireDeviceOption(),
    exitStyleOption(),
  ]);
  group('Output:', [detailsOption(), ...formatOptions(), ...ciOptions(), saveTensorsOption()]);
  return command;
}

async function execute(
  workloads: readonly Workload[],
  flags: BenchFlags,
  context: Context,
): Promise<void> {
  const settings = readSettings(workloads, flags);
  const { details, exitStyle } = flags;
  const outputs = await requireOutputs(flags);
  const { runGated } = await import('./bench/gate.js');
  const progress = await startProgress('looking for devices');
  // A single workload waits for the answer, which comes before its table; a status line comes before all.
  const isFree = outputs.every(({ target }) => target !== 'stdout') && exitStyle !== 'nagios';
  const hasSections = workloads.length > 1 && isFree;
  const printSection = hasSections ? await sectionPrinter(details) : () => {};
  const result = await runGated(settings, flags, {
    ...context,
    progress,
    findCause: async (interpreter) => {
      const { findCause } = await import('./bench/find-cause.js');
      return findCause(interpreter, context.signal);
    },
    onWorkload: (done) => progress.print(() => printSection(done)),
  }).finally(() => progress.stop());
  context.exitCode = result.exitCode as Context['exitCode'];
  await presentStatus(result, flags, context);
  const kept = !result.error && (await keep(result));
  // An error is said once, on stderr, and no table without rows beside it.
  await present(result, flags, {
    details,
    kept,
    withoutSections: hasSections,
    signal: context.signal,
    ...(result.error && { table: false }),
  });
  if (result.error) throw MpsbenchError.from(result.error);
}
