import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What a fake Python has noted so far in its home: the file may be there before its text. */
export function processesStarted(home: string): number[] {
  const path = join(home, 'processes');
  const text = existsSync(path) ? readFileSync(path, 'utf8') : '';
  return text.split(' ').map(Number).filter(Boolean);
}

/** Those that it has started and that run still; a zombie has ended. */
export function processesLeft(home: string): number[] {
  return processesStarted(home).filter((pid) => {
    try {
      process.kill(pid, 0);
    } catch {
      return false;
    }
    const stat = existsSync(`/proc/${pid}/stat`) ? readFileSync(`/proc/${pid}/stat`, 'utf8') : '';
    return !/\) Z /.test(stat);
  });
}
