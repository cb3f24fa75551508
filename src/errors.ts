import { EXIT, type ExitCode } from './exit-codes.js';
import { systemFailure } from './system-failure.js';

/** Every failure has one of these codes; each maps to one exit code. */
const EXIT_OF_CODE = {
  /** The command line asks for something that does not exist or cannot be. */
  usage: EXIT.usage,
  /** The backend cannot start, or there is no such device. */
  unavailable: EXIT.unchecked,
  /** The device lacks an op, a dtype or a size. */
  unsupported: EXIT.unchecked,
  /** The sizes do not fit the device's memory. */
  out_of_memory: EXIT.unchecked,
  /** The device was lost or reported an error while it ran. */
  device_lost: EXIT.unchecked,
  /** The worker process ended without an answer. */
  worker_crashed: EXIT.unchecked,
  /** The worker process took longer than its time limit. */
  worker_timeout: EXIT.unchecked,
  /** The device computed something else than the reference. */
  wrong_result: EXIT.finding,
  /** A measurement faster than the hardware can be. */
  implausible: EXIT.finding,
  /** A file could not be read or written. */
  io: EXIT.unchecked,
  /** The user pressed Ctrl-C. */
  interrupted: EXIT.interrupted,
  /** A bug in mpsbench. */
  internal: EXIT.internal,
} as const satisfies Record<string, ExitCode>;

export type ErrorCode = keyof typeof EXIT_OF_CODE;

/**
 * A failure as users see it: a code, a sentence about what happened (`message`) and one about what
 * to do (`advice`). Only src/cli.ts prints it.
 */
export class MpsbenchError extends Error {
  override readonly name = 'MpsbenchError';
  readonly code: ErrorCode;
  readonly advice: string;
  /** The rule of `verify` that knows this failure. */
  readonly rule: string | undefined;

  constructor(
    code: ErrorCode,
    message: string,
    advice = '',
    { rule, ...options }: ErrorOptions & { readonly rule?: string } = {},
  ) {
    super(message, options);
    this.code = code;
    this.advice = advice;
    this.rule = rule;
  }

  get exitCode(): ExitCode {
    return EXIT_OF_CODE[this.code];
  }

  /** The plain form that crosses process and native boundaries. */
  toJSON(): ErrorRecord {
    const { code, message, advice, rule } = this;
    return { code, message, advice, ...(rule !== undefined && { rule }) };
  }

  /**
   * Makes an MpsbenchError of anything thrown. Errors that carry one of our codes (from the addon or
   * from a worker) keep it, and limits of the system are named; all others become `internal`. The original is the `cause`.
   */
  static from(thrown: unknown): MpsbenchError {
    if (thrown instanceof MpsbenchError) return thrown;
    if (isRecord(thrown) && typeof thrown.code === 'string' && thrown.code in EXIT_OF_CODE) {
      return new MpsbenchError(
        thrown.code as ErrorCode,
        String(thrown.message ?? ''),
        typeof thrown.advice === 'string' ? thrown.advice : '',
        { cause: thrown, ...(typeof thrown.rule === 'string' && { rule: thrown.rule }) },
      );
    }
    const system = systemFailure(thrown);
    if (system)
      return new MpsbenchError(system.code, system.message, system.advice, { cause: thrown });
    const message = thrown instanceof Error ? thrown.message : String(thrown);
    return new MpsbenchError(
      'internal',
      message,
      'This is a bug in mpsbench. Please report it with the output of --debug.',
      { cause: thrown },
    );
  }
}

export interface ErrorRecord {
  readonly code: ErrorCode;
  readonly message: string;
  readonly advice: string;
  readonly rule?: string;
}

/** `It crashed. [probe.crash]`: a sentence, and the rule of `verify` that knows it. */
export function withRule(text: string, rule: string | undefined): string {
  return rule === undefined ? text : `${text} [${rule}]`;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
