import { activeClock } from '../measure/active-clock.js';
import type { MeasureOptions } from '../measure/types.js';
import { activeTimeout } from '../runner/active-timeout.js';

/** The share of a time limit that is kept for closing workers and writing the result. */
const RESERVE = 0.05;
/** Of the limit of a command: to end workers, read conditions and write the result after the time is over. */
const CLOSING_SHARE = 0.08;
const LONGEST_CLOSING_MS = 3000;
/** A backend that does not start must not take the time of the others. */
const PROBE_SHARE = 0.5;
/** Of what a device is given: the rest is lost to settling, starting and switching. */
const SAMPLING_SHARE = 0.65;
const WARMUP_SHARE = 0.2;
/** Compiling and verifying may use a unit's time until sampling would fall below this share of it. */
const LEAST_SAMPLING_SHARE = 0.15;
/** Until one unit has been measured: starting a worker and compiling, per device. */
const FIRST_OVERHEAD_NS = 0.6e9;
const SHORTEST_NS = 0.02e9;

/**
 * The time limit of a command (--budget). What is still to do shares what is left of it, so that everything is
 * measured once, if briefly, before anything is measured well. Time for which the process is stopped is not counted.
 */
export class Budget {
  /** Aborted by Ctrl-C, and when the time is over. */
  readonly signal: AbortSignal;
  readonly #interrupt: AbortSignal;
  readonly #endNs: number;
  #overheadNs: number | undefined;

  /** @param limitMs undefined without a limit */
  constructor(limitMs: number | undefined, interrupt: AbortSignal) {
    this.#interrupt = interrupt;
    this.#endNs = activeClock.nowNs() + (limitMs ?? Number.POSITIVE_INFINITY) * 1e6;
    this.signal = limitMs === undefined ? interrupt : abortedAfter(limitMs, interrupt);
  }

  /**
   * The time limit of a whole command, from the start of its process to its end.
   * @param spentMs of it: what the process has taken so far
   */
  static ofCommand(limitMs: number | undefined, spentMs: number, interrupt: AbortSignal): Budget {
    if (limitMs === undefined) return new Budget(undefined, interrupt);
    const closingMs = Math.min(LONGEST_CLOSING_MS, CLOSING_SHARE * limitMs);
    return new Budget(Math.max(1, limitMs - closingMs - spentMs), interrupt);
  }

  /** Whether the time is over, and not that the user pressed Ctrl-C. */
  get isOver(): boolean {
    return this.signal.aborted && !this.#interrupt.aborted;
  }

  /** Nanoseconds that are left; infinite without a limit. */
  get leftNs(): number {
    return Math.max(0, this.#endNs - activeClock.nowNs());
  }

  /** What is left for one of several tasks that share it. */
  share(tasks: number): Budget {
    const { leftNs } = this;
    const limitMs = Number.isFinite(leftNs) ? leftNs / 1e6 / Math.max(1, tasks) : undefined;
    return new Budget(limitMs, this.#interrupt);
  }

  /** Whether another unit can be expected to end in time. */
  get hasRoom(): boolean {
    return !this.signal.aborted && this.leftNs > (this.#overheadNs ?? 0) + SHORTEST_NS;
  }

  /**
   * The options for the next of several units that share what is left: no longer than they ask for.
   * @param devices how many are measured in one unit
   */
  pace(options: MeasureOptions, units: number, devices: number): MeasureOptions {
    const { leftNs } = this;
    if (!Number.isFinite(leftNs)) return options;
    const unitNs = (leftNs * (1 - RESERVE)) / Math.max(1, units);
    const overheadNs = this.#overheadNs ?? FIRST_OVERHEAD_NS * devices;
    const freeNs = Math.max(unitNs - overheadNs, LEAST_SAMPLING_SHARE * unitNs);
    const deviceNs = freeNs / Math.max(1, devices);
    return {
      ...options,
      timeBudgetNs: Math.max(
        SHORTEST_NS,
        Math.min(options.timeBudgetNs, SAMPLING_SHARE * deviceNs),
      ),
      warmupNs: Math.min(options.warmupNs, WARMUP_SHARE * deviceNs),
    };
  }

  /** Learns how long a unit needs besides sampling. @param options those that it was measured with */
  note(unitNs: number, { timeBudgetNs, warmupNs }: MeasureOptions, devices: number): void {
    const seen = Math.max(0, unitNs - devices * (timeBudgetNs + warmupNs));
    this.#overheadNs = this.#overheadNs === undefined ? seen : (this.#overheadNs + seen) / 2;
  }
}

/** How long a backend may take to start within the limit of a command. */
export function probeLimitMs(timeoutMs: number, limitMs = Number.POSITIVE_INFINITY): number {
  return Math.min(timeoutMs, PROBE_SHARE * limitMs);
}

/**
 * Node 20 loses signals of AbortSignal.timeout that are reached through AbortSignal.any alone: they are collected as
 * garbage, and nothing is ever aborted.
 */
function abortedAfter(limitMs: number, interrupt: AbortSignal): AbortSignal {
  const controller = new AbortController();
  const abort = () => controller.abort();
  activeTimeout(limitMs, abort);
  if (interrupt.aborted) abort();
  else interrupt.addEventListener('abort', abort, { once: true });
  return controller.signal;
}
