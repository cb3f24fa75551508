import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { BenchResult } from '../../src/result/schema.js';
import { BRIEF, mpsbench, type RunOptions } from './run.js';

const flat = (text: string) => text.replace(/\s+/g, ' ');

/**
 * Two real processes at the same time: the second starts once the first compiles. The first takes so many
 * samples, or is interrupted when the second has ended.
 */
async function two(more: readonly string[], samplesOfFirst?: number) {
  const folder = mkdtempSync(join(tmpdir(), 'mpsbench-two-'));
  const options: RunOptions = {
    // Each sample takes 50 ms.
    fake: 'slow:run',
    env: {
      XDG_RUNTIME_DIR: folder,
      MPSBENCH_DEBUG: '1',
      MPSBENCH_FAKE_SAYS: 'the fake compiles',
    },
  };
  const run = async (name: string, args: readonly string[], during?: RunOptions['during']) => {
    const path = join(folder, `${name}.json`);
    const command = ['bench', 'add', '--device', 'fake:0', ...BRIEF, '--time', '20', ...args];
    const outcome = await mpsbench([...command, '--json', path], {
      ...options,
      ...(during && { during }),
    });
    const result: BenchResult = JSON.parse(readFileSync(path, 'utf8'));
    const names = result.warnings.map((warning) => warning.name);
    return { ...outcome, result, names };
  };
  let second: ReturnType<typeof run> | undefined;
  const first = await run('first', ['--samples', `${samplesOfFirst ?? 1500}`], (child) => {
    child.stderr?.once('data', () => {
      second = run('second', ['--samples', '6', ...more]);
      if (samplesOfFirst === undefined) second.then(() => child.kill('SIGINT'));
    });
  });
  if (!second) throw new Error('the first never compiled');
  return { first, second: await second };
}

describe('two mpsbench at the same time', () => {
  it('notice each other, and say so', async () => {
    const { first, second } = await two([]);
    expect([first.code, second.code]).toEqual([130, 0]);
    for (const { names, stdout } of [first, second]) {
      expect(names).toContain('concurrent-run');
      expect(flat(stdout)).toMatch(
        /Another mpsbench was measuring on the same hardware at the same time: mpsbench bench add .* \(process \d+\)\./,
      );
    }
  });

  it('with --wait the second measures when the first has ended', async () => {
    const { first, second } = await two(['--wait'], 60);
    expect([first.code, second.code]).toEqual([0, 0]);
    expect(first.names).not.toContain('concurrent-run');
    expect(second.names).not.toContain('concurrent-run');
    const endOfFirst = Date.parse(first.result.startedAt) + first.result.seconds * 1000;
    expect(Date.parse(second.result.conditions.before.at)).toBeGreaterThan(endOfFirst - 500);
  });
});
