import type { PythonEnvironment } from '../../frameworks/environments/types.js';
import type { Fix } from '../../result/schema.js';
import type { Facts } from '../facts/condition.js';
import { satisfies, seriesOf } from '../facts/version.js';
import { type FixContext, isShown, type Packages, withCommand } from './fix-command.js';

/** Where a new environment is made, below the working directory; the old one stays as it is. */
const NEW_FOLDER = '.venv-gpu';

/** The Python that is fetched where none that fits is installed. */
const PREFERRED_MINORS = [12, 11, 13, 10, 9, 14, 8];

/** Origins of installations, of which a venv can be made; the others are environments themselves. */
const INSTALLATIONS = ['pyenv', 'uv', 'asdf', 'mise', 'Homebrew', 'python.org', 'system', 'PATH'];

/**
 * `PYTHON -m venv .venv-gpu && .venv-gpu/bin/python -m pip install …` with a Python that is there, else
 * through uv, which fetches one.
 */
export function newEnvironment(
  text: string,
  python: string | undefined,
  { install, index }: Packages,
  context: FixContext,
): Fix {
  const { facts } = context;
  // What is forced or upgraded in the old environment is simply installed in a new one.
  const packages = [...install.filter((argument) => !argument.startsWith('-')), ...index];
  const range = python ?? `==${seriesOf(facts.get('python')) ?? '3.12'}.*`;
  const base = findBase(range, context);
  const isWindows = facts.get('machine') === 'windows';
  const inside = isWindows ? `${NEW_FOLDER}\\Scripts\\python` : `${NEW_FOLDER}/bin/python`;
  if (base !== undefined) {
    const commands = [
      [base, '-m', 'venv', NEW_FOLDER],
      [inside, '-m', 'pip', 'install', ...packages],
    ];
    return withCommand(text, commands, facts);
  }
  const wanted = fetchedPython(range, facts);
  if (wanted === undefined) return { text };
  const commands = [
    ['uv', 'venv', '--python', wanted, NEW_FOLDER],
    ['uv', 'pip', 'install', '--python', inside, ...packages],
  ];
  const why = `No Python ${range} is installed: uv (https://docs.astral.sh/uv/) fetches one.`;
  return withCommand(`${text} ${why}`, commands, facts);
}

function findBase(
  range: string,
  { environment, facts, environments }: FixContext,
): string | undefined {
  const needsArm = facts.get('machine') === 'apple-silicon';
  const fits = ({ interpreter, origin, pythonVersion, architectures }: PythonEnvironment) =>
    interpreter !== undefined &&
    isShown(interpreter) &&
    INSTALLATIONS.includes(origin) &&
    pythonVersion !== undefined &&
    satisfies(pythonVersion, range) &&
    (!needsArm || architectures.includes('arm64'));
  return [environment, ...environments].find(fits)?.interpreter;
}

/** What uv is asked for; on Apple silicon an arm64 build, even where uv itself is translated. */
function fetchedPython(range: string, facts: Facts): string | undefined {
  const minor = PREFERRED_MINORS.find((candidate) => satisfies(`3.${candidate}`, range));
  if (minor === undefined) return undefined;
  return facts.get('machine') === 'apple-silicon'
    ? `cpython-3.${minor}-macos-aarch64-none`
    : `3.${minor}`;
}
