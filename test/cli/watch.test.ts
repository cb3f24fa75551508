import { execFileSync, spawn } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, describe, expect, it } from 'vitest';
import { testPython } from '../../scripts/setup/test-pythons.mjs';
import { parseResult } from '../../src/result/parse.js';
import type { WatchRecord } from '../../src/result/schema.js';
import { sweepBench } from '../fakes/sweeps.js';
import { mpsbench, type Outcome, type RunOptions } from './run.js';

const FOLDER = mkdtempSync(join(tmpdir(), 'mpsbench-test-watch-'));
afterAll(() => rmSync(FOLDER, { recursive: true, force: true }));

interface Script {
  readonly plan?: readonly (readonly [untilS: number, utilisation: number])[];
  readonly holders?: string;
  readonly others?: number;
  readonly byProcess?: boolean;
  readonly throws?: string;
  readonly crashes?: boolean;
}

const isLinux = process.platform === 'linux';
let files = 0;
const newFile = (suffix: string) => join(FOLDER, `${files++}${suffix}`);

/** Watches with scripted GPUs, and reads the result. */
async function watchWith(
  monitors: readonly Script[],
  words: readonly string[],
  flags: readonly string[] = [],
  options: RunOptions = {},
): Promise<Outcome & { result: WatchRecord }> {
  const json = newFile('.json');
  const outcome = await mpsbench(['watch', '--json', json, ...flags, '--', ...words], {
    fake: '',
    ...options,
    env: {
      MPSBENCH_HIDE: 'cuda,metal',
      MPSBENCH_FAKE_MONITORS: JSON.stringify(monitors),
      ...options.env,
    },
  });
  return { ...outcome, result: parseResult(readFileSync(json, 'utf8')) as WatchRecord };
}

/** Words of a program that holds the GPU for some seconds. */
const holder = (file: string, seconds: number) => [
  'sh',
  '-c',
  `echo $$ > ${file}; sleep ${seconds}`,
];

describe('the command', () => {
  it.each([
    ['exit 0', 0],
    ['exit 3', 3],
    ['kill -TERM $$', 143],
    ['kill -KILL $$', 137],
  ])('ends with the exit code of `%s`', async (script, code) => {
    const outcome = await mpsbench(['watch', '--', 'sh', '-c', script]);
    expect(outcome.code).toBe(code);
  });

  it('that is not there ends with 127, one that may not run with 126', async () => {
    const file = newFile('.txt');
    writeFileSync(file, 'no program', { mode: 0o644 });
    expect(await mpsbench(['watch', 'no-such-command'])).toMatchObject({
      code: 127,
      stdout: '',
      stderr: 'mpsbench: no-such-command: command not found\n',
    });
    expect(await mpsbench(['watch', file])).toMatchObject({
      code: 126,
      stderr: `mpsbench: ${file}: permission denied\n`,
    });
  });

  it('has its own stdin, stdout and stderr; the report comes after it on stderr', async () => {
    const script = 'cat; echo to stderr >&2; printf end';
    const outcome = await mpsbench(['watch', 'sh', '-c', script], { stdin: 'from stdin\n' });
    expect(outcome.stdout).toBe('from stdin\nend');
    expect(outcome.stderr).toMatch(/^to stderr\nWhether sh used the GPU was not checked/);
  });

  it('keeps its flags, also those that we have', async () => {
    const words = ['--json', 'x', '--debug', '--help', '--', '--ops', 'nothing'];
    const outcome = await mpsbench(['watch', '--ops', 'off', 'printf', '%s|', ...words]);
    expect(outcome.stdout).toBe('--json|x|--debug|--help|--|--ops|nothing|');
  });

  it('runs in the same folder with the same variables, and those of the hook', async () => {
    const script = 'pwd; env';
    const plain = execFileSync('sh', ['-c', script], { cwd: FOLDER, encoding: 'utf8' });
    const watched = await mpsbench(['watch', '--ops', 'off', 'sh', '-c', script], {
      cwd: FOLDER,
      env: {
        NO_COLOR: process.env.NO_COLOR,
        MPSBENCH_HISTORY: process.env.MPSBENCH_HISTORY,
        FORCE_COLOR: process.env.FORCE_COLOR,
      },
    });
    expect(watched.stdout.split('\n').sort()).toEqual(plain.split('\n').sort());
  });
});

