import type { OutputFlags } from '../../result/outputs.js';
import type { CiFlags } from '../ci/ci-options.js';

/** The flags of `mpsbench verify`. */
export interface VerifyFlags extends OutputFlags, CiFlags {
  python?: string[];
  probe?: boolean;
  strict?: boolean;
  verbose?: boolean;
  skip?: string[];
  list?: boolean;
  explain?: string;
  timeout: number;
  /** Seconds for the whole command. */
  budget?: number;
  exitStyle?: string;
}
