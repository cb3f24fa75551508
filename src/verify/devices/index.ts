import type { Check } from '../types.js';
import { backends } from './backends.js';
import { gpuMemory } from './gpu-memory.js';
import { gpus } from './gpus.js';
import { metal } from './metal.js';

/** The checks of what mpsbench itself reaches. */
export const deviceChecks: readonly Check[] = [backends, gpus, metal, gpuMemory];
