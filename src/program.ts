import { Command } from 'commander';
import { registerBench } from './commands/bench.js';
import { registerBuild } from './commands/build.js';
import { registerCompare } from './commands/compare.js';
import { registerCompletion } from './commands/completion.js';
import type { Context } from './commands/context.js';
import { registerDevices } from './commands/devices.js';
import { registerFleet } from './commands/fleet.js';
import { registerHelp } from './commands/help.js';
import { registerReport } from './commands/report.js';
import { registerVerify } from './commands/verify.js';
import { registerVersion } from './commands/version.js';
import { type Separated, separateCommand } from './commands/watch/separate.js';
import { isShare } from './commands/watch/share.js';
import { registerWatch } from './commands/watch.js';
import { printableLines } from './text/printable.js';
import { packageVersion } from './version.js';

/** The whole program; its commands load their work only when they run. */
export function createProgram(context: Context): Command {
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
  registerDevices(program, context);
  registerVerify(program, context);
  registerBench(program, context);
  registerCompare(program, context);
  registerFleet(program, context);
  registerWatch(program, context);
  registerReport(program, context);
  registerBuild(program, context);
  registerCompletion(program);
  registerVersion(program);
  registerHelp(program);
  return program;
}

/** Cuts off the command that `watch` runs. */
export function separateWatched(argv: readonly string[]): Separated {
  const nothing = { signal: new AbortController().signal, argv, exitCode: 0 };
  return separateCommand(argv, createProgram(nothing), isShare);
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
