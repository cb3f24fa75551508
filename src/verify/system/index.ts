import type { Check } from '../types.js';
import { architecture } from './architecture.js';
import { commandLineTools } from './command-line-tools.js';
import { devicePermissions } from './device-permissions.js';
import { gpuEnvironment } from './gpu-environment.js';
import { memory } from './memory.js';
import { nvidiaDriver } from './nvidia-driver.js';
import { os } from './os.js';
import { power, thermal } from './power.js';
import { variables } from './variables.js';
import { virtualMachine } from './virtual-machine.js';

/** The checks of the machine itself. */
export const systemChecks: readonly Check[] = [
  os,
  architecture,
  virtualMachine,
  memory,
  power,
  thermal,
  commandLineTools,
  nvidiaDriver,
  devicePermissions,
  gpuEnvironment,
  variables,
];
