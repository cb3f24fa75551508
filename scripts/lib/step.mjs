import { relative } from 'node:path';
import process from 'node:process';
import { ROOT } from './paths.mjs';

const TAIL_LINES = 40;

export const say = (text) => process.stderr.write(`${text}\n`);

/** A step that did not succeed: what happened, the log that shows it, and what to do. */
export class StepError extends Error {
  constructor(message, { log = '', text = '', advice = '' } = {}) {
    super(message);
    this.log = log;
    this.text = text;
    this.advice = advice;
  }

  print() {
    const lines = this.text.trimEnd().split('\n');
    const shown = lines.slice(-TAIL_LINES);
    if (this.text) say(shown.map((line) => `  ${line}`).join('\n'));
    say(this.message);
    if (this.log && lines.length > shown.length) say(`The full log: ${relative(ROOT, this.log)}`);
    if (this.advice) say(this.advice);
  }
}

/** One line on stderr: the label while it runs, the time when it is done. */
export async function step(label, work) {
  process.stderr.write(`${label} ... `);
  const start = process.hrtime.bigint();
  try {
    const value = await work();
    const seconds = Number(process.hrtime.bigint() - start) / 1e9;
    say(`${seconds.toFixed(seconds < 10 ? 1 : 0)} s`);
    return value;
  } catch (error) {
    say('failed');
    throw error;
  }
}
