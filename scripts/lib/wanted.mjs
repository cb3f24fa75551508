/**
 * What the set-up wants from the system: why, the name of its package, and the file or command that
 * shows that it is there (cheaper than asking the package manager).
 */

import process from 'node:process';
import { SYSTEM_TORCH } from './test-pythons.mjs';

/** @typedef {import('./system.mjs').System} System */

const LIBRARY_FILES = {
  onednn: ['/usr/include/dnnl.h', '/usr/include/oneapi/dnnl/dnnl.h', '/usr/local/include/dnnl.h'],
  openblas: [
    '/usr/include/*/openblas-openmp/cblas.h',
    '/usr/include/openblas/cblas.h',
    '/usr/include/*/cblas.h',
  ],
  vulkan: ['/usr/lib/*/libvulkan.so.1', '/usr/lib64/libvulkan.so.1', '/usr/lib/libvulkan.so.1'],
  software: [
    '/usr/lib/chromium/vk_swiftshader_icd.json',
    '/usr/share/vulkan/icd.d/lvp_icd.x86_64.json',
    '/usr/share/vulkan/icd.d/lvp_icd.aarch64.json',
    '/usr/share/vulkan/icd.d/lvp_icd.json',
  ],
};

const anyFile = (files) => (system) => files.some((file) => system.hasFile(file));
const anyCommand =
  (...commands) =>
  (system) =>
    commands.some((command) => system.hasCommand(command));

/** What the test double of Metal is built with: versions that are known to work together. */
const METAL_DOUBLE = [
  {
    id: 'clang',
    name: 'clang-16',
    isPresent: anyCommand('clang++-16'),
  },
  {
    id: 'gnustep',
    name: 'libgnustep-base-dev',
    isPresent: anyFile(['/usr/include/GNUstep/Foundation/Foundation.h']),
  },
  {
    id: 'blocks',
    name: 'libblocksruntime-dev',
    isPresent: anyFile(['/usr/include/Block.h']),
  },
  {
    id: 'objc',
    name: 'libobjc-12-dev',
    isPresent: anyFile(['/usr/lib/gcc/*/12/include/objc/objc.h']),
  },
  {
    id: 'sanitizers',
    name: 'libclang-rt-16-dev',
    isPresent: anyFile(['/usr/lib/llvm-16/lib/clang/16/lib/linux/libclang_rt.asan-*']),
  },
].map(({ name, ...item }) => ({
  ...item,
  why: 'the test double of Metal',
  testsOnly: true,
  names: { debian: name },
}));

/** In the order in which they are shown. A family without a name for it does not want it. */
const WANTED = [
  {
    id: 'cmake',
    tool: 'CMake',
    why: 'CMake, to build the native addon',
    isPresent: anyCommand('cmake'),
    names: { debian: 'cmake', ubuntu: 'cmake', fedora: 'cmake', macos: 'cmake' },
  },
  {
    id: 'compiler',
    tool: 'a C++20 compiler',
    why: 'a C++20 compiler',
    isPresent: anyCommand('c++', 'g++', 'clang++'),
    names: { debian: 'g++', ubuntu: 'g++', fedora: 'gcc-c++', macos: 'xcode' },
  },
  {
    id: 'make',
    tool: 'make or ninja',
    why: 'make or ninja, to run the build',
    isPresent: anyCommand('make', 'ninja', 'ninja-build'),
    names: { debian: 'make', ubuntu: 'make', fedora: 'make', macos: 'xcode' },
  },
  {
    id: 'onednn',
    engine: true,
    why: 'oneDNN, the fastest CPU engine',
    isPresent: anyFile(LIBRARY_FILES.onednn),
    names: { debian: 'libdnnl-dev', ubuntu: 'libdnnl-dev', fedora: 'onednn-devel' },
  },
  {
    id: 'openblas',
    engine: true,
    why: 'OpenBLAS, a CPU engine',
    isPresent: anyFile(LIBRARY_FILES.openblas),
    names: {
      debian: 'libopenblas-openmp-dev',
      ubuntu: 'libopenblas-openmp-dev',
      fedora: 'openblas-devel',
    },
  },
  {
    id: 'vulkan',
    why: 'the Vulkan loader',
    softwareGpu: true,
    isPresent: anyFile(LIBRARY_FILES.vulkan),
    names: { debian: 'libvulkan1', ubuntu: 'libvulkan1', fedora: 'vulkan-loader' },
  },
  {
    id: 'software-gpu',
    why: 'a software GPU, where there is no other and for the tests',
    softwareGpu: true,
    isPresent: anyFile(LIBRARY_FILES.software),
    // SwiftShader comes with Debian's Chromium. Ubuntu has no such package, but a newer llvmpipe.
    names: {
      debian: 'chromium-common',
      ubuntu: 'mesa-vulkan-drivers',
      fedora: 'mesa-vulkan-drivers',
    },
  },
  {
    id: 'venv',
    why: "Python's venv module, for the tests of verify --probe",
    testsOnly: true,
    isPresent: (system) =>
      Boolean(process.env.MPSBENCH_TEST_TF_PYTHON) ||
      system.hasFile('/usr/lib/python3*/ensurepip/__init__.py'),
    names: { debian: 'python3-venv', ubuntu: 'python3-venv' },
  },
  ...METAL_DOUBLE,
  {
    id: 'pytorch',
    why: 'PyTorch, for the tests of verify --probe',
    testsOnly: true,
    isPresent: (system) =>
      Boolean(process.env.MPSBENCH_TEST_TORCH_PYTHON) || system.hasFile(SYSTEM_TORCH),
    names: { debian: 'python3-torch', ubuntu: 'python3-torch' },
  },
];

