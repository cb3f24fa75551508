import type { Ora } from 'ora';
import { printable } from '../printable.js';
import type { Progress } from '../progress.js';
import { colourWanted } from '../report/stdout.js';

export async function startProgress(text: string): Promise<Progress> {
  // A terminal that tells no width would make the spinner clear lines without end.
  const drawable = process.stderr.isTTY && process.stderr.columns > 0;
  const say = (line: string) => void process.stderr.write(`${line}\n`);
  if (!drawable || process.env.TERM === 'dumb') return { update() {}, note: say, stop() {} };
  const { default: ora } = await import('ora');
  // Ctrl-C is handled by the program, and nothing is read from stdin.
  const color = colourWanted() ? 'cyan' : false;
  const spinner: Ora = ora({ text, color, stream: process.stderr, discardStdin: false }).start();
  return {
    update: (next) => {
      spinner.text = printable(next);
    },
    note: (line) => {
      spinner.clear();
      say(line);
    },
    stop: () => {
      spinner.stop();
    },
  };
}
