/** What the process exits with. The only home of these numbers; docs and tests read them here. */
export const EXIT = {
  /** All well. */
  ok: 0,
  /** A finding: a check failed, a threshold was missed, a result was wrong. */
  finding: 1,
  /** Could not check: no such device, nothing measured. */
  unchecked: 2,
  /** Wrong usage (sysexits EX_USAGE). */
  usage: 64,
  /** A defect of ours (sysexits EX_SOFTWARE). */
  internal: 70,
  /** Interrupted; what was measured so far has been written (128 + SIGINT). */
  interrupted: 130,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];