/** @param {System} system */
export function hasHardwareGpu(system) {
  if (system.family === 'macos') return true;
  return ['/dev/dri/render*', '/dev/nvidia0', '/usr/share/vulkan/icd.d/nvidia*'].some((file) =>
    system.hasFile(file),
  );
}

/**
 * @param {System} system
 * @param {{ forTests: boolean }} options the tests use a software GPU on every machine
 * @returns {{ id: string, why: string, name: string }[]} what is wanted here and not there
 */
export function missing(system, { forTests }) {
  const softwareGpu = forTests || !hasHardwareGpu(system);
  return WANTED.filter(
    (item) =>
      (softwareGpu || !item.softwareGpu) &&
      (forTests || !item.testsOnly) &&
      item.names[system.family] &&
      !item.isPresent(system),
  ).map(({ id, why, names }) => ({ id, why, name: names[system.family] }));
}

/**
 * The tools without which there is no native addon, whatever the system.
 * @param {System} system
 * @returns {{ tool: string, name?: string }[]} and their packages, where the system names them
 */
export function missingTools(system) {
  return WANTED.filter(({ tool, isPresent }) => tool && !isPresent(system)).map(
    ({ tool, names }) => ({ tool, name: names[system.family] }),
  );
}

/** The packages that the test double of Metal lacks here, whatever the system. */
export function missingForMetalDouble(system) {
  return METAL_DOUBLE.filter(({ isPresent }) => !isPresent(system)).map(
    ({ names }) => names.debian,
  );
}

/** The one line that installs these packages. */
export function installLine(system, names) {
  const sudo = system.isRoot ? '' : 'sudo ';
  const unique = [...new Set(names)];
  switch (system.family) {
    case 'debian':
    case 'ubuntu':
      return `${sudo}apt-get update && ${sudo}apt-get install -y --no-install-recommends ${unique.join(' ')}`;
    case 'fedora':
      return `${sudo}dnf install -y ${unique.join(' ')}`;
    case 'macos': {
      const formulas = unique.filter((name) => name !== 'xcode');
      const lines = unique.includes('xcode') ? ['xcode-select --install'] : [];
      if (formulas.length > 0) lines.push(`brew install ${formulas.join(' ')}`);
      return lines.join(' && ');
    }
    default:
      return 'Install them with the package manager of this system.';
  }
}

/** Changes when a library that the native build looks for comes or goes. */
export function libraryFacts(system) {
  return Object.entries(LIBRARY_FILES)
    .filter(([id]) => WANTED.some((item) => item.engine && item.id === id))
    .map(([id, files]) => [id, files.filter((file) => system.hasFile(file))]);
}

/**
 * The CPU engines that a build here would lack.
 * @param {System} system
 * @returns {{ why: string, name: string }[]}
 */
export function missingEngines(system) {
  return WANTED.filter(
    ({ engine, names, isPresent }) => engine && names[system.family] && !isPresent(system),
  ).map(({ why, names }) => ({ why, name: names[system.family] }));
}
