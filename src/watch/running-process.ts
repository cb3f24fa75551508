import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { MpsbenchError } from '../errors.js';

/**
 * The command line of a process that runs, word by word; empty where it may not be seen.
 * @throws MpsbenchError `usage` where there is no such process
 */
export function wordsOfProcess(pid: number): string[] {
  requireRunning(pid);
  try {
    if (process.platform === 'linux') {
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').filter(Boolean);
    }
    const text = execFileSync('ps', ['-o', 'args=', '-p', String(pid)], { encoding: 'utf8' });
    return text.trim().split(' ').filter(Boolean);
  } catch {
    return [];
  }
}

function requireRunning(pid: number): void {
  try {
    process.kill(pid, 0);
  } catch (error) {
    // Somebody else's process can be watched too.
    if ((error as NodeJS.ErrnoException).code === 'EPERM') return;
    throw new MpsbenchError(
      'usage',
      `There is no process ${pid}.`,
      'Find its id with `pgrep -af python`.',
    );
  }
}
