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
  /** A bug in mpsbench (sysexits EX_SOFTWARE). */
  internal: 70,
  /** Interrupted; what was measured so far has been written (128 + SIGINT). */
  interrupted: 130,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** What matters most first. */
const SEVERITY: readonly number[] = [
  EXIT.interrupted,
  EXIT.internal,
  EXIT.finding,
  EXIT.usage,
  EXIT.unchecked,
];

/** Of several outcomes of one command, what it exits with. */
export function worstExitCode(codes: readonly number[]): ExitCode {
  return (SEVERITY.find((code) => codes.includes(code)) ?? EXIT.ok) as ExitCode;
}

/** Choices of `--exit-style`. */
export const EXIT_STYLES = ['mpsbench', 'nagios'] as const;
export type ExitStyle = (typeof EXIT_STYLES)[number];

/**
 * States of the Monitoring Plugins guidelines, which Nagios, Icinga and Slurm's health checks read.
 * Usage and internal errors are UNKNOWN there, as is an interruption.
 */
export const NAGIOS = { OK: 0, WARNING: 1, CRITICAL: 2, UNKNOWN: 3 } as const;
export type NagiosState = keyof typeof NAGIOS;

/** @param doubtful all is well, but something deserves a look */
export function nagiosState(code: number, doubtful = false): NagiosState {
  if (code === EXIT.ok) return doubtful ? 'WARNING' : 'OK';
  return code === EXIT.finding ? 'CRITICAL' : 'UNKNOWN';
}
