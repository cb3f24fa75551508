import { systemClock } from './clock.js';
import type { Clock } from './types.js';

/** How often a process that waits for others shows that it is running. */
const BEAT_MS = 100;
/** A process that has not run for so long was stopped: no load keeps one waiting for this long. */
const LONGEST_GAP_NS = 1e9;

/**
 * The time for which this process was running: a clock that does not advance while it is stopped (Ctrl-Z,
 * SIGSTOP, a frozen container), so that no budget is spent meanwhile. The system's monotonic clock
 * already stops while the machine is asleep.
 */
export class ActiveClock implements Clock {
  readonly #clock: Clock;
  readonly #beat: NodeJS.Timeout;
  #lastNs: number;
  #stoppedNs = 0;

  constructor(clock: Clock = systemClock) {
    this.#clock = clock;
    this.#lastNs = clock.nowNs();
    this.#beat = setInterval(() => this.nowNs(), BEAT_MS);
    this.#beat.unref();
  }

  nowNs(): number {
    const nowNs = this.#clock.nowNs();
    const gapNs = nowNs - this.#lastNs;
    if (gapNs > LONGEST_GAP_NS) this.#stoppedNs += gapNs;
    this.#lastNs = nowNs;
    return nowNs - this.#stoppedNs;
  }

  /** Ends the beat; from then on, it only shows the time. */
  close(): void {
    clearInterval(this.#beat);
  }
}

/** Of this process. */
export const activeClock = new ActiveClock();
