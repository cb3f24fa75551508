import { type ChildProcess, spawn } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

const REPOSITORY = fileURLToPath(new URL('../..', import.meta.url));

/** A command that does what its arguments say; `build` is how the set-up builds the addon. */
const CLI = `
const [, , ...args] = process.argv;
if (args[0] === 'build') {
  process.exitCode = process.env.FAKE_BUILD_EXIT === '2' ? 2 : 0;
} else if (args[0] === 'wait') {
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
  for (const folder of ['scripts/setup', 'scripts/check', 'src/commands/build']) {
    cpSync(join(REPOSITORY, folder), join(project, folder), { recursive: true });
  }
  for (const name of ['native', 'build-addon'])
    rmSync(join(project, `src/commands/build/${name}.ts`));
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
  const running = spawn(process.execPath, [join('scripts', 'setup', 'main.mjs'), ...args], {
    cwd: project,
    // A test never installs system packages.
    env: { ...process.env, MPSBENCH_SETUP: 'off', ...env },
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

describe('npm start', () => {
  test('sets up, then is the command: its arguments, its stdout, its exit code', async () => {
    const { stdout, code } = await run(['start', 'fail', '3']);
    expect(stdout).toBe('["fail","3"]\n');
    expect(code).toBe(3);
    expect(existsSync(join(project, 'build', 'set-up.lock'))).toBe(false);
  });

  test('compiles what has changed', async () => {
    await run(['start', 'devices']);
    write('src/cli.ts', "process.stdout.write('changed\\n');\nexport {};\n");
    expect((await run(['start', 'devices'])).stdout).toBe('changed\n');
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
  });

  test('a signal reaches the command', async () => {
    await run(['start', 'devices']);
    const { running, done } = start(['start', 'wait']);
    await new Promise((resolve) => running.stdout?.once('data', resolve));
    running.kill('SIGINT');
    expect((await done).code).toBe(130);
  });

  test('two at once both succeed', async () => {
    const outcomes = await Promise.all([run(['start', 'a']), run(['start', 'b'])]);
    expect(outcomes.map(({ code, stdout }) => [code, stdout])).toEqual([
      [0, '["a"]\n'],
      [0, '["b"]\n'],
    ]);
  });

  test('continues without an addon that does not build', async () => {
    const { code, stdout } = await run(['start', 'devices'], { FAKE_BUILD_EXIT: '2' });
    expect([code, stdout]).toEqual([0, '["devices"]\n']);
  });
});

test('npm test fails if the set-up fails, and says so in its last line', async () => {
  const { code, stdout, stderr } = await run(['test'], { FAKE_BUILD_EXIT: '2' });
  expect([code, stdout]).toEqual([2, '0 passed, 1 failed\n']);
  expect(stderr).toContain('The tests need the native addon.');
});

test('a Node that is too old is reported before anything else', async () => {
  write('package.json', JSON.stringify({ type: 'module', engines: { node: '>=99.1' } }));
  const { code, stderr } = await run(['start', 'devices']);
  expect(code).toBe(2);
  expect(stderr).toContain('mpsbench needs Node 99.1 or newer; this is Node');
});
