import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

/** The Python files that `mpsbench watch` puts first on PYTHONPATH. */
export const HOOK = fileURLToPath(new URL('../../src/watch/python/', import.meta.url)).replace(
  /\/$/,
  '',
);

export interface Op {
  readonly op: string;
  readonly device: string;
  readonly dtype: string | null;
  readonly calls: number;
  readonly timeNs: number | null;
  readonly fallback: string | null;
}

interface Place {
  readonly file: string | null;
  readonly line: number | null;
}

export interface FrameworkReport {
  readonly framework: string;
  readonly version: string;
  readonly devices: readonly string[];
  readonly counted: string;
  readonly countedNs: number;
  readonly steps: number;
  readonly countedSteps: number;
  readonly ops: readonly Op[];
  readonly transfers: readonly (Place & {
    readonly direction: string;
    readonly how: string;
    readonly device: string;
    readonly calls: number;
    readonly timeNs: number | null;
    readonly bytes: number | null;
  })[];
  readonly waits: readonly (Place & {
    readonly what: string;
    readonly detail: string;
    readonly calls: number;
    readonly timeNs: number;
  })[];
  readonly notes: readonly (Place & { readonly code: string; readonly text: string })[];
}

/** A file that the hook wrote. */
export interface Report {
  readonly pid: number;
  readonly parentPid: number;
  readonly argv: readonly string[];
  readonly script: string;
  readonly startedNs: number;
  readonly writtenNs: number;
  readonly final: boolean;
  readonly hookNs: number;
  readonly errors: readonly string[];
  readonly frameworks: readonly FrameworkReport[];
}

export interface Settings {
  readonly ops?: 'off' | 'first-steps' | 'all';
  readonly env?: NodeJS.ProcessEnv;
  /** Before the script: `['-W', 'error']`. */
  readonly flags?: readonly string[];
  /** After the script. */
  readonly args?: readonly string[];
  /** Other files beside the script. */
  readonly files?: Readonly<Record<string, string>>;
  /** Instead of the hook of this checkout; undefined runs without a hook. */
  readonly hook?: string | null;
  readonly input?: string;
}

export interface Run {
  /** The temporary folder is FOLDER in it. */
  readonly stdout: string;
  readonly stderr: string;
  readonly status: number | null;
  readonly signal: string | null;
  readonly reports: readonly Report[];
  /** What lies beside the script afterwards. */
  readonly files: readonly string[];
}

/** Runs `script` as train.py of an empty folder, in a real interpreter, with or without the hook. */
export function runScript(python: string, script: string, settings: Settings = {}): Run {
  const { ops = 'all', env = {}, flags = [], args = [], files = {}, hook = HOOK } = settings;
  const folder = mkdtempSync(join(tmpdir(), 'mpsbench-hooked-'));
  try {
    const [work, reports] = [join(folder, 'work'), join(folder, 'reports')];
    mkdirSync(work);
    mkdirSync(reports);
    writeFileSync(join(work, 'train.py'), script);
    for (const [name, text] of Object.entries(files)) writeFileSync(join(work, name), text);
    const { PYTHONPATH, ...inherited } = process.env;
    const hooked = {
      PYTHONPATH: [hook, env.PYTHONPATH ?? PYTHONPATH].filter(Boolean).join(delimiter),
      MPSBENCH_WATCH_REPORTS: reports,
      MPSBENCH_WATCH_OPS: ops,
    };
    const { stdout, stderr, status, signal } = spawnSync(python, [...flags, 'train.py', ...args], {
      cwd: work,
      encoding: 'utf8',
      input: settings.input ?? '',
      env: {
        ...inherited,
        OMP_NUM_THREADS: '1',
        TF_CPP_MIN_LOG_LEVEL: '3',
        PYTHONDONTWRITEBYTECODE: '1',
        ...env,
        ...(hook === null ? {} : hooked),
      },
    });
    const named = (text: string) => text.replaceAll(folder, 'FOLDER');
    return {
      stdout: named(stdout),
      stderr: named(stderr),
      status,
      signal,
      reports: readdirSync(reports).map((name) =>
        JSON.parse(readFileSync(join(reports, name), 'utf8')),
      ),
      files: readdirSync(work).sort(),
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The one framework of the one report of a run. @throws Error where there is another number of them */
export function onlyFramework(run: Run): FrameworkReport {
  const [report] = run.reports;
  const [framework] = report?.frameworks ?? [];
  if (run.reports.length !== 1 || report?.frameworks.length !== 1 || !framework) {
    throw new Error(`${run.reports.length} reports\n${run.stderr}`);
  }
  return framework;
}

/** How often an op was called, on all devices and in all dtypes, or on one device. */
export function calls({ ops }: FrameworkReport, op: string, device?: string): number {
  return ops
    .filter((row) => row.op === op && (device === undefined || row.device === device))
    .reduce((sum, row) => sum + row.calls, 0);
}

/** The number of the line of `script` that contains `text`. */
export function lineOf(script: string, text: string): number {
  return script.split('\n').findIndex((line) => line.includes(text)) + 1;
}
