/**
 * The progress of a build, from its output: `[12/68]` of Ninja, `[ 45%]` of make.
 * @returns a percentage from 0 to 100; undefined if the text has none
 */
export function percentIn(text: string): number | undefined {
  const last = [...text.matchAll(/^\[\s*(?:(\d+)\/(\d+)|(\d+)%)\]/gm)].at(-1);
  if (last === undefined) return undefined;
  const [, done, all, percent] = last;
  const value = percent === undefined ? (100 * Number(done)) / Number(all) : Number(percent);
  return Math.min(Math.floor(value), 100);
}
