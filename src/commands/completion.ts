import type { Command } from 'commander';
import { MpsbenchError } from '../errors.js';
import { didYouMean } from '../nearest.js';

/** `mpsbench completion bash|zsh|fish`: a completion script made from the commands themselves. */
export function registerCompletion(program: Command): void {
  program
    .command('completion')
    .argument('<shell>', Object.keys(SCRIPTS).join(', '))
    .description('print a shell completion script')
    .addHelpText(
      'after',
      `
Examples:
  $ source <(mpsbench completion bash)
  $ mpsbench completion zsh > "\${fpath[1]}/_mpsbench"
  $ mpsbench completion fish > ~/.config/fish/completions/mpsbench.fish`,
    )
    .action((shell: string) => {
      const script = SCRIPTS[shell as keyof typeof SCRIPTS];
      if (!script) {
        throw new MpsbenchError(
          'usage',
          `There is no completion for ${shell}.${didYouMean(shell, Object.keys(SCRIPTS))}`,
          `Take one of ${Object.keys(SCRIPTS).join(', ')}.`,
        );
      }
      process.stdout.write(script(collectWords(program)));
    });
}

/** What can follow each command path, for example `bench cnn` -> `--batch --device …`. */
type Words = ReadonlyMap<string, readonly string[]>;

const SCRIPTS = { bash, zsh, fish } as const;

function collectWords(program: Command): Words {
  const words = new Map<string, string[]>();
  const visit = (command: Command, path: string): void => {
    const flags = command.options.map(({ long }) => long).filter((long) => long !== undefined);
    words.set(path, [...command.commands.map((sub) => sub.name()), ...flags, '--help']);
    for (const sub of command.commands) visit(sub, path ? `${path} ${sub.name()}` : sub.name());
  };
  visit(program, '');
  return words;
}

function bash(words: Words): string {
  const cases = [...words].map(([path, next]) => `    "${path}") words="${next.join(' ')}" ;;`);
  return `_mpsbench() {
  local path="" word words=""
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "$word" in -*) break ;; *) path="\${path:+$path }$word" ;; esac
  done
  case "$path" in
${cases.join('\n')}
  esac
  COMPREPLY=($(compgen -W "$words" -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -o default -F _mpsbench mpsbench
`;
}

function zsh(words: Words): string {
  return `#compdef mpsbench
autoload -U +X bashcompinit && bashcompinit
${bash(words)}`;
}

function fish(words: Words): string {
  const lines = [...words].flatMap(([path, next]) => {
    const condition = path
      ? path
          .split(' ')
          .map((word) => `__fish_seen_subcommand_from ${word}`)
          .join('; and ')
      : '__fish_use_subcommand';
    return next.map((word) =>
      word.startsWith('--')
        ? `complete -c mpsbench -n '${condition}' -l ${word.slice(2)}`
        : `complete -c mpsbench -n '${condition}' -f -a ${word}`,
    );
  });
  return `${lines.join('\n')}\n`;
}
