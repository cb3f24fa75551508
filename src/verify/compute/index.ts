import type { Check } from '../types.js';
import { exampleChecks } from './examples.js';
import type { Trials } from './judge.js';
import { likeDevicesCheck } from './like-devices.js';
import { oddSizesCheck } from './odd-sizes.js';
import { trialsOf } from './run-trials.js';
import { deviceTimeCheck, physicsCheck } from './timing.js';

/** The checks of what devices compute. @param trials where their facts come from */
export function makeComputeChecks(trials: Trials): readonly Check[] {
  return [
    ...exampleChecks(trials),
    oddSizesCheck(trials),
    deviceTimeCheck(trials),
    physicsCheck(trials),
    likeDevicesCheck(trials),
  ];
}

export const computeChecks: readonly Check[] = makeComputeChecks(trialsOf);
