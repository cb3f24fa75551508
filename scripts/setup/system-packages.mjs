import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import process from 'node:process';
import { run, say, setUpIsOff, step } from './process.mjs';
import { testPythonPackages } from './test-pythons.mjs';

const METAL_DOUBLE = 'the Metal test double';

/** What the set-up wants of Debian or Ubuntu besides the requirements of the native build. */
const WANTED = [
  { what: 'the Vulkan loader', softwareGpu: true, debian: 'libvulkan1' },
  // SwiftShader comes with Debian's Chromium; Ubuntu has a newer llvmpipe instead.
  {
    what: 'a software GPU',
    softwareGpu: true,
    debian: 'chromium-common',
    ubuntu: 'mesa-vulkan-drivers',
  },
  // Ubuntu's package is a snap, which does not run as root in a container.
  { what: 'the browser that tests HTML pages', forTests: true, debian: 'chromium', ubuntu: '' },
  { what: 'the Python environments of the tests', forTests: true, debian: 'python3-venv' },
  // Only root can start its daemons.
  ...['slurm-wlm', 'munge'].map((debian) => ({ what: 'a Slurm cluster', forTests: true, debian })),
  // Versions that are known to work together; Ubuntu has others.
  ...['clang-16', 'libclang-rt-16-dev', 'libgnustep-base-dev', 'libobjc-12-dev']
    .concat('libblocksruntime-dev')
    .map((debian) => ({ what: METAL_DOUBLE, forTests: true, debian, ubuntu: '' })),
];

/**
 * Installs what is missing if it may: on Debian or Ubuntu, as root, unless MPSBENCH_SETUP=off.
 * Elsewhere it prints the command. Never fails: mpsbench works without, slower or on fewer devices.
 * @param {object} options
 * @param {boolean} options.forTests also what only the tests need
 * @param {object} options.requirements the compiled module of `mpsbench build`
 * @returns {Promise<boolean>} whether something was installed
 */
export async function ensureSystemPackages({
  forTests,
  requirements,
  system = requirements.thisSystem(),
  machine = thisMachine,
}) {
  if (system !== 'debian' && system !== 'ubuntu') return false;
  const find = () => missing({ system, forTests, requirements, machine });
  const before = find();
  if (machine.isRoot && !setUpIsOff()) await install(before.map(({ name }) => name));
  const left = before.length > 0 ? find() : [];
  if (left.length > 0) {
    const command = requirements.aptCommand(
      left.map(({ name }) => name),
      machine.isRoot ? '' : 'sudo ',
    );
    say('Not installed (mpsbench works without):');
    for (const { name, what } of left) say(`  ${name}: ${what}`);
    say(`To install: ${command}`);
  }
  return left.length < before.length;
}

/** @returns {{ name: string, what: string }[]} */
function missing({ system, forTests, requirements, machine }) {
  const { ENGINES, missingTools } = requirements;
  const softwareGpu = forTests || !machine.hasGpu();
  const wanted = [...ENGINES, ...WANTED, ...testPythonPackages()]
    .filter((item) => (forTests || !item.forTests) && (softwareGpu || !item.softwareGpu))
    .map((item) => ({ what: item.what, name: item[system] ?? item.debian }))
    .filter(({ name }) => name !== '');
  const installed = machine.installed(wanted.map(({ name }) => name));
  return [
    // A compiler or CMake of any origin will do.
    ...missingTools().map(({ what, debian }) => ({ what, name: debian })),
    ...wanted.filter(({ name }) => !installed.includes(name)),
  ];
}

/** What is asked about the machine. Tests script it. */
const thisMachine = {
  isRoot: process.getuid?.() === 0,
  hasGpu: () =>
    existsSync('/dev/nvidia0') ||
    (existsSync('/dev/dri') && readdirSync('/dev/dri').some((name) => name.startsWith('render'))),
  /** Those of these packages that dpkg has. */
  installed(names) {
    const format = `-f=\${db:Status-Status} \${Package}\\n`;
    const { stdout } = spawnSync('dpkg-query', ['-W', format, ...names], { encoding: 'utf8' });
    return [...(stdout ?? '').matchAll(/^installed (.+)$/gm)].map(([, name]) => name);
  },
};

async function install(names) {
  if (names.length === 0) return;
  say(`Installing system packages: ${names.join(' ')}`);
  await step('Installing system packages', async () => {
    if (await apt('install', ...names)) return;
    await apt('update');
    if (await apt('install', ...names)) return;
    // One unknown name fails the whole line.
    for (const name of names) await apt('install', name);
  });
}

async function apt(command, ...names) {
  const options = ['-y', '--no-install-recommends', '-o', 'DPkg::Lock::Timeout=120'];
  try {
    await run('apt-get', [...options, command, ...names], {
      log: 'system-packages',
      env: { DEBIAN_FRONTEND: 'noninteractive' },
    });
    return true;
  } catch {
    return false;
  }
}
