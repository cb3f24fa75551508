import type { Command } from 'commander';
import type { Context } from './context.js';

/** `mpsbench build`: the native addon, built on this machine because the user asks for it. */
export function registerBuild(program: Command, context: Context): void {
  program
    .command('build')
    .summary('build the native addon on this machine')
    .description(
      'Builds the native addon (the cpu backend, and the GPU backends of this system) where no prebuilt package fits, or for the CPU engines that a prebuilt one lacks. Needs CMake 3.20 and a C++20 compiler; installs nothing.',
    )
    .addHelpText('after', EXAMPLES)
    .action(async () => {
      const { build } = await import('./build/run.js');
      await build({ debug: context.argv.includes('--debug') });
    });
}

const EXAMPLES = `
Examples:
  $ mpsbench build                 build, then say what was built
  $ mpsbench build --debug         show what CMake and the compiler say

Exit codes: 0 built, 2 not built (a tool is missing, an error of the compiler), 64 wrong usage,
130 interrupted.
`;
