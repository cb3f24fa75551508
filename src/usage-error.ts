import { MpsbenchError } from './errors.js';

/** commander's wording, and ours. What matches none is passed on with a capital letter. */
const REWORDED: readonly (readonly [RegExp, string])[] = [
  [/^unknown (option|command) '(.+)'$/, 'Unknown $1: $2.'],
  [/^option '(?:.*, )?((--[\w-]+).*)' argument missing$/, '$2 needs a value: $1.'],
  [/^missing required argument '(.+)'$/, 'Missing argument: $1.'],
  [
    /^too many arguments for '(.+)'\. Expected (\d+) arguments? but got (\d+)\.$/,
    'Too many arguments for $1: expected $2, got $3.',
  ],
];

/** Whether commander threw this; exit code 0 means that help was printed. */
export function isCommanderError(error: unknown): error is Error & { exitCode: number } {
  return error instanceof Error && 'code' in error && String(error.code).startsWith('commander.');
}

/** What commander says about a command line, in the words of all other errors. */
export function usageError({ message }: Error): MpsbenchError {
  const [problem = '', hint = ''] = message.replace(/^error: /, '').split('\n');
  const [, names] = /^\(Did you mean (?:one of )?(.+)\?\)$/.exec(hint) ?? [];
  const found = REWORDED.find(([pattern]) => pattern.test(problem));
  const text = found
    ? problem.replace(...found)
    : `${problem.charAt(0).toUpperCase()}${problem.slice(1)}`;
  const suggestion = names
    ? ` Did you mean ${names
        .split(', ')
        .map((name) => `"${name}"`)
        .join(' or ')}?`
    : '';
  return new MpsbenchError('usage', text + suggestion, 'Run with --help for usage.');
}
