import type { Check } from '../types.js';
import { frameworkProbes } from './frameworks.js';
import { pythonProbe } from './python.js';

/** The checks that start interpreters, in the order in which they run; only with --probe. */
export const probeChecks: readonly Check[] = [pythonProbe, ...frameworkProbes];
