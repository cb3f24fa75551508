#!/usr/bin/env node
/**
 * `npm start` and `npm test`: sets the checkout up, then runs the command. Nothing of the set-up goes
 * to stdout, so that a command's output can be piped.
 */
import { readFileSync } from 'node:fs';
import process from 'node:process';

const { engines } = JSON.parse(
  readFileSync(new URL('../../package.json', import.meta.url), 'utf8'),
);
const [major, minor] = engines.node.match(/\d+/g).map(Number);
const [ownMajor, ownMinor] = process.versions.node.split('.').map(Number);
if (ownMajor < major || (ownMajor === major && ownMinor < minor)) {
  process.stderr.write(
    `mpsbench needs Node ${major}.${minor} or newer; this is Node ${process.versions.node}.\n` +
      'Install it from https://nodejs.org or with a version manager: nvm install --lts\n',
  );
  process.exit(2);
}

// Imported only now: an older Node may lack what these modules use.
const [mode, ...args] = process.argv.slice(2);
const { start, test } = await import('./modes.mjs');
await (mode === 'test' ? test : start)(args);
