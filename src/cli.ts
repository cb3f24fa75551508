import { Command, CommanderError } from 'commander';
import type { Context } from './commands/context.js';
import { MpsbenchError } from './errors.js';
import { EXIT, type ExitCode } from './exit-codes.js';
import { packageVersion } from './version.js';

/** Runs the command line and sets the process's exit code. The only place that prints an error. */
export async function main(argv: readonly string[]): Promise<void> {
  const interrupt = new AbortController();
  const context: Context = {
    signal: interrupt.signal,
    argv: argv.slice(2),
    exitCode: EXIT.ok,
  };
  const debug = context.argv.includes('--debug');
  if (debug) process.env.MPSBENCH_DEBUG = '1';
  onInterrupt(() => interrupt.abort());
  // `mpsbench devices | head -1`: the reader has had enough. Files are still written.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
  try {
    const program = await createProgram(context);
    await program.parseAsync(argv);
    process.exitCode = context.exitCode;
  } catch (error) {
    process.exitCode = reportError(error, debug);
  }
}

/** The whole program; its commands load their work only when they run. */
export async function createProgram(context: Context): Promise<Command> {
  const program = new Command('mpsbench')
    .description(
      'Which GPUs are there, are they set up right, and what do they do for machine-learning work compared with the CPU?',
    )
    .version(packageVersion(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'show help')
    .option('--no-color', 'plain text (as does NO_COLOR)')
    .option('--debug', 'show stack traces and what drivers say')
    .showHelpAfterError('(--help shows what there is)')
    .addHelpText('after', HELP_EXAMPLES)
    .exitOverride();
  for (const register of await commandsFor(context.argv)) register(program, context);
  return program;
}

const HELP_EXAMPLES = `
Examples:
  $ mpsbench devices                         list the GPUs and the CPU
  $ mpsbench bench cnn --compare-cpu         a small network on the GPU and on the CPU
  $ mpsbench bench all --preset example      three examples with known answers
  $ mpsbench bench add --device gpu --json   for CI: exits with 2 where there is no GPU
  $ mpsbench report result.json --markdown   render a saved result again

Exit codes: 0 all well, 1 a finding (a wrong result), 2 could not check (no such device),
64 wrong usage, 70 a defect of mpsbench, 130 interrupted.`;

type Register = (program: Command, context: Context) => void;

/** Loads the definitions of the commands, none where only the version is asked for. */
async function commandsFor(argv: readonly string[]): Promise<Register[]> {
  if (argv.length === 1 && /^(-V|--version)$/.test(argv[0])) return [];
  const [devices, bench, report, completion] = await Promise.all([
    import('./commands/devices.js'),
    import('./commands/bench.js'),
    import('./commands/report.js'),
    import('./commands/completion.js'),
  ]);
  return [
    devices.registerDevices,
    bench.registerBench,
    report.registerReport,
    completion.registerCompletion,
  ];
}

/** The first signal asks for an orderly end, the second ends at once. */
function onInterrupt(abort: () => void): void {
  let asked = false;
  const stop = () => {
    if (asked) process.exit(EXIT.interrupted);
    asked = true;
    abort();
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
}

function reportError(error: unknown, debug: boolean): ExitCode {
  if (error instanceof CommanderError) {
    // Commander has printed its message; help and version end with 0.
    return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
  }
  const failure = MpsbenchError.from(error);
  process.stderr.write(`mpsbench: ${failure.message}\n`);
  if (failure.advice) process.stderr.write(`  ${failure.advice}\n`);
  if (debug) {
    const origin = failure.cause instanceof Error ? failure.cause : failure;
    process.stderr.write(`${origin.stack}\n`);
  }
  return failure.exitCode;
}
