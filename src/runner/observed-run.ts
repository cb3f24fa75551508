import { setImmediate } from 'node:timers/promises';
import { MpsbenchError } from '../errors.js';
import { KernelCounters } from '../host/kernel-counters.js';
import { activityBetween, labelled, sleepBetween } from '../measure/disturbance.js';
import type { DeviceKind, Sample } from '../result/schema.js';

/** More stops in a row than anyone makes by hand. */
const MOST_ATTEMPTS = 100;

/** How often this process was continued after it had been stopped (Ctrl-Z, SIGSTOP). */
let continued = 0;
if (process.platform !== 'win32') process.on('SIGCONT', () => continued++);

/**
 * Takes samples and says what happened on the CPUs meanwhile. A sample during which the process was
 * stopped or the machine asleep is dropped and taken again: how long that lasted inside of it is not
 * exactly known.
 */
export class ObservedRuns {
  readonly #counters: KernelCounters;
  /** Whether the work is done by threads that the counters see, all the time. */
  readonly #computesHere: boolean;

  constructor(counters: KernelCounters, kind: DeviceKind) {
    this.#counters = counters;
    this.#computesHere = kind === 'cpu' && counters.seesChildren;
  }

  /** Processes that the device has started by now count as its own. */
  static async open(kind: DeviceKind): Promise<ObservedRuns> {
    const counters = await KernelCounters.open();
    counters.findChildren();
    return new ObservedRuns(counters, kind);
  }

  async take(run: () => Promise<Sample>): Promise<Sample> {
    let suspendedNs = 0;
    for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt++) {
      const continuedBefore = continued;
      const before = this.#counters.read();
      const sample = await run();
      const after = this.#counters.read();
      await noticeSignals();
      const asleepNs = sleepBetween(before, after);
      if (continued === continuedBefore && asleepNs === 0) {
        const activity = activityBetween(before, after, this.#computesHere);
        const whole = suspendedNs > 0 ? { ...activity, suspendedNs } : activity;
        return labelled(sample, whole);
      }
      suspendedNs += Math.round(after.atNs - before.atNs + asleepNs);
    }
    throw new MpsbenchError(
      'unavailable',
      `The process was stopped during each of ${MOST_ATTEMPTS} attempts at a sample.`,
      'Let it run without stopping it.',
    );
  }
}

/** Signals are delivered at the next turn of the event loop that looks for them: the second at the latest. */
async function noticeSignals(): Promise<void> {
  await setImmediate();
  await setImmediate();
}
