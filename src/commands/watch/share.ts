import { MpsbenchError } from '../../errors.js';

/** What `--require-gpu` alone asks for: from here on a GPU counts as used. */
export const DEFAULT_SHARE = 0.1;

const SHARE = /^(\d{1,3}(?:\.\d+)?)\s?%?$/;

/** Whether a word can be the value of --require-gpu, and not the command behind it. */
export const isShare = (word: string): boolean => SHARE.test(word);

/**
 * `20%` or `20`, as a share of 1.
 * @throws MpsbenchError `usage`
 */
export function share(flag: string, text: string): number {
  const percent = Number(SHARE.exec(text)?.[1] ?? Number.NaN);
  if (percent > 0 && percent <= 100) return percent / 100;
  throw new MpsbenchError(
    'usage',
    `${flag} ${text || "''"} is not a percentage from 1 to 100.`,
    `Write, for example, ${flag} 20%.`,
  );
}
