import { writeSync } from 'node:fs';
import { packageVersion } from './version.js';

/** What `mpsbench` does. Scripts ask for the version often: nothing else is loaded for it. */
export async function main(argv: readonly string[]): Promise<void> {
  const words = argv.slice(2);
  const asksVersion = words.length === 1 && /^(-v|-V|--version|version)$/.test(words[0]);
  if (asksVersion && printVersion()) return;
  const { runProcess } = await import('./command-line.js');
  await runProcess(asksVersion ? [...argv.slice(0, 2), '--version'] : argv);
}

/** @returns whether stdout took it; what keeps it from that is said by the program as a whole */
function printVersion(): boolean {
  try {
    writeSync(1, `${packageVersion()}\n`);
    return true;
  } catch {
    return false;
  }
}
