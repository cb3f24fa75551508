import { describe, expect, it } from 'vitest';
import type { PythonEnvironment } from '../../../../src/verify/environments/types.js';
import type { RuleFix } from '../../../../src/verify/facts/types.js';
import { fixFor } from '../../../../src/verify/frameworks/fix-command.js';

const PAIR: RuleFix = {
  text: 'Install the pair.',
  pip: ['tensorflow==2.18.1', 'numpy<2'],
  python: '>=3.9,<3.13',
};

function environment(changes: Partial<PythonEnvironment> = {}): PythonEnvironment {
  const pip = { name: 'pip', version: '24.0', tags: [], editable: false, path: '' };
  return {
    prefix: '/srv/.venv',
    interpreter: '/srv/.venv/bin/python',
    origin: 'venv folder',
    pythonVersion: '3.12.4',
    architectures: ['arm64'],
    managed: false,
    packages: new Map([['pip', [pip]]]),
    notes: [],
    ...changes,
  };
}

interface Where {
  readonly environment?: Partial<PythonEnvironment>;
  readonly facts?: Record<string, string>;
  readonly others?: readonly PythonEnvironment[];
}

function command(rule: RuleFix, { environment: changes, facts = {}, others = [] }: Where = {}) {
  const one = environment(changes);
  const known = {
    machine: 'apple-silicon',
    interpreter: 'arm64',
    python: one.pythonVersion ?? '',
    ...facts,
  };
  const context = {
    environment: one,
    facts: new Map(Object.entries(known)),
    environments: [one, ...others],
  };
  return fixFor(rule, context).command;
}

describe('fixFor', () => {
  it('installs with the pip of the environment, quoted for a shell', () => {
    expect(command(PAIR)).toBe("/srv/.venv/bin/python -m pip install tensorflow==2.18.1 'numpy<2'");
    const interpreter = "/Users/ada's work/.venv/bin/python";
    expect(command(PAIR, { environment: { interpreter } })).toBe(
      "'/Users/ada'\\''s work/.venv/bin/python' -m pip install tensorflow==2.18.1 'numpy<2'",
    );
  });

  it('uninstalls before it installs', () => {
    expect(command({ text: '', uninstall: ['torch'], pip: ['torch'] })).toBe(
      '/srv/.venv/bin/python -m pip uninstall -y torch && /srv/.venv/bin/python -m pip install torch',
    );
  });

  it('uses uv where the environment has no pip', () => {
    expect(command(PAIR, { environment: { packages: new Map() } })).toBe(
      "uv pip install --python /srv/.venv/bin/python tensorflow==2.18.1 'numpy<2'",
    );
  });

  it('makes a new environment where this Python has no wheels, of one that has', () => {
    const python313 = { pythonVersion: '3.13.1' };
    expect(command(PAIR, { environment: python313 })).toBe(
      "python3.12 -m venv .venv-gpu && .venv-gpu/bin/python -m pip install tensorflow==2.18.1 'numpy<2'",
    );
    const others = [
      environment({ origin: 'pipx', interpreter: '/pipx/bin/python' }),
      environment({ origin: 'Homebrew', pythonVersion: '3.14.0', interpreter: '/brew/3.14' }),
      environment({ origin: 'pyenv', architectures: ['x86_64'], interpreter: '/pyenv/x86' }),
      environment({ origin: 'uv', pythonVersion: '3.11.9', interpreter: '/uv/bin/python3.11' }),
    ];
    expect(command(PAIR, { environment: python313, others })).toMatch(
      /^\/uv\/bin\/python3\.11 -m venv \.venv-gpu && /,
    );
  });

  it('makes a new environment of an arm64 Python for one under Rosetta', () => {
    const rosetta = { architectures: ['x86_64'] };
    expect(command(PAIR, { environment: rosetta, facts: { interpreter: 'x86_64' } })).toMatch(
      /^python3\.12 -m venv/,
    );
  });

  it('leaves an environment that the system manages as it is', () => {
    const managed = { managed: true, origin: 'system', interpreter: '/usr/bin/python3.12' };
    const linux = { machine: 'linux', interpreter: 'x86_64' };
    expect(
      command(
        { text: '', pip: ['--upgrade', 'torch'], python: '>=3.10' },
        { environment: managed, facts: linux },
      ),
    ).toBe('/usr/bin/python3.12 -m venv .venv-gpu && .venv-gpu/bin/python -m pip install torch');
    expect(command({ text: '', uninstall: ['torch'] }, { environment: managed })).toBeUndefined();
    // A new environment with NumPy alone would help nobody.
    expect(command({ text: '', pip: ['numpy<2'] }, { environment: managed })).toBeUndefined();
  });

  it('gives no command that would hold hidden characters', () => {
    const interpreter = '/srv/\u001b[2Jvenv/bin/python';
    expect(command(PAIR, { environment: { interpreter } })).toBeUndefined();
    expect(command({ text: '', uninstall: ['a\u202eb'] })).toBeUndefined();
  });

  it('quotes for Windows', () => {
    const interpreter = 'C:\\Users\\Ada Lovelace\\venv\\Scripts\\python.exe';
    expect(command(PAIR, { environment: { interpreter }, facts: { machine: 'windows' } })).toBe(
      '"C:\\Users\\Ada Lovelace\\venv\\Scripts\\python.exe" -m pip install tensorflow==2.18.1 "numpy<2"',
    );
  });

  it('fills in what it knows, and passes other commands on', () => {
    const facts = { package: 'torch', version: '2.9.1' };
    expect(command({ text: '', pip: ['{package}=={version}'] }, { facts })).toMatch(
      /torch==2\.9\.1$/,
    );
    expect(command({ text: '', command: 'wsl --install' })).toBe('wsl --install');
    expect(command({ text: 'Update macOS.' })).toBeUndefined();
  });
});
