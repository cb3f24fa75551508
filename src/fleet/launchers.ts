import { shellWord } from '../shell.js';
import type { Launcher } from './launch.js';

/** One task on one node, inside the allocation that there is or in one of its own. */
export const slurmLauncher: Launcher = {
  id: 'slurm',
  commandOn: (host, command) => [
    'srun',
    ...['--nodes=1', '--ntasks=1', `--nodelist=${host}`, '--exact', '--quiet'],
    '--job-name=mpsbench',
    ...command,
  ],
};

/** OpenSSH without questions: keys and agents are the user's own. */
export const sshLauncher: Launcher = {
  id: 'ssh',
  commandOn: (host, command) => [
    'ssh',
    ...['-o', 'BatchMode=yes', '-o', 'ConnectTimeout=15', '-T', '--', host],
    command.map(shellWord).join(' '),
  ],
};

export const LAUNCHERS = { slurm: slurmLauncher, ssh: sshLauncher } as const;
export type LauncherId = keyof typeof LAUNCHERS;
