import type { Context } from './commands/context.js';
import { MpsbenchError, withRule } from './errors.js';
import { EXIT, type ExitCode, NAGIOS, nagiosState, worstExitCode } from './exit-codes.js';
import { printable, printableLines, shorten } from './text/printable.js';
import { isCommanderError, usageError } from './usage-error.js';

/** Runs a command line and sets the process's exit code. The only place that prints an error. */
export async function runProcess(argv: readonly string[]): Promise<void> {
  const interrupt = new AbortController();
  const { own, watched } = await separated(argv.slice(2));
  // Words of a watched command are not flags of ours, wherever those are read.
  process.argv = [...argv.slice(0, 2), ...own];
  const context: Context = {
    signal: interrupt.signal,
    argv: own,
    watched,
    exitCode: EXIT.ok,
    releaseSignals: () => release(),
  };
  const debug = context.argv.includes('--debug');
  if (debug) process.env.MPSBENCH_DEBUG = '1';
  const release = onInterrupt(() => interrupt.abort());
  const end = (error: unknown) => {
    // Workers and probed interpreters end with the signal.
    interrupt.abort();
    process.exit(exitCodeOf(error, context, debug));
  };
  // Unhandled rejections arrive here too.
  process.on('uncaughtException', end);
  onLostOutput(interrupt.signal, end);
  process.exitCode = await runCommand(context, debug);
}

async function separated(words: readonly string[]) {
  if (!words.includes('watch')) return { own: words, watched: [] };
  return (await import('./program.js')).separateWatched(words);
}

/**
 * Runs one command line in this process, prints what is wrong with it, and changes nothing of the process itself.
 * @returns what to exit with, in the style asked for
 */
export async function runCommand(context: Context, debug = false): Promise<number> {
  try {
    const { createProgram } = await import('./program.js');
    const program = await createProgram(context);
    await program.parseAsync(context.argv, { from: 'user' });
    return wantsNagios(context.argv)
      ? NAGIOS[nagiosState(context.exitCode, context.doubtful)]
      : context.exitCode;
  } catch (error) {
    return exitCodeOf(error, context, debug);
  }
}

function exitCodeOf(error: unknown, context: Context, debug: boolean): number {
  return styledError(reportError(error, debug), error, context);
}

/** Read from the words themselves: a command line that cannot be read has a style too. */
function wantsNagios(argv: readonly string[]): boolean {
  return argv.some((word, i) => {
    return word === '--exit-style=nagios' || (word === '--exit-style' && argv[i + 1] === 'nagios');
  });
}

/** The exit code of an error in the style asked for; Nagios reads its status from stdout. */
function styledError(own: ExitCode, error: unknown, context: Context): number {
  const { argv, statusSaid, exitCode, keepsExitCode = false } = context;
  // A finding that was made before stays one.
  const code = keepsExitCode ? exitCode : worstExitCode([own, exitCode]);
  if (!wantsNagios(argv) || code === EXIT.ok) return code;
  const state = nagiosState(code);
  const { message } = failureOf(error);
  if (!statusSaid) process.stdout.write(`MPSBENCH ${state} - ${printable(shorten(message))}\n`);
  return NAGIOS[state];
}

/** Signals that arrive within this time are one: npm passes on a Ctrl-C that came here already. */
const SAME_INTERRUPT_MS = 300;

/**
 * The first signal asks for an orderly end, a later one ends at once.
 * @returns ends this
 */
function onInterrupt(abort: () => void): () => void {
  let askedAt: number | undefined;
  const stop = () => {
    const now = performance.now();
    if (askedAt !== undefined && now - askedAt > SAME_INTERRUPT_MS) process.exit(EXIT.interrupted);
    askedAt ??= now;
    abort();
  };
  // SIGHUP: the terminal was closed, or the connection to it was lost.
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const signal of signals) process.on(signal, stop);
  return () => {
    for (const signal of signals) process.off(signal, stop);
  };
}

/**
 * A reader that has had enough (`mpsbench devices | head -1`) or a terminal that was closed is no
 * error: files are still written, and the exit code stays. A full disk is one.
 */
function onLostOutput(interrupted: AbortSignal, end: (error: MpsbenchError) => void): void {
  process.stdout.on('error', (cause: NodeJS.ErrnoException) => {
    if (cause.code === 'EPIPE' || interrupted.aborted) return;
    end(
      new MpsbenchError(
        'io',
        `Standard output could not be written (${cause.code ?? cause.message}).`,
        'Check the destination: the disk may be full.',
        { cause },
      ),
    );
  });
  // There is nowhere left to report it.
  process.stderr.on('error', () => {});
}

const LONGEST_STACK = 100_000;

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

function failureOf(error: unknown): MpsbenchError {
  return isCommanderError(error) ? usageError(error) : MpsbenchError.from(error);
}

function reportError(error: unknown, debug: boolean): ExitCode {
  if (isCommanderError(error)) {
    if (error.exitCode === 0) return EXIT.ok;
    // Help that was printed because a command is missing.
    if (error.message === '(outputHelp)') return EXIT.usage;
  }
  const failure = failureOf(error);
  const { message, advice, rule } = failure;
  say(`mpsbench: ${printable(shorten(withRule(message, rule)))}`);
  if (advice) say(`  ${printableLines(shorten(advice)).replaceAll('\n', '\n  ')}`);
  if (debug) {
    const origin = failure.cause instanceof Error ? failure.cause : failure;
    say(printableLines(shorten(origin.stack ?? '', LONGEST_STACK)));
  }
  return failure.exitCode;
}
