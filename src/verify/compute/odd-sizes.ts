import type { Finding } from '../../result/schema.js';
import { finding } from '../finding.js';
import type { Check } from '../types.js';
import { forEachDevice, judgeError, mismatch, type Trials } from './judge.js';
import type { Trial } from './trial.js';

/** Sizes that no tile divides, compared value by value with the float64 reference. */
export function oddSizesCheck(trials: Trials): Check {
  const check: Check = {
    id: 'compute.odd-sizes',
    group: 'compute',
    title: 'every workload agrees with the float64 reference at sizes that no tile divides',
    sources: [
      'src/workloads (the float64 references)',
      'N. Higham, T. Mary, "A new approach to probabilistic rounding error analysis", SIAM J. Sci. Comput. 41 (2019)',
    ],
    applies: () => true,
    run: async (context) =>
      forEachDevice(check, await trials(context), (trial) => judge(check, trial)),
  };
  return check;
}

function judge(check: Check, { device, oddSizes }: Trial): Finding {
  const subject = device.id;
  let compared = 0;
  const wrong: string[] = [];
  for (const [workload, outcome] of oddSizes) {
    if (!outcome.ok) return judgeError(check, subject, outcome.error, workload);
    const difference = mismatch(outcome.value);
    if (difference) wrong.push(`${workload}: ${difference}`);
    for (const one of outcome.value.verification.checks) compared += one.compared;
  }
  if (wrong.length > 0) {
    return finding(check, 'fail', `Wrong at odd sizes. ${wrong.join('; ')}.`, {
      subject,
      fixes: [{ text: 'Update the driver and the system; use another device until then.' }],
    });
  }
  const values = compared.toLocaleString('en-US');
  return finding(check, 'pass', `${[...oddSizes.keys()].join(', ')}: ${values} values agree`, {
    subject,
  });
}
