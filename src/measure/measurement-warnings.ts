import type { Measurement, Warning } from '../result/schema.js';
import { disturbanceText } from './disturbance-text.js';
import { FEWEST_FOR_INTERVAL, relativeHalfWidth } from './median-interval.js';
import { modesOf, modesOfRuns } from './modes.js';
import { trendOf } from './trend.js';
import type { MeasureOptions } from './types.js';

/** What the doubts are judged by, beyond the measurement itself. */
export interface WarningFacts {
  readonly options: MeasureOptions;
  /** Whether the warm-up ended because the last blocks agreed. */
  readonly warmUpSettled: boolean;
  /** The smallest step of the host's clock. */
  readonly clockStepNs: number;
  /** The smallest step of the device's clock, where it has one. */
  readonly deviceResolutionNs?: number | undefined;
}

type Doubted = Omit<Measurement, 'warnings'>;
type Rule = (measurement: Doubted, facts: WarningFacts) => Warning | undefined;

const CLOCK_SHARE = 0.005;
const OUTLIER_SHARE = 0.05;
const FEWEST_FOR_OUTLIERS = 20;
/** A drift below this does not matter, however clear it is. */
const MIN_DRIFT = 0.03;

const fewSamples: Rule = ({ wall }, { options }) => {
  const enough = Math.max(FEWEST_FOR_INTERVAL, Math.min(options.minSamples, options.maxSamples));
  if (wall.samples >= enough) return undefined;
  const taken = `Only ${wall.samples} of at least ${enough} samples ${wall.samples === 1 ? 'was' : 'were'} collected`;
  return {
    name: 'few-samples',
    message: wall.interval
      ? `${taken}, so the interval is rough.`
      : `${taken}: a median of fewer than ${FEWEST_FOR_INTERVAL} has no 95 % interval.`,
    advice: 'Use more samples (--samples), more time (--time) or a smaller problem.',
  };
};

const notConverged: Rule = ({ wall, runs, stoppedBy }, { options }) => {
  const reached = relativeHalfWidth(wall.median, wall.interval);
  if (reached === undefined || reached <= options.precision) return undefined;
  if (runs.length < 2 && stoppedBy !== 'time' && stoppedBy !== 'samples') return undefined;
  return {
    name: 'not-converged',
    message: `Precision target missed: ±${percentAtLeast(reached)} (requested ±${percent(options.precision)}).`,
    advice:
      runs.length > 1
        ? 'Use more runs (--runs) or more time (--time), or relax the target (--precision).'
        : 'Use more time (--time) or samples (--samples), or relax the target (--precision).',
  };
};

const noisy: Rule = ({ wall, runs, stoppedBy }, { options }) => {
  const reached = relativeHalfWidth(wall.median, wall.interval);
  if (reached === undefined || reached <= options.precision) return undefined;
  if (runs.length > 1 || stoppedBy !== 'noise') return undefined;
  return {
    name: 'noisy',
    message: `Noise stays at ${percent(wall.noise)}; the median is within ±${percent(reached)}.`,
    advice: 'More time will hardly help. Close other programs and let the machine cool down.',
  };
};

const unsettledWarmUp: Rule = (_, { warmUpSettled }) => {
  if (warmUpSettled) return undefined;
  return {
    name: 'unsettled',
    message: 'Timings were still changing when the warm-up ended.',
    advice: 'Use a longer warm-up (--warmup) and close other programs.',
  };
};

const drift: Rule = ({ samples, blocks }, { options }) => {
  const values = samples.map((sample) => sample.wallNs / sample.iterations);
  const trend = trendOf(values, blocks);
  if (trend === undefined || !trend.significant) return undefined;
  if (Math.abs(trend.change) <= Math.max(MIN_DRIFT, 2 * options.precision)) return undefined;
  const slower = trend.change > 0;
  return {
    name: 'drift',
    message: `Timings drifted ${percent(Math.abs(trend.change))} ${slower ? 'slower' : 'faster'} during the measurement.`,
    advice: slower
      ? 'The chip may be heating up, or another program may be busy: let it cool down and repeat.'
      : 'Use a longer warm-up (--warmup).',
  };
};

const bimodal: Rule = ({ samples, runs }) => {
  // Two kinds of runs have a warning of their own.
  if (modesOfRuns(runs)) return undefined;
  const modes = modesOf(samples.map((sample) => sample.wallNs / sample.iterations));
  if (modes === undefined) return undefined;
  const apart = modes.high / modes.low - 1;
  return {
    name: 'bimodal',
    message: `Samples fall into two groups ${percent(apart)} apart (${percent(modes.highShare)} in the slower one), so the median says little.`,
    advice:
      'Something switches between two states: clock or power limits, CPU cores, other programs.',
  };
};

const bimodalRuns: Rule = ({ runs }) => {
  const modes = modesOfRuns(runs);
  if (modes === undefined) return undefined;
  const { slow, ratio } = modes;
  return {
    name: 'bimodal-runs',
    message: `Bimodal across runs: ${slow} of ${runs.length} runs took ${ratio.toPrecision(2)}x as long as the others.`,
    advice:
      'Some libraries settle on a slow or a fast kernel each time a process starts; another program may also have been busy. Use more runs (--runs 10) to tell.',
  };
};

