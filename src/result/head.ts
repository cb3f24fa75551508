import { shellWord } from '../text/shell-word.js';
import { packageVersion } from '../version.js';
import { relevantVariables } from './relevant-variables.js';
import type { Result } from './schema.js';
import { SCHEMA_VERSION } from './version.js';

type Head = Pick<Result, 'schema' | 'tool' | 'reproduce' | 'environment' | 'startedAt' | 'seconds'>;

/** Starts the clock of a command; the function returned writes what every result begins with. */
export function resultHead(argv: readonly string[]): () => Head {
  const started = new Date();
  const environment = relevantVariables();
  return () => ({
    schema: SCHEMA_VERSION,
    tool: { name: 'mpsbench', version: packageVersion() },
    reproduce: ['mpsbench', ...argv.map(shellWord)].join(' '),
    ...(Object.keys(environment).length > 0 && { environment }),
    startedAt: started.toISOString(),
    seconds: (Date.now() - started.getTime()) / 1000,
  });
}
