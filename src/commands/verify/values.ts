import { MpsbenchError } from '../../errors.js';
import { checkNames } from '../../verify/select-checks.js';
import type { VerifyFlags } from './flags.js';

/**
 * Refuses values that are surely a mistake: an option consumes the word after it, so that `--json compute`
 * would run every check and write a file of that name.
 * @throws MpsbenchError `usage`
 */
export function requireMeantValues({ json, csv, markdown, python = [] }: VerifyFlags): void {
  if (python.includes('')) {
    throw new MpsbenchError(
      'usage',
      '--python has an empty path.',
      'Pass the folder of an environment, or an interpreter.',
    );
  }
  const names = checkNames();
  const isChecks = (value: string) => value.split(',').every((name) => names.includes(name));
  for (const [flag, values, rest] of [
    ['--json', [json], ''],
    ['--csv', [csv], ''],
    ['--markdown', [markdown], ''],
    ['--python', python, ' PATH'],
  ] as const) {
    const value = values.find((one) => typeof one === 'string' && isChecks(one));
    if (value === undefined) continue;
    throw new MpsbenchError(
      'usage',
      `${flag} would use ${value} as its path, but ${value} names checks.`,
      `Put the checks first: mpsbench verify ${value} ${flag}${rest}. A path of that name is ./${value}.`,
    );
  }
}
