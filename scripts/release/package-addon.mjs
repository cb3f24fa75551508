#!/usr/bin/env node
/**
 * Makes the package of one platform from a built addon, ready for `npm pack` and `npm publish`.
 * Usage: node scripts/release/package-addon.mjs linux-x64 [--addon FILE] [--out DIR] [--notice NAME=FILE]...
 *   --addon   default: build/Release/mpsbench.node, built with -DMPSBENCH_PREBUILT=ON
 *   --out     the folder that gets the package's folder; default: build/packages
 *   --notice  NAME=FILE, the licence of a library that is linked into the addon
 *   --any-system  an addon that is not for every machine of the platform too: for a try, not to publish
 */
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { BUILD, ROOT } from '../setup/process.mjs';
import { readBinary } from './binary.mjs';
import { objections, systemOf } from './check.mjs';
import { packageName, platformOf } from './platforms.mjs';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    addon: { type: 'string', default: join(BUILD, 'Release', 'mpsbench.node') },
    out: { type: 'string', default: join(BUILD, 'packages') },
    notice: { type: 'string', multiple: true, default: [] },
    'any-system': { type: 'boolean', default: false },
  },
});

try {
  const folder = makePackage(platformOf(positionals[0]), values);
  process.stdout.write(`${folder}\n`);
} catch (error) {
  process.stderr.write(`package-addon: ${error.message}\n`);
  process.exitCode = 1;
}

function makePackage(platform, { addon, out, notice, 'any-system': anySystem }) {
  const binary = readBinary(addon);
  const against = objections(binary, platform);
  if (against.length > 0 && !anySystem) throw new Error(`${addon}: ${against.join('; ')}`);
  if (
    readFileSync(addon).includes('OpenBLAS') &&
    platform.format === 'ELF' &&
    notice.length === 0 &&
    !anySystem
  ) {
    throw new Error(`${addon} holds OpenBLAS: its licence goes along, with --notice OpenBLAS=FILE`);
  }
  const folder = join(out, platform.id);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), `${JSON.stringify(manifest(platform), null, 2)}\n`);
  writeFileSync(join(folder, 'README.md'), readme(platform, binary));
  copyFileSync(join(ROOT, 'LICENSE'), join(folder, 'LICENSE'));
  copyFileSync(addon, join(folder, 'mpsbench.node'));
  mkdirSync(join(folder, 'notices'));
  for (const [name, file] of notice.map((text) => text.split('=', 2))) {
    copyFileSync(file, join(folder, 'notices', `${name}.txt`));
  }
  return folder;
}

function manifest(platform) {
  const { version, license, engines } = JSON.parse(
    readFileSync(join(ROOT, 'package.json'), 'utf8'),
  );
  return {
    name: packageName(platform),
    version,
    description: `The native addon of mpsbench for ${platform.id}`,
    license,
    main: 'mpsbench.node',
    files: ['mpsbench.node', 'notices'],
    engines,
    os: [platform.os],
    cpu: [platform.cpu],
    ...(platform.libc ? { libc: [platform.libc] } : {}),
    publishConfig: { access: 'public' },
  };
}

function readme(platform, { floor }) {
  const system = floor ? `${systemOf(platform)} ${floor.join('.')} or newer` : systemOf(platform);
  return `# ${packageName(platform)}

The native addon of mpsbench for ${platform.id} (${system}).
mpsbench depends on it where it fits; nobody has to install it by hand.
`;
}
