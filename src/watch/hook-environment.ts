import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { OpsChoice } from './ops-choices.js';

/** The Python files of the hook; the same folder from src/ and from dist/. */
const HOOK = fileURLToPath(new URL('../../src/watch/python/', import.meta.url));

/** Where the hook of one run lives and reports to. */
export interface HookFolder {
  readonly reports: string;
  /** The command's environment: that of this process, with the hook. */
  readonly env: NodeJS.ProcessEnv;
  /** Safe to call twice. */
  remove(): void;
}

/**
 * Prepares a hook that every Python below the command loads at its start (docs/watch.md): a copy in a temporary folder,
 * so that nothing is written elsewhere, not even compiled Python files.
 * @throws Error where no temporary folder can be made
 */
export function prepareHook(ops: OpsChoice, env: NodeJS.ProcessEnv = process.env): HookFolder {
  const folder = mkdtempSync(join(tmpdir(), 'mpsbench-watch-'));
  const remove = () => rmSync(folder, { recursive: true, force: true });
  try {
    const [hook, reports] = [join(folder, 'hook'), join(folder, 'reports')];
    mkdirSync(reports);
    cpSync(HOOK, hook, { recursive: true, filter: (path) => !path.includes('__pycache__') });
    // A `process.exit` on the way leaves nothing behind either.
    process.once('exit', remove);
    return {
      reports,
      remove: () => {
        process.off('exit', remove);
        remove();
      },
      env: {
        ...env,
        // An empty entry would stand for the working directory.
        PYTHONPATH: [hook, env.PYTHONPATH].filter(Boolean).join(delimiter),
        MPSBENCH_WATCH_REPORTS: reports,
        MPSBENCH_WATCH_OPS: ops,
      },
    };
  } catch (error) {
    remove();
    throw error;
  }
}
