import type { WatchPoint } from '../result/schema.js';
import { TimeMean } from './averages.js';
import type { DeviceSample, Sample } from './sampler-protocol.js';

/** More than a page has room for. */
const MOST_POINTS = 600;
const FIRST_STEP_S = 0.1;
/** Of a period: a sample at its end, but for rounding, belongs to it. */
const ROUNDING = 1e-6;

/** The samples, averaged over periods that double whenever there are too many: hours need no more memory than minutes. */
export class Timeline {
  readonly #mostPoints: number;
  #stepS = FIRST_STEP_S;
  #periods: Period[] = [];

  constructor(mostPoints = MOST_POINTS) {
    this.#mostPoints = mostPoints;
  }

  /**
   * @param atS end of the time that the sample stands for, since the start
   * @param seconds its length
   * @param cpus CPUs in use during it
   */
  add(sample: Sample, atS: number, seconds: number, cpus: number | undefined): void {
    while (atS > this.#stepS * this.#mostPoints) this.#halve();
    const index = Math.max(0, Math.ceil(atS / this.#stepS - ROUNDING) - 1);
    while (this.#periods.length <= index) this.#periods.push(new Period());
    this.#periods[index].add(sample, atS, seconds, cpus);
  }

  /** In order of time; periods without a sample are left out. */
  points(): WatchPoint[] {
    return this.#periods.flatMap((period) => period.point() ?? []);
  }

  #halve(): void {
    this.#stepS *= 2;
    const merged: Period[] = [];
    for (const [i, period] of this.#periods.entries()) {
      if (i % 2 === 0) merged.push(period);
      else merged[merged.length - 1].merge(period);
    }
    this.#periods = merged;
  }
}

const FIELDS = {
  used: 'used',
  busy: 'busy',
  clockMHz: 'clockMHz',
  powerW: 'powerW',
  memoryBytes: 'memoryBytes',
  deviceMemoryBytes: 'deviceMemoryBytes',
} as const satisfies Record<keyof WatchPoint['devices'][number], keyof DeviceSample>;

type Field = keyof typeof FIELDS;
const FIELD_NAMES = Object.keys(FIELDS) as readonly Field[];

class Period {
  #atS = 0;
  readonly #cpus = new TimeMean();
  readonly #memory = new TimeMean();
  readonly #devices: Map<Field, TimeMean>[] = [];

  add({ tree, devices }: Sample, atS: number, seconds: number, cpus: number | undefined): void {
    this.#atS = Math.max(this.#atS, atS);
    this.#cpus.add(cpus, seconds);
    this.#memory.add(tree?.memoryBytes, seconds);
    for (const [i, device] of devices.entries()) {
      const means = this.#device(i);
      for (const field of FIELD_NAMES) means.get(field)?.add(device[FIELDS[field]], seconds);
    }
  }

  merge(other: Period): void {
    this.#atS = Math.max(this.#atS, other.#atS);
    this.#cpus.merge(other.#cpus);
    this.#memory.merge(other.#memory);
    for (const [i, theirs] of other.#devices.entries()) {
      const means = this.#device(i);
      for (const [field, mean] of theirs) means.get(field)?.merge(mean);
    }
  }

  point(): WatchPoint | undefined {
    if (this.#atS === 0) return undefined;
    const { mean: cpus } = this.#cpus;
    const { mean: memoryBytes } = this.#memory;
    return {
      atS: rounded(this.#atS),
      ...(cpus !== undefined && { cpus: rounded(cpus) }),
      ...(memoryBytes !== undefined && { memoryBytes: Math.round(memoryBytes) }),
      devices: this.#devices.map((means) => {
        const values = [...means].flatMap(([field, { mean }]) =>
          mean === undefined ? [] : [[field, rounded(mean)] as const],
        );
        return Object.fromEntries(values);
      }),
    };
  }

  #device(index: number): Map<Field, TimeMean> {
    while (this.#devices.length <= index) {
      this.#devices.push(new Map(FIELD_NAMES.map((field) => [field, new TimeMean()])));
    }
    return this.#devices[index];
  }
}

/** Four digits behind the point are more than any sensor has. */
const rounded = (value: number) => Math.round(value * 1e4) / 1e4;
