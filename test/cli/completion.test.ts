import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Command } from 'commander';
import { beforeAll, describe, expect, it } from 'vitest';
import { createProgram } from '../../src/program.js';
import { mpsbench } from './run.js';

const program = await createProgram({
  signal: new AbortController().signal,
  argv: [],
  exitCode: 0,
});
const folder = mkdtempSync(join(tmpdir(), 'mpsbench-completion-'));
const cwd = join(folder, 'cwd');
mkdirSync(cwd);
writeFileSync(join(cwd, 'result.json'), '');

/** Every command with its path: `['bench', 'cnn']`. */
function commandsOf(command: Command, path: readonly string[] = []): [string[], Command][] {
  const below = command.commands.flatMap((sub) => commandsOf(sub, [...path, sub.name()]));
  return [[[...path], command], ...below];
}

/**
 * For each shell, a script that prints what it offers for the last of its arguments; `files` if it
 * offers files. zsh's own functions stand in as fakes: without a terminal it has none.
 */
const SHELLS = {
  bash: `source "$SCRIPT"
COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
_mpsbench
printf '%s\\n' "\${COMPREPLY[@]:-files}"`,
  zsh: `compdef() { }
_describe() { # the names before the descriptions, without the escapes of colons
  for entry in "\${(@P)2}"; do
    name="\${\${entry//\\\\:/\x01}%%:*}"
    name="\${name//\x01/:}"
    [[ $name = $words[CURRENT]* ]] && print -r -- $name
  done; true
}
_files() { print files }
source "$SCRIPT"
words=("$@") CURRENT=$#
_mpsbench`,
  fish: `source $SCRIPT
complete -C (string join ' ' -- $argv) | string replace -r '\\t.*' ''`,
};

type Shell = keyof typeof SHELLS;

function offers(shell: Shell, ...words: readonly string[]): string[] {
  const dashes = shell === 'fish' ? [] : [shell];
  const { stdout, stderr } = spawnSync(
    shell,
    ['-c', SHELLS[shell], ...dashes, 'mpsbench', ...words],
    { encoding: 'utf8', cwd, env: { ...process.env, SCRIPT: join(folder, shell) } },
  );
  expect(stderr).toBe('');
  return stdout.split('\n').filter((line) => line !== '');
}

describe.each(Object.keys(SHELLS) as Shell[])('completions of %s', (shell) => {
  const missing = spawnSync(shell, ['-c', 'true']).error !== undefined;
  /** Where nothing is known, fish names the files that are there. */
  const files = shell === 'fish' ? ['result.json'] : ['files'];

  beforeAll(async () => {
    const { stdout, code } = await mpsbench(['completion', shell]);
    expect(code).toBe(0);
    writeFileSync(join(folder, shell), stdout);
  });

  const complete = (title: string, test: () => void) =>
    it(title, (context) => {
      if (missing) context.skip(`${shell} is not installed`);
      test();
    });

  complete('know every command and every flag', () => {
    for (const [path, command] of commandsOf(program)) {
      const flags = command.options.map(({ long }) => long);
      expect(offers(shell, ...path, '--')).toEqual(expect.arrayContaining([...flags, '--help']));
      const names = command.commands.map((sub) => sub.name());
      if (names.length > 0) expect(offers(shell, ...path, '').sort()).toEqual(names.sort());
    }
  });

  complete('go on behind an argument, a value and a global flag', () => {
    expect(offers(shell, 'report', 'r.json', '--')).toContain('--markdown');
    expect(offers(shell, 'verify', 'power', '--')).toContain('--strict');
    expect(offers(shell, '--no-color', 'devices', '--')).toContain('--engine');
    expect(offers(shell, 'bench', 'cnn', '--batch', '8', '--no-')).toEqual(['--no-color']);
    expect(offers(shell, 'bench', '--debug', 'l')).toEqual(['linear']);
  });

  complete('offer the flags of bench all behind bench alone', () => {
    expect(offers(shell, 'bench', '--comp')).toEqual(['--compare-cpu']);
    expect(offers(shell, 'bench', '--dtype', 'b')).toEqual(['bf16']);
  });

  complete('know the names that a flag or a command takes', () => {
    const values = (flag: string) => offers(shell, 'bench', 'cnn', flag, '').sort();
    expect(values('--dtype')).toEqual(['bf16', 'f16', 'f32', 'f64']);
    expect(values('--preset')).toEqual(['default', 'example', 'large', 'small']);
    expect(values('--mode')).toEqual(['latency', 'throughput']);
    expect(values('--placement')).toEqual(['soft', 'strict']);
    expect(values('--engine')).toEqual(['cblas', 'onednn', 'reference']);
    expect(values('--device')).toEqual(expect.arrayContaining(['auto', 'gpu', 'webgpu']));
    expect(offers(shell, 'bench', 'cnn', '--dtype', 'b')).toEqual(['bf16']);
    expect(offers(shell, 'completion', '').sort()).toEqual(['bash', 'fish', 'zsh']);
    expect(offers(shell, 'verify', 'pow')).toEqual(['power']);
    expect(offers(shell, 'verify', '--probe', 'system.pow')).toEqual(['system.power']);
    expect(offers(shell, 'verify', '--skip', 'power', 'comp')).toContain('compute');
    expect(offers(shell, 'help', 'veri')).toEqual(['verify']);
  });

  complete('know device ids, whose colon splits a word in bash', () => {
    expect(offers(shell, 'bench', 'cnn', '--device', 'cp')).toEqual(['cpu', 'cpu:0']);
    const words = shell === 'bash' ? ['webgpu', ':', ''] : ['webgpu:'];
    const rest = shell === 'bash' ? '0' : 'webgpu:0';
    expect(offers(shell, 'bench', 'cnn', '--device', ...words)).toEqual([rest]);
  });

  complete('offer the commands behind help', () => {
    expect(offers(shell, 'help', 'bench', '').sort()).toEqual(['add', 'all', 'cnn', 'linear']);
    expect(offers(shell, 'help', 'bench', '--')).not.toContain('--compare-cpu');
  });

  complete('leave files to the shell', () => {
    expect(offers(shell, 'report', '')).toEqual(files);
    expect(offers(shell, 'bench', 'cnn', '--json', '')).toEqual(files);
  });
});

it.each(['zsh', 'fish'])('%s describes commands, flags and values', async (shell) => {
  const { stdout } = await mpsbench(['completion', shell]);
  for (const text of ['print a shell completion script', 'hardware GPU', 'seed of the']) {
    expect(stdout).toContain(text);
  }
});

it('bash gives --flag=value as three words', () => {
  expect(offers('bash', 'bench', 'cnn', '--dtype', '=', 'b')).toEqual(['bf16']);
  expect(offers('bash', 'bench', 'cnn', '--mode', '=')).toEqual(['latency', 'throughput']);
  expect(offers('bash', 'bench', 'cnn', '--dtype', '=', 'f32', '--comp')).toEqual([
    '--compare-cpu',
  ]);
});

it.each(['tcsh', 'toString'])('%s has no completion', async (shell) => {
  const { code, stderr, stdout } = await mpsbench(['completion', shell]);
  expect([code, stdout]).toEqual([64, '']);
  expect(stderr).toContain(`Unknown shell: ${shell}.`);
});
