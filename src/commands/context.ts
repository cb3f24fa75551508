import type { ExitCode } from '../exit-codes.js';

/** What the program passes to a command, and where the command puts its exit code. */
export interface Context {
  /** Aborted by Ctrl-C: finish with what there is. */
  readonly signal: AbortSignal;
  /** The command line as the user typed it, without `node`. */
  readonly argv: readonly string[];
  exitCode: ExitCode;
  /** All is well, but something deserves a look; for --exit-style nagios. */
  doubtful?: boolean;
  /** The status line of --exit-style nagios has been printed. */
  statusSaid?: boolean;
}
