/** Which ops the hook counts in Python frameworks. */
export const OPS_CHOICES = ['off', 'first-steps', 'all'] as const;
export type OpsChoice = (typeof OPS_CHOICES)[number];
