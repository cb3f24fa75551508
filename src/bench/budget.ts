import { EXIT } from '../exit-codes.js';
import type { BenchResult, Warning } from '../result/schema.js';
import type { BenchSettings } from './settings.js';

/** What is left for reports and for ending workers, as a share of the budget and at least so long. */
const RESERVE_SHARE = 0.05;
const RESERVE_MS = 500;
/** Of a workload's share of the time, what may go into sampling: starting and verifying take the rest. */
const SAMPLING_SHARE = 0.4;
const WARM_UP_SHARE = 0.1;
/** A run may take this many times as long as the one before it. */
const RUN_MARGIN = 1.3;

/**
 * `--budget`: a time limit for the whole command, counted from the start of the process. It shortens
 * sampling so that every workload gets its share, leaves out runs that would not fit, and aborts what
 * is still going on shortly before the end.
 */
export class Budget {
  readonly seconds: number;
  /** Aborted when the time is up. */
  readonly signal: AbortSignal;
  readonly #now: () => number;
  readonly #endMs: number;
  readonly #timer: NodeJS.Timeout;

  /** @param now milliseconds since the start of the process */
  constructor(seconds: number, now: () => number = () => performance.now()) {
    this.seconds = seconds;
    this.#now = now;
    this.#endMs = seconds * 1000 - Math.max(RESERVE_MS, seconds * 1000 * RESERVE_SHARE);
    const controller = new AbortController();
    this.signal = controller.signal;
    this.#timer = setTimeout(() => controller.abort(), Math.max(0, this.#endMs - now()));
    this.#timer.unref();
  }

  get leftMs(): number {
    return Math.max(0, this.#endMs - this.#now());
  }

  /** The share of one of several workloads: when it must end, and settings that fit. */
  share(settings: BenchSettings, workloadsLeft: number, devices: number): WorkloadShare {
    const shareMs = this.leftMs / workloadsLeft;
    const perDeviceNs = (shareMs * 1e6) / Math.max(1, devices);
    const { measure } = settings;
    return {
      settings: {
        ...settings,
        measure: {
          ...measure,
          timeBudgetNs: Math.min(measure.timeBudgetNs, perDeviceNs * SAMPLING_SHARE),
          warmupNs: Math.min(measure.warmupNs, perDeviceNs * WARM_UP_SHARE),
        },
      },
      pace: new RunPace(this.#now, this.#now() + shareMs),
    };
  }

  close(): void {
    clearTimeout(this.#timer);
  }
}

export interface WorkloadShare {
  readonly settings: BenchSettings;
  readonly pace: RunPace;
}

/** Whether another run fits into the time of a workload. */
export class RunPace {
  readonly #now: () => number;
  readonly #endMs: number;
  #startedMs: number;

  constructor(now: () => number, endMs: number) {
    this.#now = now;
    this.#endMs = endMs;
    this.#startedMs = now();
  }

  /** Called after each run: measured by the run that has just ended. */
  fitsAnother(): boolean {
    const now = this.#now();
    const lastMs = now - this.#startedMs;
    this.#startedMs = now;
    return now + lastMs * RUN_MARGIN <= this.#endMs;
  }
}

/**
 * What a budget did to a result: rows and runs that are missing, in a warning. A command that its
 * budget ended could not check all; it was not interrupted by the user.
 */
export function withBudget(
  result: BenchResult,
  settings: Pick<BenchSettings, 'workloads' | 'runs'>,
  { seconds, signal }: Pick<Budget, 'seconds' | 'signal'>,
  interrupted: boolean,
): BenchResult {
  const missing = settings.workloads
    .map(({ workload }) => workload.id)
    .filter((id) => !result.rows.some(({ workload }) => workload === id));
  const cut = result.rows.filter(({ state }) => state === 'interrupted');
  const short = result.rows.filter(({ state, measurement }) => {
    return state === 'measured' && (measurement?.runs.length ?? 0) < settings.runs;
  });
  const parts = [
    ...(missing.length > 0 ? [`${missing.join(', ')} left out`] : []),
    ...cut.map(({ workload, device }) => `${workload} on ${device} cut off`),
    ...short.map(({ workload, device, measurement }) => {
      return `${workload} on ${device} measured in ${measurement?.runs.length} of ${settings.runs} runs`;
    }),
  ];
  if (parts.length === 0 || result.error) return result;
  const warning: Warning = {
    name: 'budget',
    message: `--budget ${seconds}s was too short for everything: ${parts.join('; ')}.`,
    advice: 'Use a longer --budget, fewer workloads or devices, or --quick.',
  };
  const unfinished = missing.length > 0 || cut.length > 0;
  const endedByBudget = signal.aborted && !interrupted;
  return {
    ...result,
    exitCode:
      unfinished && (endedByBudget || result.exitCode === EXIT.ok)
        ? worseOf(result)
        : result.exitCode,
    warnings: [...result.warnings, warning],
  };
}

/** A finding that was made stays one. */
function worseOf({ rows }: BenchResult): number {
  const found = rows.some(({ state }) => state === 'wrong' || state === 'implausible');
  return found ? EXIT.finding : EXIT.unchecked;
}