describe('a scripted GPU', () => {
  it('is used for the share of the time that its counter says', async () => {
    const holders = newFile('');
    const plan = [[99, 0.8]] as const;
    const { result, stderr } = await watchWith([{ plan, holders }], holder(holders, 2));
    expect(result.verdict).toMatchObject({
      state: 'used',
      device: 'fake:0',
      evidence: 'utilization',
    });
    expect(result.verdict.share).toBeGreaterThan(0.5);
    expect(result.devices[0]).toMatchObject({
      scope: 'alone',
      held: true,
      busyShare: expect.closeTo(0.8),
    });
    expect(result.timeline.length).toBeGreaterThan(3);
    expect(stderr).toContain('sh used the GPU (fake:0) for ');
  });

  it.runIf(isLinux)('that others keep busy is not used', async () => {
    const holders = newFile('');
    writeFileSync(holders, '');
    const plan = [[99, 0.9]] as const;
    const { result, code } = await watchWith(
      [
        { plan, holders: `${holders}`, others: 2, byProcess: true },
        { plan, holders: newFile('') },
      ],
      ['sleep', '3'],
      ['--require-gpu', '5%'],
    );
    // In a container the ids of processes mean nothing, and then nobody knows.
    const isHost = result.devices[0].scope === 'processes';
    expect(result.verdict.state).toBe(isHost ? 'not-used' : 'not-checked');
    expect(code).toBe(isHost ? 1 : 2);
  });

  it('that lists no processes is busy, and whose work that was is not claimed', async () => {
    const { result, stderr, code } = await watchWith(
      [{ plan: [[99, 0.6]] }],
      ['sleep', '3'],
      ['--require-gpu'],
    );
    expect(result.verdict).toMatchObject({ state: 'not-checked', evidence: 'none' });
    expect(stderr).toContain('fake:0 was busy 60 % of the time (all processes)');
    expect(code).toBe(2);
  });

  it('that is idle all the time was not used by anybody', async () => {
    const { result, code } = await watchWith(
      [{ plan: [[99, 0]] }],
      ['sleep', '3'],
      ['--require-gpu=1%'],
    );
    expect(result.verdict).toMatchObject({ state: 'not-used', share: 0 });
    expect(code).toBe(1);
  });

  it('says nothing of a program that is too short', async () => {
    const { result } = await watchWith([{ plan: [[99, 0]] }], ['sleep', '0.2']);
    expect(result.verdict).toMatchObject({ state: 'not-checked' });
    expect(result.verdict.message).toContain('too short');
  });

  it('that cannot be opened, or ends the sampler, never harms the command', async () => {
    const closed = await watchWith([{ throws: 'The fake GPU is locked.' }], ['sh', '-c', 'exit 5']);
    expect(closed.code).toBe(5);
    expect(closed.result.sampling.problem).toContain('The fake GPU is locked.');
    const crashed = await watchWith([{ crashes: true }], ['sh', '-c', 'sleep 3; exit 6']);
    expect(crashed.code).toBe(6);
    expect(crashed.result.sampling.problem).toContain('SIGSEGV');
    expect(crashed.result.verdict.state).toBe('not-checked');
  });
});

describe('signals', () => {
  const TRAP = `
    trap 'echo got INT; count=$((count+1))' INT
    trap 'echo got TERM; count=$((count+1))' TERM
    trap 'echo got HUP; count=$((count+1))' HUP
    count=0; echo ready; i=0
    while [ $i -lt 30 ] && [ $count -lt 1 ]; do sleep 0.1; i=$((i+1)); done
    sleep 0.7; exit 7`;

  /** Sends when the command is ready. */
  const onReady =
    (send: (pid: number) => void): RunOptions['during'] =>
    (child) => {
      child.stdout?.on('data', (text: string) => {
        if (text.includes('ready') && child.pid !== undefined) send(child.pid);
      });
    };

  it.each(['SIGTERM', 'SIGHUP', 'SIGINT'] as const)(
    '%s to mpsbench alone reaches the command once',
    async (signal) => {
      const outcome = await mpsbench(['watch', 'sh', '-c', TRAP], {
        detached: true,
        during: onReady((pid) => process.kill(pid, signal)),
      });
      expect(outcome.stdout).toBe(`ready\ngot ${signal.slice(3)}\n`);
      expect(outcome.code).toBe(7);
    },
  );

  it.each(['SIGTERM', 'SIGHUP', 'SIGINT'] as const)(
    '%s to the group, as from a terminal, reaches it once',
    async (signal) => {
      const outcome = await mpsbench(['watch', 'sh', '-c', TRAP], {
        detached: true,
        during: onReady((pid) => process.kill(-pid, signal)),
      });
      expect(outcome.stdout).toBe(`ready\ngot ${signal.slice(3)}\n`);
      expect(outcome.code).toBe(7);
    },
  );
});

describe('--duration', () => {
  it('ends the command, reports, and exits with 0', async () => {
    const { code, result } = await watchWith([], ['sleep', '60'], ['--duration', '1s']);
    expect(code).toBe(0);
    expect(result.watched).toMatchObject({ endedBy: 'duration', signal: 'SIGTERM' });
  });
});

describe('--pid', () => {
  it('watches a running process until it ends', async () => {
    const child = spawn('sleep', ['2'], { stdio: 'ignore' });
    const outcome = await mpsbench(['watch', '--pid', String(child.pid)]);
    expect(outcome.code).toBe(0);
    expect(outcome.stderr).toContain('sleep used the GPU was not checked');
  });

  it('needs a process that is there, and no command besides', async () => {
    expect(await mpsbench(['watch', '--pid', '4194303'])).toMatchObject({ code: 64 });
    expect(await mpsbench(['watch', '--pid', '1', 'ls'])).toMatchObject({ code: 64 });
    expect(await mpsbench(['watch'])).toMatchObject({ code: 64 });
  });
});

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
    const before = readdirSync(tmpdir()).filter((name) => name.startsWith('mpsbench-watch-'));
    const tell = 'echo $MPSBENCH_WATCH_REPORTS; sleep 0.3; exit 4';
    const { stdout, code } = await mpsbench(['watch', 'sh', '-c', tell]);
    expect(code).toBe(4);
    expect(stdout.trim()).not.toBe('');
    expect(existsSync(stdout.trim())).toBe(false);
    await sleep(100);
    const after = readdirSync(tmpdir()).filter((name) => name.startsWith('mpsbench-watch-'));
    expect(after.filter((name) => !before.includes(name))).toEqual([]);
  });
});
