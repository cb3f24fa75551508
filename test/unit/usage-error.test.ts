import { Command } from 'commander';
import { expect, test } from 'vitest';
import { isCommanderError, usageError } from '../../src/usage-error.js';

/** A program of one command, which says nothing by itself. */
function messageFor(...args: string[]): string {
  const program = new Command('mpsbench').exitOverride().configureOutput({ writeErr: () => {} });
  program
    .command('run')
    .argument('<file>')
    .option('-t, --time <seconds>')
    .option('--tame')
    .action(() => {});
  try {
    program.parse(args, { from: 'user' });
  } catch (error) {
    if (!isCommanderError(error)) throw error;
    const { code, message, advice } = usageError(error);
    expect([code, advice]).toEqual(['usage', 'Run with --help for usage.']);
    return message;
  }
  throw new Error('no error');
}

test.each([
  ['ran', 'Unknown command: ran. Did you mean "run"?'],
  ['run a --whatever', 'Unknown option: --whatever.'],
  ['run a --tume', 'Unknown option: --tume. Did you mean "--tame" or "--time"?'],
  ['run a --time', '--time needs a value: --time <seconds>.'],
  ['run', 'Missing argument: file.'],
  ['run a b', 'Too many arguments for run: expected 1, got 2.'],
])('%s', (args, message) => {
  expect(messageFor(...args.split(' '))).toBe(message);
});

test('what is not known keeps its words', () => {
  const error = Object.assign(new Error('error: option conflict'), { code: 'commander.conflict' });
  expect(usageError(error).message).toBe('Option conflict');
});
