import { Argument, type Command, Option } from 'commander';
import { budgetOption } from './bench/bench-options.js';
import { ciOptions } from './ci/ci-options.js';
import { exitStyleOption } from './compare/compare-options.js';
import type { Context } from './context.js';
import { keep, present, presentStatus, requireOutputs } from './present.js';
import { formatOptions, timeoutOption } from './shared-options.js';
import { suggest } from './suggestions.js';
import type { VerifyFlags } from './verify/flags.js';

/** `mpsbench verify`: does machine-learning work reach the GPU on this machine? */
export function registerVerify(program: Command, context: Context): void {
  const command = program
    .command('verify')
    .summary('check that machine-learning work reaches the GPU')
    .description(
      'Checks this machine, its devices, their results, and every Python environment: does machine-learning work reach the GPU, and if not, how to fix it. Starts nothing that it finds, except with --probe.',
    )
    .addArgument(
      suggest(
        new Argument('[check...]', 'checks or groups to run, as --list names them (default: all)'),
        checkNames,
      ),
    )
    .addHelpText('after', EXAMPLES);
  for (const option of [
    new Option('--python <path...>', 'also check these environments or interpreters'),
    new Option('--probe', 'start each Python found and ask the frameworks themselves'),
    new Option('--strict', 'also exit with 1 if there are warnings'),
    suggest(new Option('--skip <check...>', 'skip these checks or groups'), checkNames),
    new Option('-v, --verbose', 'show every check, not only what is wrong'),
    new Option('--list', 'list the checks without running them (with --json as JSON)'),
    suggest(
      new Option('--explain <id>', 'print a rule or a check with its condition, fixes and sources'),
      async () => (await import('./verify/explain.js')).explainable(),
    ),
    ...formatOptions(),
    ...ciOptions(),
    budgetOption(),
    exitStyleOption(),
    timeoutOption(),
  ]) {
    command.addOption(option);
  }
  command.action(async (checks: string[], flags: VerifyFlags) => {
    if (flags.explain !== undefined) {
      const { explain } = await import('./verify/explain.js');
      explain(flags.explain);
      return;
    }
    const [{ selectChecks }, { requireMeantValues }] = await Promise.all([
      import('../verify/select-checks.js'),
      import('./verify/values.js'),
    ]);
    requireMeantValues(flags);
    const selection = selectChecks(checks, flags.skip ?? [], { probe: flags.probe ?? false });
    if (flags.list) {
      const { list } = await import('./verify/list-checks.js');
      await list(selection.checks, flags, context.signal);
      return;
    }
    await requireOutputs(flags);
    const { verify } = await import('./verify/run-verify.js');
    const result = await verify(selection, flags, context);
    context.exitCode = result.exitCode as Context['exitCode'];
    await presentStatus(result, flags, context);
    await keep(result);
    await present(result, flags, { details: flags.verbose, signal: context.signal });
  });
}

const checkNames = async () => (await import('../verify/select-checks.js')).checkNames();

const EXAMPLES = `
Examples:
  $ mpsbench verify                          all checks except those of --probe
  $ mpsbench verify --probe                  ask the frameworks themselves
  $ mpsbench verify compute                  do all devices compute correct results?
  $ mpsbench verify frameworks --python ~/venv
  $ mpsbench verify --strict --skip power --json verify.json    for CI
  $ mpsbench verify --list                   every check, with its id
  $ mpsbench verify --explain torch-no-gpu-code    a rule with its sources

Exit codes: 0 ok, 1 a check failed (with --strict also a warning), 2 could not check (no such device),
64 usage error, 130 interrupted; what was found is written.
`;
