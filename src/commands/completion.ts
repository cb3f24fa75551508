import { Argument, type Command } from 'commander';
import { MpsbenchError } from '../errors.js';
import { didYouMean } from '../text/did-you-mean.js';

const SHELLS = ['bash', 'zsh', 'fish'] as const;
type Shell = (typeof SHELLS)[number];

/** `mpsbench completion bash|zsh|fish`: a completion script made from the commands themselves. */
export function registerCompletion(program: Command): void {
  program
    .command('completion')
    .addArgument(new Argument('<shell>', 'bash, zsh or fish').choices(SHELLS).argParser(readShell))
    .description('print a shell completion script')
    .addHelpText('after', EXAMPLES)
    .action(async (shell: Shell) => {
      const { placesOf } = await import('./completion/places.js');
      const script = await SCRIPTS[shell]();
      process.stdout.write(script(await placesOf(program)));
    });
}

const SCRIPTS = {
  bash: async () => (await import('./completion/posix.js')).bash,
  zsh: async () => (await import('./completion/posix.js')).zsh,
  fish: async () => (await import('./completion/fish.js')).fish,
} as const satisfies Record<Shell, unknown>;

const EXAMPLES = `
Examples:
  $ source <(mpsbench completion bash)
  $ mpsbench completion zsh > "\${fpath[1]}/_mpsbench"
  $ mpsbench completion fish > ~/.config/fish/completions/mpsbench.fish`;

function readShell(text: string): Shell {
  const shell = SHELLS.find((name) => name === text);
  if (shell) return shell;
  throw new MpsbenchError(
    'usage',
    `Unknown shell: ${text}.${didYouMean(text, SHELLS)}`,
    `Use one of ${SHELLS.join(', ')}.`,
  );
}
