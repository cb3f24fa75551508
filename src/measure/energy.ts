import type { DeviceTelemetry, Energy, TelemetryReading } from '../result/schema.js';

/**
 * A difference of two readings may miss one update of the counter at either end: over ten of its
 * periods that is at most a tenth each. NVML's counters are updated every 20 to 100 ms.
 */
const PERIODS_PER_SPAN = 10;
const USUAL_PERIOD_S = 0.1;
/** More than any device draws: a counter that says so has jumped. */
const LARGEST_POWER_W = 2_000;

/** A counter among the readings of a device. */
interface EnergyCounter {
  joules(reading: TelemetryReading): number | undefined;
  /** How far apart its updates may lie; missing where that is the usual. */
  periodS(reading: TelemetryReading): number | undefined;
}

export const ENERGY_COUNTERS = {
  device: { joules: ({ energyJ }) => energyJ, periodS: ({ energyPeriodS }) => energyPeriodS },
  cpu: { joules: ({ cpuEnergyJ }) => cpuEnergyJ, periodS: ({ railPeriodS }) => railPeriodS },
  memory: {
    joules: ({ memoryEnergyJ }) => memoryEnergyJ,
    periodS: ({ railPeriodS }) => railPeriodS,
  },
} satisfies Record<string, EnergyCounter>;

/** The energy per iteration by one counter, over the longest stretch of runs without a pause. */
export class EnergyPerIteration {
  readonly #counter: EnergyCounter;
  /** Where the current stretch began; its reading has the counter. */
  #start: TelemetryReading | undefined;
  #longest: Energy | undefined;

  constructor(counter: EnergyCounter) {
    this.#counter = counter;
  }

  /** A stretch begins; what came before does not count. */
  begin(reading: TelemetryReading | undefined): void {
    this.#start = this.#has(reading) ? reading : undefined;
  }

  /** After a run; undefined if the sensors failed. */
  afterRun(reading: TelemetryReading | undefined): void {
    // A gap in the counter: no difference may span it.
    if (!this.#start || !this.#has(reading)) {
      this.begin(reading);
      return;
    }
    const energy = energyBetween(this.#start, reading, this.#counter);
    if (energy && energy.spanNs > (this.#longest?.spanNs ?? 0)) this.#longest = energy;
  }

  /** Undefined if no stretch was long enough. */
  get longest(): Energy | undefined {
    return this.#longest;
  }

  #has(reading: TelemetryReading | undefined): reading is TelemetryReading {
    return reading !== undefined && this.#counter.joules(reading) !== undefined;
  }
}

/** Per iteration, from the difference of the counter; undefined if the span is too short. */
function energyBetween(
  start: TelemetryReading,
  end: TelemetryReading,
  counter: EnergyCounter,
): Energy | undefined {
  const [before, after] = [counter.joules(start), counter.joules(end)];
  if (before === undefined || after === undefined) return undefined;
  const spanNs = end.atNs - start.atNs;
  const iterations = end.iterations - start.iterations;
  const periodS = Math.max(counter.periodS(end) ?? 0, USUAL_PERIOD_S);
  if (spanNs < PERIODS_PER_SPAN * periodS * 1e9 || iterations === 0) return undefined;
  const joules = after - before;
  if (joules < 0 || joules > (LARGEST_POWER_W * spanNs) / 1e9) return undefined;
  return { joulesPerIteration: joules / iterations, iterations, spanNs };
}

/** The mean per iteration over the spans of all runs; undefined if there are none. */
export function joinEnergy(parts: readonly (Energy | undefined)[]): Energy | undefined {
  const known = parts.filter((part) => part !== undefined);
  if (known.length === 0) return undefined;
  const iterations = known.reduce((sum, part) => sum + part.iterations, 0);
  const joules = known.reduce((sum, part) => sum + part.joulesPerIteration * part.iterations, 0);
  return {
    joulesPerIteration: joules / iterations,
    iterations,
    spanNs: known.reduce((sum, part) => sum + part.spanNs, 0),
  };
}

/** The rails of which something is known. */
export function railsOf(
  cpu: Energy | undefined,
  memory: Energy | undefined,
): Pick<DeviceTelemetry, 'rails'> {
  if (!cpu && !memory) return {};
  return { rails: { ...(cpu && { cpu }), ...(memory && { memory }) } };
}
