import { type ChildProcess, spawn } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

const REPOSITORY = fileURLToPath(new URL('../..', import.meta.url));

/** A command that does what its arguments say. */
const CLI = `
const [, , ...args] = process.argv;
if (args[0] === 'wait') {
  process.on('SIGINT', () => process.exit(130));
  setInterval(() => {}, 1000);
  process.stdout.write('waiting\\n');
} else {
  process.stdout.write(JSON.stringify(args) + '\\n');
  process.exitCode = args[0] === 'fail' ? Number(args[1]) : 0;
}
export {};
`;

let project: string;
let child: ChildProcess | undefined;

beforeEach(() => {
  project = mkdtempSync(join(tmpdir(), 'mpsbench-bootstrap-'));
  cpSync(join(REPOSITORY, 'scripts', 'bootstrap.mjs'), join(project, 'scripts', 'bootstrap.mjs'));
  cpSync(join(REPOSITORY, 'scripts', 'lib'), join(project, 'scripts', 'lib'), { recursive: true });
  mkdirSync(join(project, 'node_modules'));
  for (const name of ['typescript', '@types', 'undici-types']) {
    symlinkSync(join(REPOSITORY, 'node_modules', name), join(project, 'node_modules', name));
  }
  write('package.json', JSON.stringify({ type: 'module', engines: { node: '>=20.17' } }));
  write(
    'tsconfig.json',
    JSON.stringify({
      compilerOptions: {
        module: 'nodenext',
        target: 'es2022',
        types: ['node'],
        rootDir: 'src',
        outDir: 'dist',
        skipLibCheck: true,
      },
      include: ['src'],
    }),
  );
  write('src/cli.ts', CLI);
  write('bin/mpsbench.js', "import '../dist/cli.js';\n");
});

afterEach(() => {
  child?.kill('SIGKILL');
  child = undefined;
  rmSync(project, { recursive: true, force: true });
});

function write(path: string, text: string) {
  mkdirSync(join(project, path, '..'), { recursive: true });
  writeFileSync(join(project, path), text);
}

interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function start(args: readonly string[], env: Record<string, string> = {}) {
  const running = spawn(process.execPath, [join('scripts', 'bootstrap.mjs'), ...args], {
    cwd: project,
    // A test never installs system packages.
    env: { ...process.env, MPSBENCH_SYSTEM_PACKAGES: '0', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  running.stdout.on('data', (chunk) => {
    stdout += chunk;
  });
  running.stderr.on('data', (chunk) => {
    stderr += chunk;
  });
  const done = new Promise<Outcome>((resolve) => {
    running.on('close', (code) => resolve({ code, stdout, stderr }));
  });
  child = running;
  return { running, done };
}

const run = (args: readonly string[], env: Record<string, string> = {}) => start(args, env).done;

/** Lines about system packages depend on the machine; the set-up's own steps do not. */
const steps = (stderr: string) =>
  stderr.split('\n').filter((line) => / \.\.\. (\d|failed)/.test(line));

describe('npm start', () => {
  test('sets up, then is the command: its arguments, its stdout, its exit code', async () => {
    const first = await run(['start', 'fail', '3']);
    expect(first.stdout).toBe('["fail","3"]\n');
    expect(first.code).toBe(3);
    expect(steps(first.stderr)).toEqual([
      expect.stringMatching(/^compiling TypeScript \.\.\. \d+(\.\d)? s$/),
    ]);
  });

  test('does nothing where all is fresh, and only looks at contents', async () => {
    await run(['start', 'devices']);
    utimesSync(join(project, 'src', 'cli.ts'), new Date(), new Date());
    const second = await run(['start', 'devices']);
    expect(second).toEqual({ code: 0, stdout: '["devices"]\n', stderr: '' });
  });

  test('compiles again what has changed, and drops the output of what is gone', async () => {
    write('src/old/extra.ts', 'export const extra = 1;\n');
    await run(['start', 'devices']);
    expect(existsSync(join(project, 'dist', 'old', 'extra.js'))).toBe(true);
    rmSync(join(project, 'src', 'old'), { recursive: true });
    const second = await run(['start', 'devices']);
    expect(steps(second.stderr)).toHaveLength(1);
    expect(existsSync(join(project, 'dist', 'old'))).toBe(false);
  });

  test('without arguments: devices, then a quick bench', async () => {
    const { stdout, code } = await run(['start']);
    expect(stdout).toBe('["devices"]\n["bench","all","--compare-cpu","--quick"]\n');
    expect(code).toBe(0);
  });

  test('a source that does not compile: the error, what to do, exit code 2', async () => {
    write('src/cli.ts', 'const count: number = "three";\nexport { count };\n');
    const { code, stdout, stderr } = await run(['start', 'devices']);
    expect(code).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toContain("Type 'string' is not assignable to type 'number'");
    expect(stderr).toContain('TypeScript did not compile.');
    expect(existsSync(join(project, 'build', 'typescript.stamp.json'))).toBe(false);
  });

  test('a signal reaches the command', async () => {
    await run(['start', 'devices']);
    const { running, done } = start(['start', 'wait']);
    await new Promise((resolve) => running.stdout?.once('data', resolve));
    running.kill('SIGINT');
    expect((await done).code).toBe(130);
  });

  test('two at once both succeed, and one of them does the work', async () => {
    const outcomes = await Promise.all([run(['start', 'a']), run(['start', 'b'])]);
    expect(outcomes.map(({ code }) => code)).toEqual([0, 0]);
    expect(outcomes.flatMap(({ stderr }) => steps(stderr))).toHaveLength(1);
    expect(existsSync(join(project, 'build', 'set-up.lock'))).toBe(false);
  });
});

describe('without CMake and compiler', () => {
  let emptyPath: Record<string, string>;
  beforeEach(() => {
    mkdirSync(join(project, 'empty'));
    emptyPath = { PATH: join(project, 'empty') };
    write('CMakeLists.txt', 'project(mpsbench)\n');
  });

  test('start says what is missing, once, and goes on', async () => {
    const first = await run(['start', 'devices'], emptyPath);
    expect(first.code).toBe(0);
    expect(first.stdout).toBe('["devices"]\n');
    expect(first.stderr).toContain(
      'The native addon needs CMake, a C++20 compiler and make or ninja, not found on the PATH.',
    );
    const second = await run(['start', 'devices'], emptyPath);
    expect(second).toEqual({ code: 0, stdout: '["devices"]\n', stderr: '' });
  });

  test('build fails', async () => {
    const { code, stderr } = await run(['build'], emptyPath);
    expect(code).toBe(2);
    expect(stderr).toContain('The native addon needs');
  });

  test('an installation does not fail', async () => {
    const { code, stderr } = await run(['prepare'], emptyPath);
    expect(code).toBe(0);
    expect(stderr).toContain('The native addon needs');
    expect(readFileSync(join(project, 'dist', 'cli.js'), 'utf8')).toContain('waiting');
    expect(existsSync(join(project, 'node_modules', '.bin', 'mpsbench'))).toBe(true);
  });
});

test('an unknown mode is wrong usage', async () => {
  const { code, stderr } = await run(['begin']);
  expect(code).toBe(64);
  expect(stderr).toContain('known: start, test, build, prepare, peers');
});

test('a Node that is too old is told so before anything else', async () => {
  write('package.json', JSON.stringify({ type: 'module', engines: { node: '>=99.1' } }));
  const { code, stderr } = await run(['start', 'devices']);
  expect(code).toBe(2);
  expect(stderr).toContain(`mpsbench needs Node 99.1 or newer; this is Node`);
});
