import { basename } from 'node:path';

/** Programs that run a script or another program: people name what they run. */
const RUNNERS =
  /^(python[\d.]*|pypy[\d.]*|uv|uvx|poetry|pipenv|conda|torchrun|accelerate|deepspeed|mpirun|mpiexec|srun|env|nice|time|timeout|nohup|sh|bash|zsh|dash|fish|node|deno|bun|ruby|julia|Rscript|jupyter)$/;
const SCRIPT = /\.(py|ipynb|sh|bash|zsh|js|mjs|ts|jl|rb|R)$/;

/** What people call a command: `train.py` for `uv run python -u train.py --epochs 3`, `-m pkg` for a module. */
export function watchedName(words: readonly string[]): string {
  const [program = '', ...rest] = words;
  const name = basename(program);
  if (!RUNNERS.test(name)) return name;
  const script = rest.find((word) => SCRIPT.test(word));
  if (script !== undefined) return basename(script);
  const module = rest.indexOf('-m');
  return module >= 0 && rest[module + 1] !== undefined ? `-m ${rest[module + 1]}` : name;
}
