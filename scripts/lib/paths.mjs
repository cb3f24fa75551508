import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The places that the set-up reads and writes. */
export const ROOT = fileURLToPath(new URL('../..', import.meta.url));
/** Ignored by git: CMake's tree, the stamps, the logs and the lock. */
export const BUILD = join(ROOT, 'build');
export const BIN = join(ROOT, 'bin', 'mpsbench.js');
export const logFile = (name) => join(BUILD, `${name}.log`);
