import type { OutputFlags } from '../../result/outputs.js';

/** What `mpsbench verify` takes. */
export interface VerifyFlags extends OutputFlags {
  python?: string[];
  probe?: boolean;
  strict?: boolean;
  verbose?: boolean;
  skip?: string[];
  list?: boolean;
  explain?: string;
  timeout: number;
}
