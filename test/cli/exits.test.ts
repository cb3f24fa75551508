import { type ChildProcess, execFileSync, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import { type BenchResult, benchResultSchema } from '../../src/result/schema.js';
import { BRIEF, FAKE_BACKEND, mpsbench } from './run.js';

/** What the process exits with where its output, its files or its devices are not there. */

const BIN = fileURLToPath(new URL('../../bin/mpsbench.js', import.meta.url));
const temporary = mkdtempSync(join(tmpdir(), 'mpsbench-exits-'));
const inTemporary = (name: string) => join(temporary, name);

const readBench = (path: string): BenchResult =>
  benchResultSchema.parse(JSON.parse(readFileSync(path, 'utf8')));

/** The end of a pipe that nobody reads is made before the command starts: nothing depends on time. */
const NO_READER = `pipe=$(mktemp -u) && mkfifo "$pipe" && exec 8<>"$pipe" 9>"$pipe" 8<&- && rm "$pipe"`;

/** Runs the command with redirections, as a shell does; FULL and UNREAD are file descriptors. */
function redirected(args: string, redirection: string, env: NodeJS.ProcessEnv = {}) {
  const to = redirection.replace('FULL', '/dev/full').replace('UNREAD', '&9');
  const script = `${NO_READER}; "${process.execPath}" "${BIN}" ${args} ${to}`;
  const { status, stdout, stderr } = spawnSync('bash', ['-c', script], {
    encoding: 'utf8',
    env: { ...process.env, NO_COLOR: '1', ...env },
  });
  // Without the lines of the progress.
  return { code: status, stdout, stderr: stderr.replace(/^(?!mpsbench: ).+ \.\.\.\n/gm, '') };
}

const fake = (script: string) => ({
  MPSBENCH_BACKENDS: `fake=${FAKE_BACKEND}`,
  MPSBENCH_FAKE: script,
});

const TINY = `bench add --device fake:0 ${BRIEF.join(' ')}`;

describe.skipIf(!existsSync('/dev/full'))(
  'a disk that is full exits with 2 and one message',
  () => {
    it.each(['--version', '--help', 'completion bash', 'verify --list', 'devices --json', TINY])(
      '%s',
      (args) => {
        const { code, stderr } = redirected(args, '>FULL', fake(''));
        expect(stderr).toBe(
          'mpsbench: Standard output could not be written (ENOSPC).\n' +
            '  Check the destination: the disk may be full.\n',
        );
        expect(code).toBe(2);
      },
    );

    it('files are still written', () => {
      const path = inTemporary('full.json');
      redirected(`${TINY} --json ${path}`, '>FULL', fake(''));
      expect(readBench(path).rows).toHaveLength(1);
    });
  },
);

describe('a reader that has gone does not change the exit code', () => {
  it.each([
    ['--version', '>UNREAD', 0],
    ['--help', '>UNREAD', 0],
    ['completion bash', '>UNREAD', 0],
    ['verify --list', '>UNREAD', 0],
    ['bench add --device cpu:7', '2>UNREAD', 2],
    ['bench add --device cpu:7', '2>FULL', 2],
    ['bench add --device foo', '2>UNREAD', 64],
    ['bench add --device foo', '2>FULL', 64],
    ['bench add --nonsense', '2>UNREAD', 64],
  ])('%s %s', (args, redirection, expected) => {
    if (redirection.includes('FULL') && !existsSync('/dev/full')) return;
    const { code, stderr } = redirected(args, redirection);
    expect(stderr).toBe('');
    expect(code).toBe(expected);
  });
});

describe('an internal error exits with 70', () => {
  it('in the row of a device', async () => {
    const path = inTemporary('defect.json');
    const args = ['bench', 'add', '--device', 'fake:0', ...BRIEF, '--json', path];
    const { code } = await mpsbench(args, { fake: 'defect:compile' });
    expect(code).toBe(70);
    expect(readBench(path)).toMatchObject({
      exitCode: 70,
      rows: [{ error: { code: 'internal' } }],
    });
  });

  it.each(['throw error', 'Promise.reject(error)'])('that nobody catches: %s', async (defect) => {
    // Preloaded by the command alone, which by then waits for a device that hangs.
    const module = inTemporary('defect.mjs');
    writeFileSync(
      module,
      `const error = new TypeError('a scripted defect');
      if (!process.send) setTimeout(() => { ${defect}; }, 1500);`,
    );
    const options = {
      fake: 'hang:probe',
      env: { NODE_OPTIONS: `--import ${pathToFileURL(module)}` },
    };
    const quiet = await mpsbench(['devices'], options);
    expect(quiet.stderr).toMatch(/^mpsbench: a scripted defect\n {2}This is a bug.*\n$/);
    expect(quiet.code).toBe(70);
    const loud = await mpsbench(['devices', '--debug'], options);
    expect(loud.stderr).toContain('TypeError: a scripted defect\n    at ');
  });

  it('but an unbuilt checkout is not an internal error', () => {
    mkdirSync(inTemporary('bin'));
    cpSync(BIN, inTemporary('bin/mpsbench.js'));
    writeFileSync(inTemporary('package.json'), '{ "type": "module" }');
    const { status, stderr } = spawnSync(process.execPath, [inTemporary('bin/mpsbench.js')]);
    expect(String(stderr)).toMatch(/^mpsbench: .*dist\/cli\.js.*\n.*npm run build.*\n$/);
    expect(status).toBe(2);
  });
});

describe('a terminal that is closed', () => {
  /** Sends the signal when the fake says that it compiles. */
  const hangUp = (child: ChildProcess) => {
    child.stderr?.on('data', (text) => {
      if (`${text}`.includes('compiling')) child.kill('SIGHUP');
    });
  };

  it('ends the command as Ctrl-C does: the result is written, and no worker is left', async () => {
    const path = inTemporary('hung-up.json');
    const marker = `mpsbench-hang-up-${process.pid}`;
    const args = ['--debug', 'bench', 'add', '--device', 'fake:0', '--json', path];
    const { code } = await mpsbench(args, {
      fake: 'hang:compile',
      env: { MPSBENCH_FAKE_SAYS: 'compiling', MPSBENCH_FAKE_NAME: marker },
      during: hangUp,
    });
    expect(code).toBe(130);
    expect(readBench(path)).toMatchObject({ exitCode: 130, rows: [{ state: 'interrupted' }] });
    const survivors = execFileSync('bash', [
      '-c',
      `grep -lz ${marker} /proc/[0-9]*/environ 2>/dev/null | grep -v "/proc/$$/" || true`,
    ]).toString();
    expect(survivors.trim()).toBe('');
  });
});

describe('outputs are checked before the work begins', () => {
  // Where they were looked at too late, the fake would hang until the time limit.
  it.each([
    ['devices', 'hang:probe'],
    ['bench add --device fake:0', 'hang:probe'],
    ['verify devices', 'hang:probe'],
  ])('%s', async (command, script) => {
    const run = (...flags: string[]) =>
      mpsbench([...command.split(' '), '--timeout', '600', ...flags], { fake: script });
    const missing = inTemporary('no/such/folder/r.csv');
    for (const [flags, code, message] of [
      [['--csv', missing], 2, `${missing} could not be written (ENOENT).`],
      [['--json', temporary], 2, `${temporary} could not be written (EISDIR).`],
      [['--json', ''], 64, '--json has an empty file name.'],
      [['--json', '--csv'], 64, '--json and --csv both write to stdout.'],
      [['--json', 'a', '--csv', './a'], 64, '--json and --csv both write to ./a.'],
    ] as const) {
      const outcome = await run(...flags);
      expect(outcome.stderr).toContain(`mpsbench: ${message}`);
      expect([outcome.code, outcome.stdout]).toEqual([code, '']);
    }
  });
});

describe('a bench without a device', () => {
  const args = ['bench', 'add', '--device', 'cpu:7'];
  const message = 'There is no device cpu:7. Did you mean "cpu:0"?';

  it('says so on stderr alone', async () => {
    const { code, stdout, stderr } = await mpsbench(args);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain(message);
  });

  it('writes a result without rows, which report shows', async () => {
    const path = inTemporary('none.json');
    writeFileSync(path, 'the result of yesterday');
    const { code, stderr } = await mpsbench([...args, '--json', path]);
    expect(code).toBe(2);
    expect(stderr).toContain(message);
    const result = readBench(path);
    expect(result).toMatchObject({
      exitCode: 2,
      error: { code: 'unavailable', message, advice: expect.stringContaining('cpu:0') },
      devices: [],
      rows: [],
    });
    expect(result.backends.map(({ id }) => id)).toContain('cpu');
    const shown = await mpsbench(['report', path]);
    expect([shown.code, shown.stdout.includes(message)]).toEqual([0, true]);
  });

  it('writes one on stdout too', async () => {
    const { stdout } = await mpsbench([...args, '--json']);
    expect(JSON.parse(stdout)).toMatchObject({ error: { message }, rows: [] });
  });

  it('that was interrupted before it found one writes a result too', async () => {
    const path = inTemporary('interrupted.json');
    const { code } = await mpsbench(['bench', 'add', '--json', path], {
      fake: 'hang:probe',
      during: (child) => setTimeout(() => child.kill('SIGINT'), 2000),
    });
    expect(code).toBe(130);
    expect(readBench(path)).toMatchObject({
      exitCode: 130,
      error: { code: 'interrupted' },
      rows: [],
    });
  });

  it.each(['', ','])('--device "%s" is a usage error', async (device) => {
    const { code, stderr } = await mpsbench(['bench', 'add', '--device', device, ...BRIEF]);
    expect(stderr).toContain(`--device "${device}" names no device.`);
    expect(code).toBe(64);
  });
});

it('a user backend that does not load is listed, not an internal error', async () => {
  const env = { MPSBENCH_BACKENDS: 'mychip=/nonexistent/backend.js' };
  const { code, stdout } = await mpsbench(['devices'], { env });
  expect(stdout).toContain(
    'mychip: /nonexistent/backend.js, which MPSBENCH_BACKENDS names, is not',
  );
  expect(stdout).not.toContain('defect');
  expect(code).toBe(0);
});
