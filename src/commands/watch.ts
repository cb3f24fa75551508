import { type Command, Option } from 'commander';
import { MpsbenchError } from '../errors.js';
import { EXIT } from '../exit-codes.js';
import type { Output, OutputFlags } from '../result/outputs.js';
import type { WatchRecord } from '../result/schema.js';
import { printable } from '../text/printable.js';
import { OPS_CHOICES, type OpsChoice } from '../watch/ops-choices.js';
import { type CiFlags, ciOptions } from './ci/ci-options.js';
import type { Context } from './context.js';
import { count, duration } from './numbers.js';
import { keep, present, requireOutputs } from './present.js';
import { choiceOption, detailsOption, fileFormatOptions } from './shared-options.js';
import { DEFAULT_SHARE, share } from './watch/share.js';

type WatchFlags = OutputFlags &
  CiFlags & {
    pid?: number;
    duration?: number;
    requireGpu?: number | true;
    ops: OpsChoice;
    device?: string;
    details?: true;
  };

/** `mpsbench watch COMMAND...`: does this command use the GPU? */
export function registerWatch(program: Command, context: Context): void {
  const command = program
    .command('watch')
    .summary('run a command and see whether it uses the GPU')
    .description(
      "Runs a command unchanged and says afterwards whether it used the GPU, for how much of the time, which ops ran on the CPU, and what the GPU waited for. The report goes to stderr; the exit code is the command's own.",
    )
    .usage('[options] [--] COMMAND...')
    // Cut off before commander sees it: see separateCommand.
    .argument('[command...]', 'the command with its arguments, as you would type it');
  const options = [
    new Option('--pid <pid>', 'watch a process that is running already (sensors only)').argParser(
      (text) => count('--pid', text, '4711'),
    ),
    new Option('--duration <time>', 'stop after this time (30s, 5m); ends the command').argParser(
      (text) => duration('--duration', text),
    ),
    new Option(
      '--require-gpu [share]',
      `exit with 1 if the GPU was used for less of the time (default: ${DEFAULT_SHARE * 100}%), with 2 if that cannot be known`,
    ).argParser((text) => share('--require-gpu', text)),
    choiceOption(
      '--ops',
      'which',
      'ops to count in Python frameworks: none, those of the first steps, or all (slower)',
      OPS_CHOICES,
    ).default('first-steps'),
    new Option('--device <id>', 'report on this GPU only (cuda:1)'),
    ...fileFormatOptions(),
    ...ciOptions(),
    detailsOption(),
  ];
  for (const option of options) command.addOption(option);
  command.addHelpText('after', EXAMPLES).action(async (_: string[], flags: WatchFlags) => {
    await run(flags, context);
  });
}

const EXAMPLES = `
Examples:
  $ mpsbench watch python train.py                       does it use the GPU?
  $ mpsbench watch --html page.html --open -- ./run.sh   with a timeline
  $ mpsbench watch --duration 60s python -m train        the first minute, then stop it
  $ mpsbench watch --require-gpu 20% -- pytest tests/gpu for CI
  $ mpsbench watch --pid 4711 --duration 30s             a process that is running already

Exit codes: the command's own, 128 + N if signal N ended it, 126 or 127 if it could not be started. If it succeeds:
1 --require-gpu was missed, 2 it could not be checked. 64 usage error.`;

async function run(flags: WatchFlags, context: Context): Promise<void> {
  const words = context.watched ?? [];
  requireOne(words, flags);
  if (wantsOutputs(flags)) requireFiles(await requireOutputs(flags));
  // No more than the command's start needs: what reports is loaded when it has ended.
  const [{ resultHead }, { watch }] = await Promise.all([
    import('../result/head.js'),
    import('../watch/watch.js'),
  ]);
  const { pid, ops, device } = flags;
  const head = resultHead(words.length > 0 ? [...context.argv, '--', ...words] : context.argv);
  const watching = watch({
    words,
    ops,
    signal: context.signal,
    takeSignals: () => context.releaseSignals?.(),
    ...(pid !== undefined && { pid }),
    ...(device !== undefined && { device }),
    ...(flags.duration !== undefined && { durationS: flags.duration }),
    ...(flags.requireGpu !== undefined && {
      requiredShare: flags.requireGpu === true ? DEFAULT_SHARE : flags.requireGpu,
    }),
    crossover: async () => (await import('./watch/stored-crossover.js')).storedCrossover(),
  });
  const { commandCode, notStarted, ...watched } = await watching;
  context.keepsExitCode = commandCode !== 0;
  context.exitCode = commandCode;
  if (notStarted !== undefined) {
    process.stderr.write(`mpsbench: ${printable(`${words[0]}: ${notStarted}`)}\n`);
    return;
  }
  const [{ readHost }, { withVerifyAdvice }] = await Promise.all([
    import('../host/index.js'),
    import('./watch/verify-advice.js'),
  ]);
  const result: WatchRecord = {
    ...head(),
    command: 'watch',
    exitCode: commandCode === 0 ? requiredCode(watched.required) : commandCode,
    host: await readHost(),
    ...watched,
    findings: await withVerifyAdvice(watched, context.signal),
  };
  context.exitCode = result.exitCode;
  await keep(result);
  await present(result, flags, { details: flags.details, saved: true, to: 'stderr' });
}

/** Stdout is the program's. */
function requireFiles(outputs: readonly Output[]): void {
  const other = outputs.find(({ target }) => target === 'stdout');
  if (!other) return;
  throw new MpsbenchError(
    'usage',
    `--${other.format} cannot write to stdout: that belongs to the command.`,
    `Name a file: --${other.format} FILE.`,
  );
}

/** What checks outputs loads every format, and the command would wait for it. */
function wantsOutputs(flags: WatchFlags): boolean {
  const names = [...fileFormatOptions(), ...ciOptions()].map((option) => option.attributeName());
  return names.some((name) => Object.hasOwn(flags, name));
}

function requireOne(words: readonly string[], { pid }: WatchFlags): void {
  if (words.length > 0 === (pid === undefined)) return;
  throw new MpsbenchError(
    'usage',
    words.length > 0 ? 'watch takes a command or --pid.' : 'watch needs a command, or --pid.',
    'For example: mpsbench watch python train.py',
  );
}

function requiredCode(required: WatchRecord['required']): number {
  if (required === undefined || required.state === 'met') return EXIT.ok;
  return required.state === 'missed' ? EXIT.finding : EXIT.unchecked;
}
