import { slurmLauncher } from './slurm.js';
import { sshLauncher } from './ssh.js';

/** How `fleet run` reaches hosts. */
export const LAUNCHERS = { slurm: slurmLauncher, ssh: sshLauncher } as const;
export type LauncherId = keyof typeof LAUNCHERS;
