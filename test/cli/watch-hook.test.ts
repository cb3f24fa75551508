import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { testPython } from '../../scripts/setup/test-pythons.mjs';
import { sweepBench } from '../fakes/sweeps.js';
import { mpsbench } from './run.js';
import { newFile, watchWith } from './watch-with.js';

const { python = '', reason } = testPython('pytorch');

describe.skipIf(!python)(`PyTorch${python ? '' : ` (${reason})`}`, () => {
  it('that sleeps in its data loader barely uses the GPU, which waited for data', async () => {
    const script = newFile('.py');
    const holders = newFile('');
    writeFileSync(
      script,
      `
import os, time
import torch

class Slow(torch.utils.data.Dataset):
    def __len__(self):
        return 120
    def __getitem__(self, index):
        time.sleep(0.05)
        return torch.ones(3)

open(${JSON.stringify(holders)}, "w").write("%d\\n" % os.getpid())
weight = torch.nn.Parameter(torch.ones(3, 2))
optimizer = torch.optim.SGD([weight], lr=0.1)
for batch in torch.utils.data.DataLoader(Slow(), batch_size=20):
    optimizer.zero_grad()
    (batch @ weight).sum().backward()
    optimizer.step()
`,
    );
    const gpu = { plan: [[999, 0.03]] as const, holders };
    const { result, stderr, code } = await watchWith([gpu], [python, script]);
    expect(code).toBe(0);
    expect(result.verdict).toMatchObject({ state: 'barely-used', device: 'fake:0' });
    const [wait] = result.frameworks[0].waits;
    expect(wait).toMatchObject({ what: 'DataLoader', detail: 'num_workers=0', calls: 6 });
    expect(wait.timeNs).toBeGreaterThan(5.9e9);
    expect(stderr).toContain('DataLoader(..., num_workers=4,');
  }, 120_000);
});

