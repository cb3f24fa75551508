import type { OutputFlags } from '../../report/outputs.js';

/** What `mpsbench verify` takes. */
export interface VerifyFlags extends OutputFlags {
  python?: string[];
  probe?: boolean;
  strict?: boolean;
  skip?: string[];
  list?: boolean;
  explain?: string;
  timeout: number;
}
