import type { Params } from '../types.js';

export interface CnnParams extends Params {
  readonly batch: number;
  /** Height and width of an image, in pixels; one channel. */
  readonly image: number;
  readonly filters: number;
}
