import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';

const BIN = fileURLToPath(new URL('../../bin/mpsbench.js', import.meta.url));
export const FAKE_BACKEND = fileURLToPath(
  new URL('../fakes/scripted-backend.mjs', import.meta.url),
);

export interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  /** Without the lines of the progress. */
  readonly stderr: string;
  /** What a log shows of the progress: a line per phase. */
  readonly progress: readonly string[];
}

export interface RunOptions {
  readonly env?: Record<string, string | undefined>;
  /** The fake backend's script; adds the fake device to the real ones. */
  readonly fake?: string;
  /** Called with the running process, for example to interrupt it. */
  readonly during?: (child: ChildProcess) => void;
  readonly bin?: string;
  readonly stdin?: string;
  readonly cwd?: string;
  /** In a process group of its own, which can be stopped as a whole. */
  readonly detached?: boolean;
}

/** Runs `mpsbench` as a user would, and waits for its end. */
export function mpsbench(args: readonly string[], options: RunOptions = {}): Promise<Outcome> {
  const { env = {}, fake, during, bin = BIN, stdin, cwd, detached = false } = options;
  const child = spawn(process.execPath, [bin, ...args], {
    cwd,
    detached,
    env: {
      ...process.env,
      NO_COLOR: '1',
      // What tests measure is not what the user wants to see again.
      MPSBENCH_HISTORY: 'off',
      FORCE_COLOR: undefined,
      ...(fake === undefined
        ? {}
        : { MPSBENCH_BACKENDS: `fake=${FAKE_BACKEND}`, MPSBENCH_FAKE: fake }),
      ...env,
    },
    stdio: [stdin === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
  });
  let [stdout, stderr] = ['', ''];
  child.stdout?.setEncoding('utf8').on('data', (text) => {
    stdout += text;
  });
  child.stderr?.setEncoding('utf8').on('data', (text) => {
    stderr += text;
  });
  child.stdin?.end(stdin);
  during?.(child);
  return new Promise((resolve) => {
    child.on('close', (code) => {
      const lines = stderr.match(/^(?!mpsbench: ).+ \.\.\.\n/gm) ?? [];
      const rest = lines.reduce((text, line) => text.replace(line, ''), stderr);
      resolve({ code, stdout, stderr: rest, progress: lines.map((line) => line.trimEnd()) });
    });
  });
}

/** No fault may show a stack trace or end in a defect of ours. */
export function expectNoTrace({ stderr, stdout }: Pick<Outcome, 'stderr' | 'stdout'>): void {
  expect(stderr + stdout).not.toMatch(/^\s+at .+:\d+:\d+/m);
}

/** Interrupts the command as soon as it, or with MPSBENCH_DEBUG a worker, says this on stderr. */
export function interruptAt(sign: string): NonNullable<RunOptions['during']> {
  return (child) => {
    let said = '';
    child.stderr?.on('data', function listen(text: string) {
      said += text;
      if (!said.includes(sign)) return;
      child.stderr?.off('data', listen);
      child.kill('SIGINT');
    });
  };
}

/** Flags that make a measurement on a fake or tiny problem as short as it can be. */
export const BRIEF = [
  '--runs',
  '1',
  '--preset',
  'example',
  '--time',
  '0.05',
  '--warmup',
  '0.01',
  '--precision',
  '20',
];
