import type { Command } from 'commander';
import type { Context } from './context.js';

/** `mpsbench build`: the native addon, built on this machine because the user asks for it. */
export function registerBuild(program: Command, context: Context): void {
  program
    .command('build')
    .summary('build the native addon on this machine')
    .description(
      'Build the native addon: the cpu backend and the GPU backends of this system. Use it if no prebuilt package fits, or to add CPU engines that the prebuilt package lacks. Needs CMake 3.20 and a C++20 compiler; installs nothing.',
    )
    .addHelpText('after', EXAMPLES)
    .action(async () => {
      const { build } = await import('./build/build-addon.js');
      const { argv, signal } = context;
      await build({ debug: argv.includes('--debug'), signal });
    });
}

const EXAMPLES = `
Examples:
  $ mpsbench build                 build, then report what was built
  $ mpsbench build --debug         show the output of CMake and the compiler

Exit codes: 0 built, 2 not built (missing tool, compiler error), 64 usage error, 130 interrupted.
`;
