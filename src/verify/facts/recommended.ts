import type { RuleFix } from './types.js';

/** The newest pair of TensorFlow and Apple's plugin that reaches the GPU. */
export const METAL_PAIR: RuleFix = {
  text: 'Install the newest pair that works: TensorFlow 2.18.1 with tensorflow-metal 1.2.0.',
  pip: ['tensorflow==2.18.1', 'tensorflow-metal==1.2.0'],
  python: '>=3.9,<3.13',
};

export const REMOVE_METAL: RuleFix = {
  text: 'Or take the plugin away: TensorFlow then runs on the CPU.',
  uninstall: ['tensorflow-metal'],
};

export const UPDATE_DRIVER: RuleFix = {
  text: "Update the NVIDIA driver with your distribution's packages, then restart.",
};
