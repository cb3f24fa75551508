import type { RuleFix } from '../../frameworks/faults/fix.js';

/** Only root can install a driver: a rule with this fix also names a build for today's driver. */
export const INSTALL_DRIVER: RuleFix = {
  text: "Install the NVIDIA driver with your distribution's packages (needs root), then restart.",
  root: true,
};

/** The PyTorch build that today's driver and this GPU run; no root needed. */
export const FITTING_TORCH: RuleFix = {
  text: 'Install the build that this driver and GPU run ({torch-index}).',
  pip: ['--force-reinstall', 'torch'],
  conda: ['pytorch=*=cuda*'],
  index: 'torch',
  python: '>=3.9,<3.15',
};
