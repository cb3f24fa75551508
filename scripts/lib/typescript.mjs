import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { runLogged } from './child.mjs';
import { fingerprint, readStamp, writeStamp } from './fingerprint.mjs';
import { logFile, ROOT } from './paths.mjs';
import { StepError, step } from './step.mjs';

const NAME = 'typescript';
export const TSC = join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc');

const sources = () => fingerprint(['src', 'tsconfig.json', 'package-lock.json']);

/** A published package has no sources but Python scripts: what it holds is fresh. */
export const hasSources = () => existsSync(join(ROOT, 'tsconfig.json'));

export function typescriptIsFresh() {
  if (!hasSources()) return true;
  return existsSync(join(ROOT, 'dist', 'cli.js')) && readStamp(NAME).sources === sources();
}

export async function compileTypescript() {
  const compiled = sources();
  await step('compiling TypeScript', async () => {
    const log = logFile(NAME);
    const { code, text } = await runLogged(process.execPath, [TSC, '-p', ROOT], { log });
    if (code !== 0) {
      throw new StepError('TypeScript did not compile.', {
        log,
        text,
        advice: 'Correct the errors above, then run the command again.',
      });
    }
    removeOrphans('');
  });
  writeStamp(NAME, { sources: compiled });
}

/** Removes the output of sources that are gone, so that nothing imports them by accident. */
function removeOrphans(folder) {
  for (const entry of readdirSync(join(ROOT, 'dist', folder), { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) {
      if (existsSync(join(ROOT, 'src', path))) removeOrphans(path);
      else rmSync(join(ROOT, 'dist', path), { recursive: true });
    } else if (/\.js(\.map)?$/.test(path)) {
      const source = path.replace(/\.js(\.map)?$/, '.ts');
      if (!existsSync(join(ROOT, 'src', source))) rmSync(join(ROOT, 'dist', path));
    }
  }
}
