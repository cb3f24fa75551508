import { afterEach, expect, it, vi } from 'vitest';
import { startProgress } from '../../../src/commands/progress.js';

const { isTTY, columns } = process.stderr;

function pretend(terminal: { isTTY: boolean; columns: number }): void {
  Object.defineProperty(process.stderr, 'isTTY', { value: terminal.isTTY, configurable: true });
  Object.defineProperty(process.stderr, 'columns', { value: terminal.columns, configurable: true });
}

afterEach(() => {
  pretend({ isTTY, columns });
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
});

it.each([
  ['no terminal', { isTTY: false, columns: 80 }],
  ['a terminal that tells no width', { isTTY: true, columns: 0 }],
])('writes nothing on %s', async (_, terminal) => {
  vi.stubEnv('TERM', 'xterm');
  pretend(terminal);
  const write = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  const progress = await startProgress('working');
  progress.update('still working');
  progress.stop();
  expect(write).not.toHaveBeenCalled();
});
