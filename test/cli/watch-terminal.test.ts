import { execFile, execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { mpsbench } from './run.js';

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));
const PTY = path('../fakes/terminal.py');
const BIN = path('../../bin/mpsbench.js');

function hasPty(): boolean {
  try {
    execFileSync('python3', ['-c', 'import pty, termios'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** Runs a command in a terminal of 33 lines, and types the keys when it says that it is ready. */
function inTerminal(keys: string, words: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const env = { ...process.env, MPSBENCH_HISTORY: 'off' };
    execFile('python3', [PTY, keys, ...words], { env }, (error, stdout) => {
      if (error) reject(error);
      else resolve(stdout.replaceAll('\r', ''));
    });
  });
}

const watched = (script: string) => [process.execPath, BIN, 'watch', 'sh', '-c', script];

describe.skipIf(!hasPty())('in a terminal', () => {
  it('the command has the terminal, its size, and Ctrl-C once', async () => {
    const script = `test -t 0 && test -t 1 && test -t 2 && echo tty
      trap 'echo got INT; exit 9' INT
      sleep 0.5; stty size; echo ready
      i=0; while [ $i -lt 60 ]; do sleep 0.1; i=$((i+1)); done`;
    const text = await inTerminal('\\x03', watched(script));
    expect(text).toMatch(/tty\n33 101\nready\n(\^C)?got INT\nWhether sh used/);
    expect(text.match(/^(\^C)?got INT$/gm)).toHaveLength(1);
    expect(text).toMatch(/CODE 9\n$/);
  });

  it('the command reads what is typed', async () => {
    const text = await inTerminal('hello\\n', watched('echo ready; read line; echo "got $line"'));
    expect(text).toContain('got hello');
    expect(text).toMatch(/CODE 0\n$/);
  });
});

describe.runIf(process.platform === 'linux')('processes', () => {
  it('by the thousand, each short, count with their CPU time', async () => {
    const script = 'i=0; while [ $i -lt 2000 ]; do /bin/true; i=$((i+1)); done';
    const { code, stderr } = await mpsbench(['watch', '--ops', 'off', 'sh', '-c', script]);
    expect(code).toBe(0);
    expect(Number(/([\d.]+) CPUs busy/.exec(stderr)?.[1])).toBeGreaterThan(0.05);
  });
});

describe('what is asked for and cannot be', () => {
  it('is said before the command runs', async () => {
    expect(await mpsbench(['watch', '--json', '-', 'echo', 'ran'])).toMatchObject({
      ...{ code: 64, stdout: '', stderr: expect.stringContaining('belongs to the command') },
    });
    expect(await mpsbench(['watch', '--require-gpu=0%', 'echo', 'ran'])).toMatchObject({
      ...{ code: 64, stdout: '' },
    });
    expect(await mpsbench(['watch', '--json', '/no/such/x.json', 'echo', 'ran'])).toMatchObject({
      ...{ code: 2, stdout: '' },
    });
  });

  it('a GPU that is not there is named, and the command runs', async () => {
    const { stdout, stderr } = await mpsbench(['watch', '--device', 'cuda:99', 'echo', 'ran']);
    expect(stdout).toBe('ran\n');
    expect(stderr).toContain('There is no GPU cuda:99 here');
  });

  it('the result is a file that report reads back', async () => {
    const folder = execFileSync('mktemp', ['-d'], { encoding: 'utf8' }).trim();
    const [json, html] = [`${folder}/w.json`, `${folder}/w.html`];
    await mpsbench(['watch', '--json', json, '--html', html, 'sleep', '2']);
    const again = await mpsbench(['report', html, '--json']);
    expect(JSON.parse(again.stdout)).toEqual(JSON.parse(readFileSync(json, 'utf8')));
    expect(readFileSync(html, 'utf8')).toContain('CPUs in use');
    const csv = await mpsbench(['report', json, '--csv']);
    expect(csv.stdout).toMatch(/^at_s,device,used,busy,/);
    const markdown = await mpsbench(['report', json, '--markdown']);
    expect(markdown.stdout).toMatch(/^Whether sleep used the GPU was not checked/);
  });
});
