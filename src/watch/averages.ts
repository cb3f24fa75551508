/** A mean over time, with its largest value. */
export class TimeMean {
  #sum = 0;
  #seconds = 0;
  #max = Number.NEGATIVE_INFINITY;

  /** @param value undefined where there was no reading: that time does not count */
  add(value: number | undefined, seconds: number): void {
    if (value === undefined || !(seconds > 0)) return;
    this.#sum += value * seconds;
    this.#seconds += seconds;
    this.#max = Math.max(this.#max, value);
  }

  merge(other: TimeMean): void {
    this.#sum += other.#sum;
    this.#seconds += other.#seconds;
    this.#max = Math.max(this.#max, other.#max);
  }

  /** Undefined without any reading. */
  get mean(): number | undefined {
    return this.#seconds > 0 ? this.#sum / this.#seconds : undefined;
  }

  get max(): number | undefined {
    return this.#seconds > 0 ? this.#max : undefined;
  }

  /** Mean and largest value; undefined without any reading. */
  get spread(): { mean: number; max: number } | undefined {
    const { mean, max } = this;
    return mean === undefined || max === undefined ? undefined : { mean, max };
  }
}

/** Leaves out what is undefined: the schema has no such values. */
export function known<T extends object>(fields: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  const entries = Object.entries(fields).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as { [K in keyof T]: Exclude<T[K], undefined> };
}
