import { shellWord } from '../text/shell-word.js';
import type { Launcher } from './launch.js';

/** OpenSSH without questions: keys and agents are the user's own. */
export const sshLauncher: Launcher = {
  id: 'ssh',
  commandOn: (host, command) => [
    'ssh',
    ...['-o', 'BatchMode=yes', '-o', 'ConnectTimeout=15', '-T', '--', host],
    command.map(shellWord).join(' '),
  ],
};
