import type { Command } from 'commander';
import type { CompareOptions, Comparison } from '../compare/compare-results.js';
import { MpsbenchError } from '../errors.js';
import type { OutputFlags } from '../result/outputs.js';
import { type CiFlags, ciOptions } from './ci/ci-options.js';
import {
  type CompareFlags,
  confirmOption,
  exitStyleOption,
  toleranceOption,
  unclearOption,
} from './compare/compare-options.js';
import type { Side } from './compare/read-side.js';
import type { Context } from './context.js';
import { present, presentStatus, requireOutputs } from './present.js';
import { startProgress } from './progress/start-progress.js';
import { detailsOption, formatOptions } from './shared-options.js';

/** `mpsbench compare BASE NEW`: did anything get slower? */
export function registerCompare(program: Command, context: Context): void {
  const command = program
    .command('compare')
    .summary('compare two saved results')
    .description(
      'Compares saved results of bench row by row: faster, same, slower or unclear. Several results of a side are pooled: comma-separated files, or a folder.',
    )
    .argument(
      '[base]',
      'the results to compare with: comma-separated files, a folder, - for stdin, last or last:2 for the latest and the one before',
    )
    .argument('[new]', 'the results to judge')
    .option('--last', 'NEW is the latest bench; without BASE, that is the one before it');
  const options = [
    toleranceOption(),
    confirmOption(),
    unclearOption(),
    detailsOption(),
    ...formatOptions(),
    ...ciOptions(),
    exitStyleOption(),
  ];
  for (const option of options) command.addOption(option);
  command.addHelpText('after', EXAMPLES).action(async (...[base, now, flags]: Arguments) => {
    const result = await compare(...sidesOf(base, now, flags), flags, context);
    context.exitCode = result.exitCode as Context['exitCode'];
    await presentStatus(result, flags, context);
    await present(result, flags, {
      details: flags.details,
      saved: true,
      signal: context.signal,
    });
  });
}

type Flags = CompareFlags &
  OutputFlags &
  CiFlags & { details?: true; exitStyle?: string; confirm?: true; last?: true };

type Arguments = [base: string | undefined, now: string | undefined, flags: Flags];

/** @throws MpsbenchError `usage` unless both sides are named */
function sidesOf(...[base, now, { last }]: Arguments): [base: string, now: string] {
  if (last && now === undefined) return [base ?? 'last:2', 'last'];
  if (base !== undefined && now !== undefined && !last) return [base, now];
  throw new MpsbenchError(
    'usage',
    last ? 'Use either NEW or --last.' : 'compare needs two results: BASE and NEW.',
    'Use mpsbench compare BASE NEW, or mpsbench compare BASE --last.',
  );
}

async function compare(base: string, now: string, flags: Flags, context: Context) {
  const { argv, signal } = context;
  await requireOutputs(flags);
  const [{ resultHead }, { readSide }, { compareResults }] = await Promise.all([
    import('../result/head.js'),
    import('./compare/read-side.js'),
    import('../compare/compare-results.js'),
  ]);
  const head = resultHead(argv);
  const seen = new Map<string, string>();
  const before = await readSide('BASE', base, seen, signal);
  const after = await readSide('NEW', now, seen, signal);
  const options = { tolerances: flags.tolerance ?? [], unclear: flags.unclear };
  const first = compareResults(before.results, after.results, options);
  const comparison = flags.confirm
    ? await confirm(first, { before, after, options }, context)
    : first;
  return {
    ...head(),
    command: 'compare' as const,
    ...comparison,
    warnings: [...before.warnings, ...after.warnings, ...comparison.warnings],
  };
}

interface Compared {
  readonly before: Side;
  readonly after: Side;
  readonly options: CompareOptions;
}

async function confirm(
  first: Comparison,
  { before, after, options }: Compared,
  context: Context,
): Promise<Comparison> {
  const { confirmComparison } = await import('./compare/confirm.js');
  const progress = await startProgress('measuring again');
  const bench = { ...context, progress };
  return confirmComparison(first, before.results, after.results, options, bench).finally(() =>
    progress.stop(),
  );
}

const EXAMPLES = `
Examples:
  $ mpsbench compare base.json new.json                    did anything get slower?
  $ mpsbench compare base.json new.json --tolerance 3%     smaller changes count too
  $ mpsbench compare before/ after/ --tolerance cnn=3%     all results of two folders, pooled
  $ mpsbench compare a.json,b.json new.json --markdown     for a pull request
  $ mpsbench compare base.json new.json --unclear fail     a gate that wants certainty
  $ mpsbench compare base.json --last                      the bench that ran last
  $ mpsbench compare --last                                the last two

Exit codes: 0 nothing is slower, 1 a row is slower or became wrong, 2 something could not be compared,
64 usage error.`;
