import { basename } from 'node:path';

const PYTHON = /^(python|pypy)[\d.]*(\.exe)?$/;
/** Flags with a value, which may be the next word. */
const WITH_VALUE = /[XW]$/;

/**
 * The flag that keeps a Python of this command from loading the hook: `-I` and `-E` ignore PYTHONPATH, `-S` loads no
 * sitecustomize. Undefined where there is none, or the Python is started by something that this command starts.
 */
export function isolatingFlag(words: readonly string[]): string | undefined {
  const at = words.findIndex((word) => PYTHON.test(basename(word)));
  if (at < 0) return undefined;
  for (let next = at + 1; next < words.length; next++) {
    const flag = words[next];
    // The script, `-c CODE` or `-m MODULE`: what follows is the program's.
    if (!/^-[A-Za-z]+/.test(flag)) return undefined;
    const letters = flag.slice(1).split(/[cmXW]/, 1)[0];
    if (/[IES]/.test(letters)) return flag;
    if (/^-[^XW]*[cm]/.test(flag)) return undefined;
    if (WITH_VALUE.test(flag)) next += 1;
  }
  return undefined;
}
