import { computesOnCpu, disturbanceOf } from '../../measure/disturbance.js';
import { disturbanceText } from '../../measure/disturbance-text.js';
import { plausibility } from '../../measure/plausibility.js';
import type { Finding, Sample } from '../../result/schema.js';
import { formatFlops, formatNs, formatPercent } from '../../result/units.js';
import { findWorkload } from '../../workloads/registry.js';
import { finding, fix } from '../finding.js';
import type { Check } from '../types.js';
import { forEachDevice, judgeError, type Trials } from './judge.js';
import type { Timing, Trial } from './trial.js';

/** The two clocks are read at different moments; more than this apart is not rounding. */
const CLOCK_TOLERANCE = 1.1;

/** The device's own clock sees the work: above zero, and no longer than the host waited. */
export function deviceTimeCheck(trials: Trials): Check {
  const check: Check = {
    id: 'compute.device-time',
    group: 'compute',
    title: "the device's own clock sees the work: above zero, and not above the wall time",
    sources: ['docs/measurement.md'],
    applies: () => true,
    run: async (context) =>
      forEachDevice(check, await trials(context), (trial) => judgeTime(check, trial)),
  };
  return check;
}

function judgeTime(check: Check, { device, timing }: Trial): Finding {
  const subject = device.id;
  if (!timing.ok) return judgeError(check, subject, timing.error, 'The timed workload');
  const { samples } = timing.value;
  const { wallNs, deviceNs } = fastest(samples);
  if (!device.deviceClock) {
    const message = `no device clock; ${formatNs(wallNs)} per step by the host clock`;
    return finding(check, 'pass', message, { subject });
  }
  if (isCoarse(device, samples)) {
    const step = formatNs(device.deviceClock.resolutionNs ?? 0);
    const message = `device clock resolution ${step}: too coarse to check`;
    return finding(check, 'pass', message, { subject });
  }
  const fixes = [fix('Update the driver; use wall times until then.')];
  const [invalid] = samples.flatMap((sample) => sample.invalid ?? []);
  if (invalid !== undefined) {
    const message = `Its clock (${device.deviceClock.source}) reports times that cannot be: ${invalid}.`;
    return finding(check, 'fail', message, { subject, fixes });
  }
  if (deviceNs === undefined || !(deviceNs > 0)) {
    return finding(
      check,
      'fail',
      `Its clock (${device.deviceClock.source}) measured no time: nothing shows that work ran on it.`,
      { subject, fixes },
    );
  }
  const times = `${formatNs(deviceNs)} per step by the device clock, ${formatNs(wallNs)} by the host clock`;
  return deviceNs > wallNs * CLOCK_TOLERANCE
    ? finding(check, 'warning', `Device time exceeds wall time: ${times}.`, { subject, fixes })
    : finding(check, 'pass', times, { subject });
}

/** No result is faster than the hardware can be. */
export function physicsCheck(trials: Trials): Check {
  const check: Check = {
    id: 'compute.physics',
    group: 'compute',
    title: 'no device is faster than its hardware can be',
    sources: ['S. Williams, A. Waterman, D. Patterson, "Roofline", CACM 52 (2009)'],
    applies: () => true,
    run: async (context) =>
      forEachDevice(check, await trials(context), (trial) => judgeSpeed(check, trial)),
  };
  return check;
}

function judgeSpeed(check: Check, { device, timing }: Trial): Finding {
  const subject = device.id;
  if (!timing.ok) return judgeError(check, subject, timing.error, 'The timed workload');
  const { samples, doubt } = undisturbed(device, timing.value.samples);
  const { wallNs, deviceNs = 0 } = fastest(samples);
  const stepNs = deviceNs > 0 && !isCoarse(device, samples) ? deviceNs : wallNs;
  const speed = speedOf(timing.value, stepNs, device.peak);
  if (!speed) {
    return finding(check, 'fail', 'The clock measured no time at all.', {
      subject,
      fixes: [fix('Update the driver; do not trust times of this device until then.')],
    });
  }
  const { rates, implausible } = speed;
  if (implausible) {
    return finding(check, 'fail', implausible.message, {
      subject,
      fixes: [fix(implausible.advice)],
      ...(device.peak && { sources: [device.peak.source, ...check.sources] }),
    });
  }
  const rate = `${formatFlops(rates.gflops)} in f32`;
  const message =
    rates.rooflineShare === undefined
      ? `${rate}; peak unknown`
      : `${rate}, ${formatPercent(rates.rooflineShare)} of peak`;
  if (doubt !== undefined) {
    return finding(check, 'warning', `${message}; too slow, since it was disturbed: ${doubt}`, {
      subject,
      fixes: [fix('Close other programs, or raise CPU limits, and run verify again.')],
    });
  }
  return finding(check, 'pass', message, { subject });
}

function speedOf({ workload, params }: Timing, stepNs: number, peak: Trial['device']['peak']) {
  const work = findWorkload(workload)?.work(params, 'f32');
  return work && plausibility({ median: stepNs }, work, 'f32', peak);
}

/** A group of iterations has to be this many steps of the device's clock long. */
const LEAST_CLOCK_STEPS = 10;

/** Browsers' guard against timing attacks, where it is left on, gives steps of 0.1 ms. */
function isCoarse({ deviceClock }: Trial['device'], samples: readonly Sample[]): boolean {
  const shortestNs = Math.min(...samples.map(({ wallNs }) => wallNs));
  return (deviceClock?.resolutionNs ?? 0) * LEAST_CLOCK_STEPS > shortestNs;
}

/** Those that nothing disturbed, or all if there are none: then with what disturbed them. */
function undisturbed(
  { kind }: Trial['device'],
  samples: readonly Sample[],
): { samples: readonly Sample[]; doubt?: string } {
  const clean = samples.filter(({ disturbed = [] }) => {
    return disturbed.every((reason) => reason === 'suspended');
  });
  if (clean.length > 0) return { samples: clean };
  const doubt = disturbanceText(disturbanceOf(samples, computesOnCpu(kind)));
  return { samples, ...(doubt && { doubt }) };
}

/** Nanoseconds per iteration of the fastest sample: the one that would break a limit. */
export function fastest(samples: readonly Sample[]): { wallNs: number; deviceNs?: number } {
  const wallNs = Math.min(...samples.map((sample) => sample.wallNs / sample.iterations));
  const device = samples.flatMap(({ deviceNs, iterations }) =>
    deviceNs === undefined ? [] : [deviceNs / iterations],
  );
  return device.length > 0 ? { wallNs, deviceNs: Math.min(...device) } : { wallNs };
}
