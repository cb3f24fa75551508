import { readdirSync } from 'node:fs';
import process from 'node:process';
import { runLogged } from './child.mjs';
import { readStamp, writeStamp } from './fingerprint.mjs';
import { logFile } from './paths.mjs';
import { say, step } from './step.mjs';
import { thisSystem } from './system.mjs';
import { installLine, missing } from './wanted.mjs';

const NAME = 'system-packages';
const OPTIONS = ['-o', 'DPkg::Lock::Timeout=120', '-o', 'Acquire::Retries=2', '-qq'];

/**
 * Installs the wanted system packages where we may (Debian family, as root), else prints the line
 * that does. Never fails and never asks: mpsbench works, slower or on fewer devices, without them.
 * What was said or tried once is not repeated until the list changes (`again` repeats it).
 */
export async function ensureSystemPackages({ forTests, again = false, system = thisSystem }) {
  if (systemPackagesAreSettled({ forTests, system }) && !again) return;
  const wanted = missing(system, { forTests });
  if (wanted.length === 0) return;
  if (mayInstall(system)) await install(wanted.map(({ name }) => name));
  const left = missing(system, { forTests });
  if (left.length > 0) {
    say('These are not installed; mpsbench goes on without them:');
    for (const { why, name } of left) say(`  ${name}: ${why}`);
    say(
      `To install them: ${installLine(
        system,
        left.map(({ name }) => name),
      )}`,
    );
  }
  // All that is wanted by anyone: a start must not forget what a test run has tried.
  const tried = new Set([...(readStamp(NAME).left ?? []), ...left.map(({ id }) => id)]);
  const all = missing(system, { forTests: true }).map(({ id }) => id);
  writeStamp(NAME, { left: all.filter((id) => tried.has(id)) });
}

/** Nothing is missing, or nothing but what was said or tried before. */
export function systemPackagesAreSettled({ forTests, system = thisSystem }) {
  const known = readStamp(NAME).left ?? [];
  return missing(system, { forTests }).every(({ id }) => known.includes(id));
}

/** MPSBENCH_SYSTEM_PACKAGES=0 keeps the set-up away from the package manager. */
function mayInstall({ family, isRoot }) {
  if (process.env.MPSBENCH_SYSTEM_PACKAGES === '0') return false;
  return isRoot && (family === 'debian' || family === 'ubuntu');
}

async function install(names) {
  await step(`installing system packages: ${names.join(' ')}`, async () => {
    if (!hasPackageLists()) await apt(['update']);
    if (await installAll(names)) return;
    await apt(['update']);
    if (await installAll(names)) return;
    // One unknown name fails the whole line: take them one by one.
    for (const name of names) await installAll([name]);
  });
}

const installAll = async (names) =>
  (await apt(['install', '-y', '--no-install-recommends', ...names])) === 0;

async function apt(args) {
  const { code } = await runLogged('apt-get', [...OPTIONS, ...args], {
    log: logFile(NAME),
    append: true,
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  });
  return code;
}

function hasPackageLists() {
  try {
    return readdirSync('/var/lib/apt/lists').some((name) => /_Packages(\.\w+)?$/.test(name));
  } catch {
    return false;
  }
}
