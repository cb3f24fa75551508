import type { DataKind, Params } from '../types.js';

export interface LinearParams extends Params {
  /** Examples in the batch. */
  readonly rows: number;
  readonly features: number;
  readonly units: number;
  /** SGD steps of the verified run; a timed iteration is one step whatever this says. */
  readonly epochs: number;
  readonly learningRate: number;
  readonly data: DataKind;
}
