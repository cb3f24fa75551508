import { describe, expect, it } from 'vitest';
import { NO_RECORDS } from '../../../../src/frameworks/environments/conda-meta.js';
import type { PythonEnvironment } from '../../../../src/frameworks/environments/types.js';
import type { RuleFix } from '../../../../src/frameworks/faults/fix.js';
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
    layout: 'venv',
    conda: NO_RECORDS,
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

  it('uninstalls only what pip has shown that it can replace', () => {
    expect(command({ text: '', uninstall: ['tensorflow-cpu'], pip: ['tensorflow'] })).toBe(
      [
        '/srv/.venv/bin/python -m pip install --dry-run tensorflow',
        '/srv/.venv/bin/python -m pip uninstall -y tensorflow-cpu',
        '/srv/.venv/bin/python -m pip install tensorflow',
      ].join(' && '),
    );
  });

  it('uses uv if the environment has no pip', () => {
    expect(command(PAIR, { environment: { packages: new Map() } })).toBe(
      "uv pip install --python /srv/.venv/bin/python tensorflow==2.18.1 'numpy<2'",
    );
  });

  it('makes a new environment from a Python with wheels if this one has none', () => {
    const python313 = { pythonVersion: '3.13.1' };
    expect(command(PAIR, { environment: python313 })).toBe(
      "uv venv --python cpython-3.12-macos-aarch64-none .venv-gpu && uv pip install --python .venv-gpu/bin/python tensorflow==2.18.1 'numpy<2'",
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
      /^uv venv --python cpython-3\.12-macos-aarch64-none/,
    );
  });

  it('leaves a system-managed environment as it is', () => {
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

  it('asks conda for what conda installed, and pixi in a pixi environment', () => {
    const conda = new Map([['pytorch', { version: '2.5.1', build: 'cpu_generic_py312' }]]);
    const torch = { name: 'torch', version: '2.5.1', tags: [], editable: false, path: '' };
    const packages = new Map([['torch', [{ ...torch, condaName: 'pytorch' }]]]);
    const rule: RuleFix = { text: '', pip: ['torch'], conda: ['pytorch=*=cuda*'] };
    const at = (layout: PythonEnvironment['layout']) =>
      command(rule, { environment: { layout, conda, packages } });
    expect(at('conda')).toBe(
      "conda install --prefix /srv/.venv --channel conda-forge 'pytorch=*=cuda*'",
    );
    expect(at('pixi')).toBe("pixi add 'pytorch=*=cuda*'");
    expect(command({ text: '', pip: ['torch<2'] }, { environment: { conda, packages } })).toMatch(
      /conda-forge 'pytorch<2'$/,
    );
  });

  it('goes through pipx if pipx owns the environment, and leaves applications alone', () => {
    const prefix = '/home/ada/.local/share/pipx/venvs/whisper';
    expect(command(PAIR, { environment: { layout: 'pipx', prefix } })).toMatch(
      /^pipx runpip whisper install tensorflow==2\.18\.1/,
    );
    expect(command({ text: '', pip: ['mlx'] }, { environment: { layout: 'app' } })).toBeUndefined();
  });

  it('chooses the index of PyTorch by driver, GPU and processor', () => {
    const rule: RuleFix = { text: '', pip: ['--force-reinstall', 'torch'], index: 'torch' };
    const index = (facts: Record<string, string>) =>
      /whl\/(\w+)$/.exec(
        command(rule, { facts: { machine: 'linux', gpu: 'nvidia', ...facts } }) ?? '',
      )?.[1];
    const x86 = { interpreter: 'x86_64' };
    const arm = { interpreter: 'aarch64' };
    expect(index({ ...x86, driver: '550.54.15', 'gpu-capability': '8.0' })).toBe('cu124');
    expect(index({ ...x86, driver: '580.65.06', 'gpu-capability': '9.0' })).toBe('cu130');
    expect(index({ ...x86, driver: '580.65.06', 'gpu-capability': '7.0' })).toBe('cu126');
    expect(index({ ...x86, driver: '570.86.15', 'gpu-capability': '12.0' })).toBe('cu128');
    expect(index({ ...x86, driver: '470.256.02', 'gpu-capability': '6.1' })).toBe('cu118');
    expect(index({ ...arm, driver: '580.95.05', 'gpu-capability': '12.1' })).toBe('cu130');
    expect(index({ ...x86 })).toBe('cu126');
    // A Kepler GPU with a driver of 2024: no wheel has code for it.
    expect(index({ ...x86, driver: '390.157', 'gpu-capability': '3.5' })).toBeUndefined();
  });

  it('gives no command with hidden characters', () => {
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

  it('fills in what it knows, and leaves other commands as they are', () => {
    const facts = { package: 'torch', version: '2.9.1' };
    expect(command({ text: '', pip: ['{package}=={version}'] }, { facts })).toMatch(
      /torch==2\.9\.1$/,
    );
    expect(command({ text: '', command: 'wsl --install' })).toBe('wsl --install');
    expect(command({ text: 'Update macOS.' })).toBeUndefined();
  });
});
