import type { Finding } from '../../result/schema.js';
import type { Prepared } from '../../runner/protocol.js';
import type { OutputLine } from '../../workloads/types.js';
import { finding } from '../finding.js';
import type { Check } from '../types.js';
import { forEachDevice, judgeError, mismatch, type Trials, wrongFixes } from './judge.js';
import type { Trial } from './trial.js';

/** A known answer of an example: what of its output says so. */
interface KnownAnswer {
  readonly workload: string;
  readonly title: string;
  /** In words, for the message of a failure. */
  readonly expected: string;
  matches(output: ReadonlyMap<string, string>): boolean;
}

/** Further from 10 than a hundred steps leave it with right arithmetic (9.683). */
const PREDICTION_DISTANCE = 0.5;
const ROW_SUM_ERROR = 1e-5;

const KNOWN_ANSWERS: readonly KnownAnswer[] = [
  {
    workload: 'add',
    title: '[[1, 2], [3, 4]] + [[5, 6], [7, 8]] is [[6, 8], [10, 12]] on every device',
    expected: '[[6, 8], [10, 12]]',
    matches: (output) => output.get('sum') === '[[6, 8], [10, 12]]',
  },
  {
    workload: 'linear',
    title: 'y = 2x, trained for 100 steps, predicts a value near 10 for x = 5 on every device',
    expected: 'a prediction near 10',
    matches: (output) =>
      Math.abs(Number(output.get('prediction for x = 5')) - 10) <= PREDICTION_DISTANCE,
  },
  {
    workload: 'cnn',
    title: 'a small network gives an output of shape (1, 10) whose row sums to 1 on every device',
    expected: 'shape (1, 10), and a row that sums to 1',
    matches: (output) =>
      output.get('output shape') === '(1, 10)' &&
      Math.abs(Number(output.get('row sums')) - 1) <= ROW_SUM_ERROR,
  },
];

/** One check for each example, judging what `trials` gives. */
export function exampleChecks(trials: Trials): Check[] {
  return KNOWN_ANSWERS.map((answer) => {
    const check: Check = {
      id: `compute.${answer.workload}-example`,
      group: 'compute',
      title: answer.title,
      sources: [`src/workloads/${answer.workload} (the example and its float64 reference)`],
      applies: () => true,
      run: async (context) => forEachDevice(check, await trials(context), judge),
    };
    const judge = ({ device, examples }: Trial): Finding => {
      const outcome = examples.get(answer.workload);
      if (!outcome) return finding(check, 'unchecked', 'Not run.', { subject: device.id });
      return outcome.ok
        ? judgeAnswer(check, device.id, answer, outcome.value)
        : judgeError(check, device.id, outcome.error, answer.workload);
    };
    return check;
  });
}

function judgeAnswer(
  check: Check,
  subject: string,
  { workload, expected, matches }: KnownAnswer,
  prepared: Prepared,
): Finding {
  const said = prepared.output.map(outputText).join(', ');
  const fixes = wrongFixes(subject, workload);
  if (!matches(new Map(prepared.output.map(({ label, value }) => [label, value])))) {
    const message = `${workload} is wrong: ${said}; the answer is ${expected}.`;
    return finding(check, 'fail', message, { subject, fixes });
  }
  const difference = mismatch(prepared);
  if (difference) {
    return finding(check, 'fail', `${workload} is wrong: ${difference}.`, { subject, fixes });
  }
  return finding(check, 'pass', `${workload}, ${said}`, { subject });
}

const outputText = ({ label, value }: OutputLine) => `${label}: ${value}`;
