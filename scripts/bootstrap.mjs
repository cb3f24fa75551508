#!/usr/bin/env node
/**
 * Set-up on demand, then the command: what stands behind `npm start`, `npm test`, `npm run build`,
 * `npm install` and `npm run bench:peers`. Node built-ins only, because it runs before anything is
 * installed; nothing here writes to stdout, so that a command's output can be piped.
 */
import { readFileSync } from 'node:fs';
import process from 'node:process';

const { engines } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
const wanted = engines.node.match(/\d+/g).map(Number);
const running = process.versions.node.split('.').map(Number);
if (running[0] < wanted[0] || (running[0] === wanted[0] && running[1] < wanted[1])) {
  process.stderr.write(
    `mpsbench needs Node ${wanted.join('.')} or newer; this is Node ${process.versions.node}.\n` +
      'Install a newer one from https://nodejs.org, or with a version manager: nvm install --lts\n',
  );
  process.exit(2);
}

// Only now: these modules may use all that the wanted Node offers.
const { runMode } = await import('./lib/modes.mjs');
await runMode(process.argv[2] ?? '', process.argv.slice(3));