const coarseClock: Rule = ({ samples, wall, device, iterationsPerSample }, facts) => {
  const wallShare = facts.clockStepNs / (wall.median * iterationsPerSample);
  const deviceShare =
    device !== undefined && facts.deviceResolutionNs !== undefined
      ? facts.deviceResolutionNs / (device.median * iterationsPerSample)
      : 0;
  const stepShare = device !== undefined ? seenStepShare(samples) : 0;
  const worst = Math.max(wallShare, deviceShare, stepShare);
  if (!(worst > CLOCK_SHARE)) return undefined;
  return {
    name: 'coarse-clock',
    message: `One step of the ${wallShare >= worst ? "host's" : "device's"} clock is ${percent(worst)} of a sample.`,
    advice: 'Times this short cannot be distinguished: measure a larger problem.',
  };
};

/** The smallest step between different device times, over their typical value: 0 if unknown. */
function seenStepShare(samples: Doubted['samples']): number {
  const times = samples.map(({ deviceNs }) => deviceNs ?? 0).sort((left, right) => left - right);
  const middle = times[times.length >> 1] ?? 0;
  let step = Number.POSITIVE_INFINITY;
  let distinct = 1;
  for (let i = 1; i < times.length; i++) {
    const rise = times[i] - times[i - 1];
    if (rise > 0) {
      step = Math.min(step, rise);
      distinct++;
    }
  }
  // Times that hardly ever repeat are not steps of a clock.
  return middle > 0 && distinct > 1 && distinct <= times.length / 4 ? step / middle : 0;
}

const outliers: Rule = ({ wall }) => {
  const share = wall.outliers.length / wall.samples;
  if (wall.samples < FEWEST_FOR_OUTLIERS || share <= OUTLIER_SHARE) return undefined;
  return {
    name: 'outliers',
    message: `${wall.outliers.length} of ${wall.samples} samples are outliers; all of them are counted.`,
    advice: 'Other programs or interrupts took part: close what is running and repeat.',
  };
};

const throttled: Rule = ({ samples }) => {
  const held = samples.flatMap(({ throttling = [] }) =>
    throttling.length > 0 ? [throttling] : [],
  );
  if (held.length === 0) return undefined;
  const reasons = [...new Set(held.flat())].join(', ');
  return {
    name: 'throttled',
    message: `${held.length} of ${samples.length} samples were throttled: ${reasons}.`,
    advice: 'Let the device cool down, check its cooling and its power limit, and repeat.',
  };
};

const sharedDevice: Rule = ({ telemetry }) => {
  if (!telemetry) return undefined;
  const readings = [telemetry.before, ...telemetry.blocks, telemetry.after];
  const others = Math.max(...readings.map(({ otherProcesses = 0 }) => otherProcesses));
  if (others === 0) return undefined;
  return {
    name: 'shared-device',
    message: `${others} other process${others === 1 ? '' : 'es'} held the device while it was measured.`,
    advice: 'End what else runs on the device, and repeat.',
  };
};

const disturbed: Rule = ({ disturbance }) => {
  const text = disturbanceText(disturbance);
  if (!disturbance || text === undefined) return undefined;
  const { samples, otherCpus = 0 } = disturbance;
  const others = otherCpus >= 0.1 ? ` Other programs used ${otherCpus.toFixed(1)} CPUs.` : '';
  return {
    name: 'disturbed',
    message: `Disturbed: ${text} (${samples} sample${samples === 1 ? '' : 's'}), so the time is not that of a quiet machine.${others}`,
    advice: 'Close other programs, raise CPU limits or use fewer threads (--threads), and repeat.',
  };
};

const suspended: Rule = ({ disturbance }) => {
  const suspendedNs = disturbance?.suspendedNs ?? 0;
  if (suspendedNs === 0) return undefined;
  return {
    name: 'suspended',
    message: `The process was stopped, or the machine asleep, for about ${(suspendedNs / 1e9).toPrecision(2)} s during the measurement.`,
    advice: 'Those samples were dropped and repeated; no action needed.',
  };
};

const invalidReading: Rule = ({ invalidReadings = [], samples }) => {
  if (invalidReadings.length === 0) return undefined;
  const each = invalidReadings.map(({ reading, samples: count }) => {
    return `${reading} (${count} of ${samples.length} samples)`;
  });
  return {
    name: 'invalid-reading',
    message: `The device reported times that cannot be: ${each.join('; ')}. They were left out, and rates use wall time.`,
    advice: 'Update the driver; please report it with the JSON result.',
  };
};

const invalidSensor: Rule = ({ telemetry }) => {
  if (!telemetry) return undefined;
  const readings = [telemetry.before, ...telemetry.blocks, telemetry.after];
  const names = [...new Set(readings.flatMap(({ invalid = [] }) => invalid))];
  if (names.length === 0) return undefined;
  return {
    name: 'invalid-sensor',
    message: `The device's sensors reported values that cannot be, which were left out: ${names.join(', ')}.`,
    advice: 'The times are not affected. Update the driver.',
  };
};

const RULES: readonly Rule[] = [
  invalidReading,
  invalidSensor,
  disturbed,
  suspended,
  fewSamples,
  notConverged,
  noisy,
  unsettledWarmUp,
  drift,
  bimodal,
  bimodalRuns,
  coarseClock,
  outliers,
  throttled,
  sharedDevice,
];

/** Every doubt about a measurement, each with a name, what was seen, and what helps. */
export function warningsOf(measurement: Doubted, facts: WarningFacts): Warning[] {
  return RULES.map((rule) => rule(measurement, facts)).filter((warning) => warning !== undefined);
}

/** Rounded up, so that what misses a target never looks like it. */
function percentAtLeast(share: number): string {
  const step = 10 ** (Math.floor(Math.log10(share)) - 1);
  return percent(Math.ceil(share / step) * step);
}

function percent(share: number): string {
  const value = share * 100;
  return `${value < 10 ? Number(value.toPrecision(2)) : Math.round(value)} %`;
}
