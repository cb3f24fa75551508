import { add } from './add/workload.js';
import { cnn } from './cnn/workload.js';
import { linear } from './linear/workload.js';
import type { Params, Workload } from './types.js';

/** Forgets the parameters' type: code that uses the registry gets them from the workload. */
function erase<P extends Params>(workload: Workload<P>): Workload {
  return workload as unknown as Workload;
}

/** Every workload, one line each. */
export const WORKLOADS: readonly Workload[] = [erase(add), erase(linear), erase(cnn)];

export function findWorkload(id: string): Workload | undefined {
  return WORKLOADS.find((workload) => workload.id === id);
}
