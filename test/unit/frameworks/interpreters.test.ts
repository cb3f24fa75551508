import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { PythonEnvironment } from '../../../src/frameworks/environments/index.js';
import { findInterpreters, interpretersOf } from '../../../src/frameworks/interpreters.js';
import { systemSource } from '../../../src/host/source.js';

function environment(
  prefix: string,
  pythonVersion: string,
  packages: Readonly<Record<string, string>>,
): PythonEnvironment {
  const installed = Object.entries(packages).map(([name, version]) => {
    const found = { name, version, tags: [], editable: false, path: `${prefix}/${name}` };
    return [name, [found]] as const;
  });
  return {
    prefix,
    interpreter: `${prefix}/bin/python`,
    origin: 'venv folder',
    pythonVersion,
    architectures: ['arm64'],
    managed: false,
    layout: 'venv',
    conda: { packages: new Map() } as unknown as PythonEnvironment['conda'],
    packages: new Map(installed),
    notes: [],
  };
}

const backends = (environments: readonly PythonEnvironment[]) =>
  interpretersOf(environments).map(({ backend }) => backend);

test('a framework in a single environment has its plain name', () => {
  expect(backends([environment('/a/.venv', '3.12.4', { torch: '2.9.0', jax: '0.8.0' })])).toEqual([
    'pytorch',
    'jax',
  ]);
});

test('environments are named by Python version, then by folder, then by number', () => {
  const torch = { torch: '2.9.0' };
  expect(
    backends([environment('/a/.venv', '3.12.4', torch), environment('/b/.venv', '3.11.7', torch)]),
  ).toEqual(['pytorch@3.12', 'pytorch@3.11']);
  expect(
    backends([environment('/a/.venv', '3.12.4', torch), environment('/b/.venv', '3.12.1', torch)]),
  ).toEqual(['pytorch@a', 'pytorch@b']);
  expect(
    backends([
      environment('/x/My Model/venv', '3.12.4', torch),
      environment('/y/My Model/venv', '3.12.4', torch),
    ]),
  ).toEqual(['pytorch@1', 'pytorch@2']);
});

test('an environment without an interpreter is left out', () => {
  const { interpreter: _, ...broken } = environment('/a', '3.12.4', { torch: '2.9.0' });
  expect(backends([broken])).toEqual([]);
});

test('--python that names nothing is an error, not an empty list', async () => {
  const missing = findInterpreters(systemSource, { python: ['/nowhere/bin/python'] });
  await expect(missing).rejects.toMatchObject({
    code: 'usage',
    message: '--python: /nowhere/bin/python does not exist.',
  });
});

test('--python that names a script says so: a wrapper may start any interpreter', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'mpsbench-wrapper-'));
  const script = join(folder, 'python.sh');
  writeFileSync(script, '#!/bin/sh\nexec python3 "$@"\n', { mode: 0o755 });
  await expect(findInterpreters(systemSource, { python: [script] })).rejects.toMatchObject({
    code: 'usage',
    message: `--python: ${script} is a script, not an interpreter: what it would start is unknown.`,
  });
  rmSync(folder, { recursive: true });
});
