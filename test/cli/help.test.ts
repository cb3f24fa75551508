import type { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { createProgram } from '../../src/program.js';
import { mpsbench } from './run.js';

const program = await createProgram({
  signal: new AbortController().signal,
  argv: [],
  exitCode: 0,
});

/** `bench cnn`: every command by what is typed for it, the program itself by nothing. */
function paths(command: Command, path = ''): string[] {
  return [path, ...command.commands.flatMap((sub) => paths(sub, `${path} ${sub.name()}`.trim()))];
}

describe.each(paths(program))('mpsbench %s --help', (path) => {
  const words = path === '' ? [] : path.split(' ');

  it('has examples and the global flags, and is what help shows', async () => {
    const { stdout, code } = await mpsbench([...words, '--help']);
    expect(code).toBe(0);
    expect(stdout).toMatch(new RegExp(`Examples:\\n.*\\$ .*mpsbench ${words[0] ?? ''}`));
    expect(stdout).toContain('--no-color');
    expect(stdout).toContain('--debug');
    const help = await mpsbench(['help', ...words]);
    expect([help.code, help.stdout]).toEqual([0, stdout]);
  });
});
