import { afterEach, expect, it, vi } from 'vitest';
import { startProgress } from '../../../src/commands/progress/start-progress.js';

/** What the spinner was made with; a fake that draws nothing. */
const spinner = vi.hoisted(() => ({ color: undefined as unknown }));
vi.mock('ora', () => ({
  default: ({ color }: { color: unknown }) => {
    spinner.color = color;
    return { start() {}, stop() {} };
  },
}));

const { isTTY, columns } = process.stderr;
const argv = process.argv;

function pretend(terminal: { isTTY: boolean; columns: number }): void {
  Object.defineProperty(process.stderr, 'isTTY', { value: terminal.isTTY, configurable: true });
  Object.defineProperty(process.stderr, 'columns', { value: terminal.columns, configurable: true });
}

afterEach(() => {
  pretend({ isTTY, columns });
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  process.argv = argv;
});

it.each([
  ['', [], 'cyan'],
  ['1', [], false],
  ['', ['--no-color'], false],
])('takes colour from NO_COLOR=%s and %j', async (value, flags, color) => {
  vi.stubEnv('TERM', 'xterm');
  vi.stubEnv('NO_COLOR', value);
  process.argv = [...argv, ...flags];
  pretend({ isTTY: true, columns: 80 });
  (await startProgress('working')).stop();
  expect(spinner.color).toBe(color);
});

it.each([
  ['no terminal', { isTTY: false, columns: 80 }],
  ['a terminal that reports no width', { isTTY: true, columns: 0 }],
])('writes one line per phase on %s', async (_, terminal) => {
  vi.stubEnv('TERM', 'xterm');
  pretend(terminal);
  const write = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  const progress = await startProgress('looking');
  progress.phase('working', { step: 2, steps: 3, expectedS: 1 });
  progress.update('still working');
  progress.stop();
  expect(write.mock.calls).toEqual([['looking ...\n'], ['[2/3] working ...\n']]);
});
