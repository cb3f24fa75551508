import process from 'node:process';
import { pathToFileURL } from 'node:url';
import { runTests } from '../check/tests.mjs';
import { BIN, exitCode, StepError } from './process.mjs';
import { setUp } from './setup.mjs';

/** `npm start`: the command line given, or a first look at this machine. */
export async function start(args) {
  if (!(await succeeds(() => setUp({ forTests: false })))) process.exit(2);
  if (args.length > 0) return become(args);
  process.exitCode = await exitCode(process.execPath, [BIN, 'devices']);
  if (process.exitCode === 0) await become(['bench', 'all', '--compare-cpu', '--quick']);
}

/** `npm test`: every check and test; with arguments only vitest, with these arguments. */
export async function test(args) {
  if (await succeeds(() => setUp({ forTests: true }))) process.exitCode = await runTests(args);
  else {
    process.stdout.write('0 passed, 1 failed\n');
    process.exitCode = 2;
  }
}

/** Goes on as mpsbench in this process: streams, signals and exit code are then its own. */
async function become(args) {
  process.argv = [process.execPath, BIN, ...args];
  await import(pathToFileURL(BIN).href);
}

async function succeeds(work) {
  try {
    await work();
    return true;
  } catch (error) {
    if (!(error instanceof StepError)) throw error;
    error.print();
    return false;
  }
}
