import type { LabelledSample, Sample } from '../result/schema.js';
import { ascending } from './statistics.js';

/** The samples of one subject as they come in, in blocks. Keeps its wall times sorted. */
export class Series {
  readonly samples: LabelledSample[] = [];
  readonly blocks: number[] = [];
  /** Wall nanoseconds per iteration, in the order of measurement. */
  readonly wallNs: number[] = [];
  #sorted = new Float64Array(0);

  /** Wall nanoseconds per iteration, ascending. */
  get sortedWallNs(): Float64Array {
    return this.#sorted;
  }

  addBlock(samples: readonly LabelledSample[]): void {
    const values = samples.map(wallPerIteration);
    this.samples.push(...samples);
    this.wallNs.push(...values);
    this.blocks.push(samples.length);
    this.#sorted = merge(this.#sorted, ascending(values));
  }
}

export function wallPerIteration(sample: Sample): number {
  return sample.wallNs / sample.iterations;
}

/** Device nanoseconds per iteration, or undefined if any sample lacks a device time. */
export function devicePerIteration(samples: readonly Sample[]): number[] | undefined {
  const values: number[] = [];
  for (const { deviceNs, iterations } of samples) {
    if (deviceNs === undefined) return undefined;
    values.push(deviceNs / iterations);
  }
  return values.length > 0 ? values : undefined;
}

function merge(left: Float64Array, right: Float64Array): Float64Array<ArrayBuffer> {
  const merged = new Float64Array(left.length + right.length);
  let l = 0;
  let r = 0;
  for (let i = 0; i < merged.length; i++) {
    const takeLeft = r >= right.length || (l < left.length && left[l] <= right[r]);
    merged[i] = takeLeft ? left[l++] : right[r++];
  }
  return merged;
}
