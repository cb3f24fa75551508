import { type ErrorRecord, MpsbenchError } from '../../errors.js';
import { EXIT } from '../../exit-codes.js';
import type { Finding } from '../../result/schema.js';
import type { Prepared } from '../../runner/protocol.js';
import { finding, fix } from '../finding.js';
import type { Check, VerifyContext } from '../types.js';
import type { Trial } from './trial.js';

type CheckHead = Pick<Check, 'id' | 'group' | 'sources'>;

/**
 * A finding about a workload that did not run: wrong where the error says so, else unchecked. By the
 * code in its details, a bug in mpsbench is recognized as one.
 */
export function judgeError(
  check: CheckHead,
  subject: string,
  error: ErrorRecord,
  what: string,
): Finding {
  const state = MpsbenchError.from(error).exitCode === EXIT.finding ? 'fail' : 'unchecked';
  return finding(check, state, `${what} did not run: ${error.message}`, {
    subject,
    fixes: error.advice ? [fix(error.advice)] : [],
    details: { error: error.code },
  });
}

/** What differs from the float64 reference; undefined if nothing does. */
export function mismatch({ verification }: Prepared): string | undefined {
  const wrong = verification.checks.find(({ ok }) => !ok);
  if (verification.ok && !wrong) return undefined;
  if (!wrong?.worst) return 'it differs from the float64 reference';
  const { index, expected, actual } = wrong.worst;
  return `value ${index} of "${wrong.name}" is ${shown(actual)}, and the reference says ${shown(expected)}`;
}

/** A device that computes wrongly: what to do, with the command that shows it again. */
export function wrongFixes(subject: string, workload: string) {
  return [
    fix(
      'Update the driver and the system; then look at what it computed.',
      `mpsbench bench ${workload} --device ${subject} --preset example --save-tensors tensors`,
    ),
  ];
}

function shown(value: number | null): string {
  return value === null ? 'not finite' : String(Number(value.toPrecision(7)));
}

/** Where trials come from: a run on the devices, or a script. */
export type Trials = (context: VerifyContext) => Promise<readonly Trial[]>;

/** One finding a device; without a device, the check cannot be made. */
export function forEachDevice(
  check: Check,
  trials: readonly Trial[],
  judge: (trial: Trial) => Finding,
): Finding[] {
  return trials.length > 0
    ? trials.map(judge)
    : [finding(check, 'unchecked', 'No device to compute on.')];
}
