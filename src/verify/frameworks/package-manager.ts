import { basename } from 'node:path/posix';
import type { PythonEnvironment } from '../../frameworks/environments/types.js';

/** A whole command: `…/bin/python -m pip install PACKAGES`. */
export type Tool = (
  verb: 'install' | 'uninstall',
  packages: readonly string[],
) => readonly string[];

/** Options that uv spells in its own way. */
const UV_OPTIONS: Readonly<Record<string, string>> = {
  '--force-reinstall': '--reinstall',
  '--no-cache-dir': '--no-cache',
  // uv upgrades what is required too, unless it is told not to.
  '--upgrade-strategy=eager': '--upgrade',
};

/** pip, or what stands in for it: uv makes environments without pip, pipx hides its own. */
export function pipTool({ packages, interpreter, layout, prefix }: PythonEnvironment): Tool {
  const python = interpreter ?? `${prefix}/bin/python`;
  const yes = (verb: string) => (verb === 'uninstall' ? ['-y'] : []);
  if (layout === 'pipx') {
    return (verb, names) => ['pipx', 'runpip', basename(prefix), verb, ...yes(verb), ...names];
  }
  if (packages.has('pip')) {
    return (verb, names) => [python, '-m', 'pip', verb, ...yes(verb), ...names];
  }
  return (verb, names) => [
    'uv',
    'pip',
    verb,
    '--python',
    python,
    ...names.map((name) => UV_OPTIONS[name] ?? name),
  ];
}

/** Conda's command for an environment; pixi keeps its own list of what belongs in it. */
export function condaCommand(
  { layout, prefix }: PythonEnvironment,
  specs: readonly string[],
): readonly string[] {
  return layout === 'pixi'
    ? ['pixi', 'add', ...specs]
    : ['conda', 'install', '--prefix', prefix, '--channel', 'conda-forge', ...specs];
}
