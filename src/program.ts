import { Command } from 'commander';
import type { Context } from './commands/context.js';
import type { Separated } from './commands/watch/separate.js';
import { printableLines } from './text/printable.js';
import { packageVersion } from './version.js';

/**
 * The program for one command line: with the command that it names, or with every command where it names none, or `help` or
 * `completion`, which are about all of them.
 */
export async function createProgram(context: Context): Promise<Command> {
  const program = new Command('mpsbench')
    .description(
      'List GPUs, verify that machine-learning frameworks reach them, and benchmark GPU against CPU.',
    )
    .version(packageVersion(), '-V, --version', 'print the version (also -v)')
    .helpOption('-h, --help', 'show help')
    .option('--no-color', 'plain text (as does NO_COLOR)')
    .option('--ascii', 'draw tables and plots with ASCII characters only (as does TERM=dumb)')
    .option('--debug', 'show stack traces and the output of drivers')
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({
      writeOut: (text) => void process.stdout.write(printableLines(text)),
      writeErr: (text) => void process.stderr.write(printableLines(text)),
      outputError: () => {},
    })
    .addHelpText('after', HELP_EXAMPLES)
    .exitOverride();
  for (const add of commandsFor(context.argv)) (await add())(program, context);
  return program;
}

/** Cuts off the command that `watch` runs. */
export async function separateWatched(argv: readonly string[]): Promise<Separated> {
  const nothing = { signal: new AbortController().signal, argv, exitCode: 0 };
  const [{ separateCommand }, { isShare }, program] = await Promise.all([
    import('./commands/watch/separate.js'),
    import('./commands/watch/share.js'),
    createProgram(nothing),
  ]);
  return separateCommand(argv, program, isShare);
}

type Register = (program: Command, context: Context) => void;

/** Every command, in the order of the help. Reading all of their flags takes longer than starting Node. */
const COMMANDS: Readonly<Record<string, () => Promise<Register>>> = {
  devices: async () => (await import('./commands/devices.js')).registerDevices,
  verify: async () => (await import('./commands/verify.js')).registerVerify,
  bench: async () => (await import('./commands/bench.js')).registerBench,
  compare: async () => (await import('./commands/compare.js')).registerCompare,
  fleet: async () => (await import('./commands/fleet.js')).registerFleet,
  watch: async () => (await import('./commands/watch.js')).registerWatch,
  report: async () => (await import('./commands/report.js')).registerReport,
  build: async () => (await import('./commands/build.js')).registerBuild,
  completion: async () => (await import('./commands/completion.js')).registerCompletion,
  version: async () => (await import('./commands/version.js')).registerVersion,
  help: async () => (await import('./commands/help.js')).registerHelp,
};
const ABOUT_ALL = ['help', 'completion'];

function commandsFor(argv: readonly string[]) {
  const named = argv.find((word) => !word.startsWith('-')) ?? '';
  const isOne = Object.hasOwn(COMMANDS, named) && !ABOUT_ALL.includes(named);
  return isOne ? [COMMANDS[named]] : Object.values(COMMANDS);
}

const HELP_EXAMPLES = `
Examples:
  $ mpsbench devices                         list the GPUs and the CPU
  $ mpsbench verify                          is this machine set up for the GPU?
  $ mpsbench bench cnn --compare-cpu         a small network on GPU and CPU
  $ mpsbench bench all --preset example      three examples with known answers
  $ mpsbench bench add --device gpu --json   for CI: exits with 2 if there is no GPU
  $ mpsbench compare base.json new.json      did anything get slower?
  $ mpsbench fleet results/                  which host is unlike the others?
  $ mpsbench watch python train.py           does my script use the GPU?
  $ mpsbench report result.json --markdown   render a saved result again
  $ mpsbench build                           build the native addon if no prebuilt one fits

Exit codes: 0 ok, 1 finding (failed check, wrong result), 2 could not check (no such device), 64 usage error,
70 internal error, 130 interrupted.`;
