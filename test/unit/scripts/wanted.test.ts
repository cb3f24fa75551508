import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { familyOf, hasFile } from '../../../scripts/lib/system.mjs';
import {
  hasHardwareGpu,
  installLine,
  missing,
  missingForMetalDouble,
} from '../../../scripts/lib/wanted.mjs';

type Family = 'debian' | 'ubuntu' | 'fedora' | 'macos' | 'other';

/** A machine with these commands and files, and no others. */
const scriptedSystem = (
  family: Family,
  {
    commands = [],
    files = [],
    isRoot = false,
  }: Partial<Record<'commands' | 'files', string[]>> & {
    isRoot?: boolean;
  } = {},
) => ({
  family,
  isRoot,
  hasCommand: (command: string) => commands.includes(command),
  hasFile: (file: string) => files.includes(file),
});
const TOOLS = ['cmake', 'c++', 'make'];
const names = (found: { name: string }[]) => found.map(({ name }) => name);

beforeEach(() => {
  vi.stubEnv('MPSBENCH_TEST_TF_PYTHON', '');
  vi.stubEnv('MPSBENCH_TEST_TORCH_PYTHON', '');
});

afterEach(() => {
  vi.unstubAllEnvs();
});

describe('what is missing', () => {
  test('everything, on a bare Debian without a GPU', () => {
    const bare = scriptedSystem('debian');
    expect(names(missing(bare, { forTests: false }))).toEqual([
      'cmake',
      'g++',
      'make',
      'libdnnl-dev',
      'libopenblas-openmp-dev',
      'libvulkan1',
      'chromium-common',
    ]);
  });

  test('a software GPU only where there is no hardware GPU, or for tests', () => {
    const system = scriptedSystem('debian', {
      commands: TOOLS,
      files: ['/dev/nvidia0', '/usr/include/dnnl.h', '/usr/include/*/cblas.h'],
    });
    expect(hasHardwareGpu(system)).toBe(true);
    expect(missing(system, { forTests: false })).toEqual([]);
    expect(names(missing(system, { forTests: true }))).toEqual([
      'libvulkan1',
      'chromium-common',
      'python3-venv',
      'clang-16',
      'libgnustep-base-dev',
      'libblocksruntime-dev',
      'libobjc-12-dev',
      'libclang-rt-16-dev',
      'python3-torch',
    ]);
  });

  test('no PyTorch and no venv where the tests are given Pythons that have all', () => {
    vi.stubEnv('MPSBENCH_TEST_TF_PYTHON', '/v/bin/python');
    vi.stubEnv('MPSBENCH_TEST_TORCH_PYTHON', '/v/bin/python');
    const found = names(missing(scriptedSystem('debian'), { forTests: true }));
    expect(found).not.toContain('python3-venv');
    expect(found).not.toContain('python3-torch');
  });

  test("Ubuntu has no SwiftShader package, but Mesa's", () => {
    const system = scriptedSystem('ubuntu', { commands: TOOLS });
    expect(names(missing(system, { forTests: true }))).toContain('mesa-vulkan-drivers');
  });

  test('the test double of Metal is built on Debian only, and everywhere says what it needs', () => {
    const has = { commands: ['clang++-16'], files: ['/usr/include/Block.h'] };
    const wanted = ['libgnustep-base-dev', 'libobjc-12-dev', 'libclang-rt-16-dev'];
    for (const family of ['debian', 'ubuntu', 'fedora', 'other'] as const) {
      const system = scriptedSystem(family, has);
      expect(missingForMetalDouble(system)).toEqual(wanted);
      const installed = names(missing(system, { forTests: true })).filter((name) =>
        wanted.includes(name),
      );
      expect(installed).toEqual(family === 'debian' ? wanted : []);
    }
    expect(names(missing(scriptedSystem('debian', has), { forTests: false }))).not.toContain(
      'libgnustep-base-dev',
    );
  });

  test('a Mac wants tools only', () => {
    expect(names(missing(scriptedSystem('macos'), { forTests: true }))).toEqual([
      'cmake',
      'xcode',
      'xcode',
    ]);
  });
});

test('the line that installs, with sudo only where it is needed', () => {
  const names = ['cmake', 'libdnnl-dev'];
  expect(installLine(scriptedSystem('debian', { isRoot: true }), names)).toBe(
    'apt-get update && apt-get install -y --no-install-recommends cmake libdnnl-dev',
  );
  expect(installLine(scriptedSystem('ubuntu'), names)).toMatch(/^sudo apt-get update && sudo apt-/);
  expect(installLine(scriptedSystem('fedora'), ['gcc-c++'])).toBe('sudo dnf install -y gcc-c++');
  expect(installLine(scriptedSystem('macos'), ['cmake', 'xcode', 'xcode'])).toBe(
    'xcode-select --install && brew install cmake',
  );
});

test('the family of a distribution', () => {
  expect(familyOf('NAME="Debian"\nID=debian\n')).toBe('debian');
  expect(familyOf('ID=linuxmint\nID_LIKE="ubuntu debian"\n')).toBe('ubuntu');
  expect(familyOf('ID="rocky"\nID_LIKE="rhel centos fedora"\n')).toBe('fedora');
  expect(familyOf('ID=alpine\n')).toBe('other');
});

test('one star in a path stands for a folder or the end of a name', () => {
  const folder = mkdtempSync(join(tmpdir(), 'mpsbench-files-'));
  try {
    mkdirSync(join(folder, 'x86_64-linux-gnu'));
    writeFileSync(join(folder, 'x86_64-linux-gnu', 'libvulkan.so.1'), '');
    writeFileSync(join(folder, 'renderD128'), '');
    expect(hasFile(`${folder}/*/libvulkan.so.1`)).toBe(true);
    expect(hasFile(`${folder}/*/libcuda.so.1`)).toBe(false);
    expect(hasFile(`${folder}/render*`)).toBe(true);
    expect(hasFile(`${folder}/card*`)).toBe(false);
    expect(hasFile(`${folder}/none/render*`)).toBe(false);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
