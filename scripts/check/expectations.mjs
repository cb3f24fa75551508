/**
 * What the continuous integration expects of a run on a hosted runner, whose GPU is Apple's
 * paravirtual one.
 *
 * macos-26: MPSGraph 6.4 and 6.5 were reported to compute wrongly there, with every release of PyTorch,
 * where macos-15 and its MPSGraph 5.6 are right
 * (https://github.com/actions/runner-images/issues/14380). A wrong result of Metal is recorded on that
 * image and tolerated. Take the image off the list when a run there is right.
 */
export const WRONG_RESULTS_REPORTED = ['macos-26'];

/**
 * How work ends when a driver crashes or hangs. The paravirtual GPU's may stay broken for the life of
 * the virtual machine ("Compilation failed (code=2)"): such an end is recorded, not judged.
 */
const DRIVER_FAILURES = ['worker_crashed', 'worker_timeout', 'device_lost'];

/**
 * @param {object} run
 * @param {string} run.image the runner's label
 * @param {number | null} run.exitCode of mpsbench; null if a signal ended it
 * @param {import('../../src/result/schema.js').Result} run.result what it wrote as JSON
 * @returns {{ verdict: 'as expected' | 'tolerated' | 'failed', reasons: string[] }}
 */
export function judge({ image, exitCode, result }) {
  if (exitCode === 0) return { verdict: 'as expected', reasons: [] };
  // A runner lacks much that verify looks for: that is not our failure.
  if (exitCode === 2 && result.command === 'verify') {
    return { verdict: 'as expected', reasons: ['something could not be checked'] };
  }
  const faults = faultsOf(result);
  const reasons = [`exit code ${exitCode}`, ...faults.map(({ text }) => text)];
  const mayBeWrong = exitCode === 1 && WRONG_RESULTS_REPORTED.includes(image);
  const isTolerated =
    (exitCode === 1 || exitCode === 2) &&
    faults.length > 0 &&
    faults.every(({ isWrongMetal, isParavirtualCrash }) =>
      isWrongMetal ? mayBeWrong : isParavirtualCrash,
    );
  return { verdict: isTolerated ? 'tolerated' : 'failed', reasons };
}

function faultsOf(result) {
  if (result.command === 'bench') {
    return result.rows
      .filter(({ state }) => state !== 'measured')
      .map(({ workload, device, state, error }) => ({
        text: `${workload} on ${device}: ${state}, ${error?.message}`,
        isWrongMetal: state === 'wrong' && isMetal(device),
        isParavirtualCrash:
          DRIVER_FAILURES.includes(error?.code) && isParavirtual(result.devices, device),
      }));
  }
  if (result.command === 'verify') {
    return result.findings
      .filter(({ state }) => state === 'fail')
      .map(({ check, subject, message }) => ({
        text: `${check}: ${message}`,
        isWrongMetal: COMPUTES.test(check) && isMetal(subject),
      }));
  }
  return [];
}

/** The checks that compare what a device computes with what is right; others time it. */
const COMPUTES = /^compute\.(\w+-example|odd-sizes)$/;

const isParavirtual = (devices, id) =>
  devices?.some((device) => device.id === id && device.details.paravirtual === true) ?? false;

const isMetal = (device) => /^metal:\d+$/.test(device ?? '');
