import type { Command } from 'commander';
import { packageVersion } from '../version.js';

/** `mpsbench version`, for those who type a command where others type a flag. */
export function registerVersion(program: Command): void {
  program
    .command('version')
    .description('print the version')
    .addHelpText('after', '\nExamples:\n  $ mpsbench version\n  $ mpsbench --version')
    .action(() => {
      process.stdout.write(`${packageVersion()}\n`);
    });
}
