import { execFileSync, spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { mpsbench, type RunOptions } from './run.js';
import { FOLDER, newFile, watchWith } from './watch-with.js';

const isLinux = process.platform === 'linux';

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
