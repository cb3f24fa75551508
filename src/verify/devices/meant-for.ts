import { hasNvidiaGpu, nvidiaOf } from '../system/nvidia.js';
import type { VerifyContext } from '../types.js';

/** Backends of one vendor's stack, and what this machine lacks of it; undefined where it is there. */
const LACKS: Readonly<Record<string, (context: VerifyContext) => Promise<string | undefined>>> = {
  metal: async ({ platform }) => (platform === 'darwin' ? undefined : 'not a Mac'),
  cuda: async (context) => {
    const state = await nvidiaOf(context);
    return hasNvidiaGpu(state) || state.hasLibrary ? undefined : 'no NVIDIA GPU or driver found';
  },
};

/**
 * Why a backend that does not start here is not missed: its hardware is not there. Undefined if it
 * is missed; one of no vendor always is.
 */
export async function whyNotMeant(id: string, context: VerifyContext): Promise<string | undefined> {
  return LACKS[id]?.(context);
}
