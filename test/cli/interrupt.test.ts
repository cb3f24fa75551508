import { existsSync, mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { BenchResult } from '../../src/result/schema.js';
import { BRIEF, expectNoTrace, interruptAt, mpsbench } from './run.js';

const temporary = mkdtempSync(join(tmpdir(), 'mpsbench-interrupt-'));

describe('Ctrl-C', () => {
  /** Once it hangs: what it says then reaches our stderr. */
  const interruptIn = (phase: string, env: Record<string, string> = {}) => ({
    fake: `hang:${phase}`,
    env: { MPSBENCH_DEBUG: '1', ...env },
    during: interruptAt(`the fake hangs in ${phase}`),
  });

  it.each(['probe', 'compile', 'verify', 'run'])(
    'while the device hangs in %s ends with 130 and writes what there is',
    async (phase) => {
      const path = join(temporary, `interrupted-${phase}.json`);
      const outcome = await mpsbench(
        [
          'bench',
          'add',
          '--device',
          'cpu,fake:0',
          ...BRIEF,
          '--time',
          '1',
          '--samples',
          '1000',
          '--json',
          path,
        ],
        interruptIn(phase),
      );
      expect(outcome.code).toBe(130);
      expectNoTrace(outcome);
      if (phase === 'probe') return;
      const result: BenchResult = JSON.parse(readFileSync(path, 'utf8'));
      expect(result.exitCode).toBe(130);
      expect(result.rows.find(({ device }) => device === 'fake:0')?.state).toBe('interrupted');
      if (phase === 'run') {
        expect(result.rows.find(({ device }) => device === 'cpu:0')?.measurement).toBeDefined();
      }
    },
  );

  it.skipIf(!existsSync('/proc'))('leaves no worker behind (skipped without /proc)', async () => {
    const marker = `mpsbench-marker-${process.pid}`;
    /** Processes of the command; those of others cannot be read. */
    const running = () =>
      readdirSync('/proc').filter((pid) => {
        try {
          return readFileSync(`/proc/${pid}/environ`, 'latin1').includes(marker);
        } catch {
          return false;
        }
      });
    const { during, ...options } = interruptIn('run', { MPSBENCH_FAKE_NAME: marker });
    let meanwhile: readonly string[] = [];
    const { code } = await mpsbench(
      ['bench', 'add', '--device', 'fake:0', ...BRIEF, '--time', '1', '--samples', '1000'],
      {
        ...options,
        during: (child) => {
          child.stderr?.on('data', (text) => {
            if (`${text}`.includes('the fake hangs')) meanwhile = running();
          });
          during(child);
        },
      },
    );
    expect(code).toBe(130);
    expect(meanwhile).toHaveLength(2);
    expect(running()).toEqual([]);
  });
});

describe('Ctrl-Z', () => {
  it.skipIf(process.platform === 'win32')(
    'in the middle of sampling is part of no sample, and is told',
    async () => {
      const path = join(temporary, 'stopped.json');
      const sampling = ['--samples', '60', '--time', '9', '--json', path];
      const outcome = await mpsbench(
        ['bench', 'add', '--device', 'fake:0', ...BRIEF, ...sampling],
        { fake: 'stopped:run', detached: true },
      );
      expect(outcome.code).toBe(0);
      const { rows }: BenchResult = JSON.parse(readFileSync(path, 'utf8'));
      const { samples = [], disturbance, warnings } = rows[0].measurement ?? {};
      expect(samples).toHaveLength(60);
      expect(disturbance?.suspendedNs).toBeGreaterThan(1.5e9);
      expect(warnings?.map(({ name }) => name)).toContain('suspended');
      expect(outcome.stdout.replace(/\s+/g, ' ')).toMatch(
        /The process was stopped, or the machine asleep, for about 2\.\d s/,
      );
    },
  );
});
