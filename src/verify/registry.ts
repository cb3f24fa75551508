import { computeChecks } from './compute/index.js';
import { deviceChecks } from './devices/index.js';
import { frameworkChecks } from './frameworks/index.js';
import { probeChecks } from './probe/index.js';
import { systemChecks } from './system/index.js';
import type { Check } from './types.js';

/** Every check, in the order in which they are shown. */
export const CHECKS: readonly Check[] = [
  ...systemChecks,
  ...deviceChecks,
  ...computeChecks,
  ...frameworkChecks,
  ...probeChecks,
];
