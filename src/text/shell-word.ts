/** A word as a POSIX shell takes it: quoted where the shell would split, expand or change it. */
export function shellWord(word: string): string {
  return /^[\w@%+=:,./^-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