describe('the reports of the hook', () => {
  /** A program that is no Python, but reports as the hook does. */
  const reporting = (report: string, name = 'python-7-0123abcd.json') => [
    process.execPath,
    '-e',
    `require('fs').writeFileSync(process.env.MPSBENCH_WATCH_REPORTS + '/${name}', ${JSON.stringify(report)})`,
  ];

  const REPORT = {
    version: 1,
    pid: 7,
    parentPid: 1,
    argv: ['train.py'],
    script: 'train.py',
    executable: '/usr/bin/python3',
    python: '3.11.7',
    startedNs: 1e9,
    writtenNs: 11e9,
    final: true,
    hookNs: 1e8,
    errors: [],
    frameworks: [
      {
        framework: 'pytorch',
        version: '2.9.0',
        importNs: 1,
        devices: ['cpu', 'cuda:0'],
        availableDevices: ['cuda:0'],
        counted: 'all',
        countedNs: 1e9,
        steps: 100,
        ops: [
          {
            op: 'aten::mm',
            device: 'cuda:0',
            dtype: 'float32',
            calls: 900,
            timeNs: null,
            fallback: null,
          },
          {
            op: 'aten::nonzero',
            device: 'cpu',
            dtype: 'float32',
            calls: 812,
            timeNs: null,
            fallback: 'no kernel',
          },
        ],
        transfers: [
          {
            direction: 'device-to-host',
            how: '.item()',
            file: 'train.py',
            line: 31,
            calls: 100,
            timeNs: 5e8,
            bytes: 400,
          },
        ],
        waits: [
          {
            what: 'DataLoader',
            detail: 'num_workers=0',
            calls: 100,
            timeNs: 31e8,
            file: 'train.py',
            line: 20,
          },
        ],
        notes: [{ code: 'float64', text: 'tensors are float64', file: 'train.py', line: 9 }],
      },
    ],
  };

  it('are told in plain words, with advice', async () => {
    const { stderr, result } = await watchWith([], reporting(JSON.stringify(REPORT)));
    expect(stderr).toContain('used the GPU: ops ran on cuda:0; PyTorch 2.9.0');
    expect(stderr).toContain('1 of 2 kinds of ops ran on the CPU: aten::nonzero (812 calls).');
    expect(stderr).toContain(
      'The GPU waited for the CPU 31 % of the time: data loading (DataLoader, num_workers=0).',
    );
    expect(stderr).toMatch(/train\.py:31 +\.item\(\) +GPU to CPU +100/);
    expect(result.findings.map(({ name }) => name)).toEqual([
      ...['fallback', 'waits-for-data', 'sync-in-loop', 'float64'],
    ]);
    expect(result.hook).toMatchObject({ state: 'loaded', overhead: expect.closeTo(0.01) });
  });

  it('of tiny batches are told with the crossover of the latest sweep that is kept', async () => {
    const [own] = REPORT.frameworks;
    const note = { code: 'small-batch', text: 'batches of 4 from the DataLoader', line: 20 };
    const notes = [{ ...note, file: 'train.py' }];
    const small = JSON.stringify({ ...REPORT, frameworks: [{ ...own, notes }] });
    const cache = newFile('');
    const env = { MPSBENCH_HISTORY: undefined, XDG_CACHE_HOME: cache, HOME: cache };
    const without = await watchWith([], reporting(small), [], { env });
    expect(without.stderr).toContain('mpsbench bench cnn --batch 1:4096 --compare-cpu');
    // The folder by the conventions of Linux and of macOS.
    for (const folder of [cache, join(cache, 'Library', 'Caches')]) {
      const results = join(folder, 'mpsbench', 'results');
      mkdirSync(results, { recursive: true });
      const name = '2026-11-29T12-00-00.000Z-bench-1.json';
      writeFileSync(join(results, name), JSON.stringify(sweepBench));
    }
    const { result } = await watchWith([], reporting(small), [], { env });
    const crossover = sweepBench.sweeps?.[0].curves.find(({ device }) => device === 'metal:0');
    if (crossover?.crossover?.state !== 'between') throw new Error('The sweep has no crossover.');
    expect(result.findings).toContainEqual({
      name: 'small-batch',
      message: 'batches of 4 from the DataLoader at train.py:20.',
      advice: `Use larger batches. On this machine the GPU was faster than the CPU from batch ${crossover.crossover.from} on (cnn, mpsbench bench).`,
    });
  });

  it('that are hostile do no harm', async () => {
    const [own] = REPORT.frameworks;
    const hostile = {
      ...REPORT,
      script: '\u001b[31mred\u202e',
      frameworks: [
        {
          ...own,
          version: `2\u001b]0;title\u0007${'x'.repeat(1000)}`,
          notes: Array(1000).fill(own.notes[0]),
        },
      ],
    };
    const { stderr, result } = await watchWith([], reporting(JSON.stringify(hostile)));
    // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what must not be there
    expect(stderr).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u202e]/);
    expect(result.frameworks[0].version.length).toBeLessThan(400);
    for (const text of [
      '{',
      '[]',
      '{"version":2}',
      'null',
      `{"version":1,"pid":${'9'.repeat(400)}}`,
    ]) {
      const outcome = await watchWith([], reporting(text));
      expect(outcome.code).toBe(0);
      expect(outcome.result.warnings[0]?.name).toBe('unreadable-report');
    }
  });

  it('leave no temporary folder, whatever happens', async () => {
    const folder = newFile('');
    mkdirSync(folder);
    const tell = 'echo $MPSBENCH_WATCH_REPORTS; sleep 0.3; exit 4';
    const { stdout, code } = await mpsbench(['watch', 'sh', '-c', tell], {
      env: { TMPDIR: folder },
    });
    expect(code).toBe(4);
    expect(stdout).toContain(folder);
    expect(existsSync(stdout.trim())).toBe(false);
    await sleep(100);
    expect(readdirSync(folder)).toEqual([]);
  });
});
