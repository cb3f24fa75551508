/** What the program passes to a command, and where the command puts its exit code. */
export interface Context {
  /** Aborted by Ctrl-C: finish with what there is. */
  readonly signal: AbortSignal;
  /** The command line as the user typed it, without `node`. */
  readonly argv: readonly string[];
  /** One of EXIT, or what a watched command ended with. */
  exitCode: number;
  /** The exit code is a watched command's: no failure of ours replaces it. */
  keepsExitCode?: boolean;
  /** The command that follows `watch` and its flags, word by word. */
  readonly watched?: readonly string[];
  /** Ends the program's own handling of signals, for a command that passes them on. */
  releaseSignals?(): void;
  /** All is well, but something deserves a look; for --exit-style nagios. */
  doubtful?: boolean;
  /** The status line of --exit-style nagios has been printed. */
  statusSaid?: boolean;
}
