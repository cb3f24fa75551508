/**
 * Random command lines, in this process: everything from Commander to the report runs, and only what would measure, probe or
 * build is scripted. A sample goes through the real command, where no backend is left to measure with.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Command } from 'commander';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { runCommand } from '../../src/command-line.js';
import { EXIT, type ExitCode } from '../../src/exit-codes.js';
import { createProgram } from '../../src/program.js';
import { renderJson } from '../../src/report/json.js';
import { mpsbench } from '../cli/run.js';
import { devicesResult, gpuBench, softwareBench } from '../fakes/results.js';
import { fuzz, HOSTILE, inputsOr, type Random, rawCharacter, SEED } from './fuzzing.js';

const INPUTS = inputsOr(1000);
/** Each starts Node, which takes a second on a busy machine. */
const REAL_INPUTS = Math.ceil(INPUTS / 200);

const fakes = vi.hoisted(() => ({ bench: undefined as unknown, devices: undefined as unknown }));
vi.mock('../../src/bench/run-bench.js', () => ({ runBench: async () => fakes.bench }));
vi.mock('../../src/commands/devices/list-devices.js', () => ({
  listDevices: async () => fakes.devices,
}));
vi.mock('../../src/commands/verify/run-verify.js', () => ({
  verify: async () => ({ ...(fakes.devices as object), command: 'verify', findings: [] }),
}));
vi.mock('../../src/commands/build/build-addon.js', () => ({ build: async () => {} }));
vi.mock('../../src/fleet/launch.js', () => ({
  launchFleet: async () => {
    throw Object.assign(new Error('Nothing is launched.'), { code: 'unavailable' });
  },
}));
vi.mock('../../src/watch/watch.js', () => ({
  watch: async () => {
    throw Object.assign(new Error('Nothing is run.'), { code: 'unavailable' });
  },
}));
vi.mock('../../src/result/result-store.js', async (original) => ({
  ...(await original<object>()),
  keepResult: async () => undefined,
}));
vi.mock('open', () => ({ default: async () => {} }));

let folder: string;
let printed = '';
const home = process.cwd();

beforeAll(() => {
  fakes.bench = softwareBench;
  fakes.devices = devicesResult;
  folder = mkdtempSync(join(tmpdir(), 'mpsbench-fuzz-'));
  for (const name of ['a.json', 'b.json']) writeFileSync(join(folder, name), renderJson(gpuBench));
  writeFileSync(join(folder, 'e.json'), '{"schema": 2, "\u001b[31m": [');
  process.chdir(folder);
});

afterAll(() => {
  process.chdir(home);
  rmSync(folder, { recursive: true });
});

/** Every word that the program knows: commands, flags, and the values that flags take. */
async function vocabulary(): Promise<string[]> {
  const words = new Set<string>();
  const walk = (command: Command) => {
    words.add(command.name());
    for (const { flags, argChoices = [] } of command.options) {
      for (const flag of flags.split(/[ ,]+/).filter((part) => part.startsWith('-')))
        words.add(flag);
      for (const choice of argChoices) words.add(choice);
    }
    command.commands.forEach(walk);
  };
  walk(await createProgram(contextOf([])));
  return [...words].sort();
}

const contextOf = (argv: readonly string[]) => ({
  signal: new AbortController().signal,
  argv,
  exitCode: EXIT.ok as ExitCode,
});

const WORDS = await vocabulary();
const VALUES = [
  ...[
    '0',
    '1',
    '-1',
    '2^20',
    '4k',
    '1e-3',
    '3x3',
    '1,2',
    '5%',
    '99999999999',
    'all',
    'gpu',
    'cpu:0',
  ],
  ...[
    'a.json',
    'b.json',
    'e.json',
    'no.json',
    '.',
    '/dev/null',
    './new',
    'no/such/file',
    '--=',
    '-x',
  ],
  ...['add=3%', 'cpu', 'f32', 'onednn', 'frameworks', 'bash', '/dev/full', 'a.json,b.json'],
];

/** `report -` would read the stdin of the tests; these files stay what they are. */
const isHarmless = (word: string) => !['-', 'a.json', 'b.json', 'e.json'].includes(word);

function commandLine(random: Random): string[] {
  const word = (): string => {
    const kind = random.below(10);
    if (kind < 5) return random.pick(WORDS);
    if (kind < 8) return random.pick(VALUES);
    const text = random.pick(HOSTILE).replaceAll('\0', '');
    return random.oneIn(2) ? text : `${random.pick(WORDS)}${random.pick(['=', '', ' '])}${text}`;
  };
  const line = [random.pick(WORDS), ...Array.from({ length: random.below(8) }, word)];
  // Formats write where the next word says.
  return line.filter((one, i) => {
    if (one === '-') return false;
    return (
      isHarmless(one) ||
      !/^--(json|csv|markdown|html|junit|prometheus|save-tensors)/.test(line[i - 1] ?? '')
    );
  });
}

/** @returns what is wrong with how a command line ended; undefined if all is well */
function judge(code: number | null, text: string): string | undefined {
  // 3 is UNKNOWN of `--exit-style nagios`.
  const allowed: (number | null)[] = [EXIT.ok, EXIT.finding, EXIT.unchecked, EXIT.usage, 3];
  if (!allowed.includes(code)) return `exits with ${code}: ${text.slice(-500)}`;
  const raw = rawCharacter(text);
  if (raw) return `prints ${raw}`;
  if (code !== EXIT.ok && text === '') return `exits with ${code} without a word`;
  return undefined;
}

test(`${INPUTS} command lines end with a sentence (seed ${SEED})`, {
  timeout: 60_000 + INPUTS * 200,
}, async () => {
  const write = (text: string | Uint8Array) => {
    printed += text;
    return true;
  };
  const spies = [process.stdout, process.stderr].map((stream) => {
    return vi.spyOn(stream, 'write').mockImplementation(write);
  });
  const codes = new Map<number, number>();
  const { problems, slowestMs } = await fuzz(INPUTS, async (random) => {
    const argv = commandLine(random);
    printed = '';
    const code = await runCommand(contextOf(argv));
    codes.set(code, (codes.get(code) ?? 0) + 1);
    const problem = judge(code, printed);
    return problem && `${JSON.stringify(argv)} ${problem}`;
  }).finally(() => {
    for (const spy of spies) spy.mockRestore();
  });
  const ends = [...codes].map(([code, count]) => `${count} with ${code}`).join(', ');
  console.log(
    `${INPUTS} command lines ended ${ends}; the slowest took ${Math.round(slowestMs)} ms`,
  );
  expect(problems).toEqual([]);
  expect(codes.get(EXIT.ok)).toBeGreaterThan(0);
});

test(`${REAL_INPUTS} of them through the real command`, {
  timeout: 60_000 + REAL_INPUTS * 20_000,
}, async () => {
  const env = { MPSBENCH_HIDE: 'metal,cuda,webgpu,cpu', MPSBENCH_HISTORY: 'off' };
  const { problems } = await fuzz(REAL_INPUTS, async (random) => {
    const argv = commandLine(random).filter(
      (word) => !['build', 'fleet', 'watch', '--probe', '--open'].includes(word),
    );
    const { code, stdout, stderr } = await mpsbench(argv, { env, cwd: folder });
    const problem = judge(code, stdout + stderr);
    return problem && `${JSON.stringify(argv)} ${problem}`;
  });
  expect(problems).toEqual([]);
});
