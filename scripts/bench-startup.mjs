#!/usr/bin/env node
/** What starting mpsbench costs. Usage: node scripts/bench-startup.mjs [ROUNDS] */
import { BIN } from './lib/paths.mjs';
import { compareStartup, roundsAsked } from './lib/startup.mjs';

const COMMANDS = [
  { name: 'mpsbench --version', args: [BIN, '--version'] },
  { name: 'mpsbench devices', args: [BIN, 'devices', '--json'] },
];

compareStartup(COMMANDS, roundsAsked(21));
