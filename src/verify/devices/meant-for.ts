import { nvidiaOf } from '../system/nvidia.js';
import type { VerifyContext } from '../types.js';

/** Backends of one vendor's stack, and whether this machine has what they reach. */
const MEANT_FOR: Readonly<Record<string, (context: VerifyContext) => Promise<boolean>>> = {
  metal: async ({ platform }) => platform === 'darwin',
  cuda: async (context) => {
    const { pciGpus, module, library } = await nvidiaOf(context);
    return pciGpus > 0 || module !== undefined || library !== undefined;
  },
};

/** Whether a backend that does not start here is missed here; one of no vendor always is. */
export async function isMeantForMachine(id: string, context: VerifyContext): Promise<boolean> {
  return (await MEANT_FOR[id]?.(context)) ?? true;
}
