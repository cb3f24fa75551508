import type { Progress } from '../../bench/progress.js';
import { colourWanted } from '../../report/stdout.js';

/** Shows progress on stderr: a line that changes on a terminal, else a line per phase. */
export async function startProgress(text: string): Promise<Progress> {
  // A terminal that reports no width would make the spinner clear lines without end.
  const isDrawable = process.stderr.isTTY && process.stderr.columns > 0;
  if (!isDrawable || process.env.TERM === 'dumb') {
    const { LineProgress } = await import('./line-progress.js');
    const progress = new LineProgress((line) => void process.stderr.write(line));
    progress.phase(text);
    return progress;
  }
  const [{ default: ora }, { TerminalProgress }] = await Promise.all([
    import('ora'),
    import('./terminal-progress.js'),
  ]);
  // Ctrl-C is handled by the program, and nothing is read from stdin.
  const color = colourWanted() ? 'cyan' : false;
  const spinner = ora({ text, color, stream: process.stderr, discardStdin: false });
  return new TerminalProgress(spinner, text);
}
