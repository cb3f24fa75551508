import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { testPython } from '../../scripts/setup/test-pythons.mjs';
import { calls, HOOK, lineOf, onlyFramework, type Run, runScript } from './hooked.js';

const { python = '', reason } = testPython('pytorch');

const folder = mkdtempSync(join(tmpdir(), 'mpsbench-hook-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What a person and a shell see of a run. */
const seen = ({ stdout, stderr, status, signal, files }: Run) => ({
  stdout,
  stderr,
  status,
  signal,
  files,
});

describe.skipIf(!python)(`the hook${python ? '' : ` (${reason})`}`, () => {
  const ENDINGS: [string, string][] = [
    ['prints, warns and ends', 'print(loss.item()); warnings.warn("mine"); print(loss, w.sum())'],
    ['is warned in a hooked function', 'torch.ones(1, dtype=torch.complex64).to(torch.float32)'],
    ['raises in its own code', 'raise ValueError("mine")'],
    ['raises in a hooked function', 'torch.ones(3).item()'],
    ['raises in an op', 'torch.mm(torch.ones(2, 3), torch.ones(2, 3))'],
    [
      'raises while handling',
      'try:\n    torch.ones(3).item()\nexcept ValueError as e:\n    raise OSError("x") from e\nexcept RuntimeError:\n    bool(torch.ones(2))',
    ],
    [
      'raises in a thread',
      'import threading\nt = threading.Thread(target=lambda: torch.ones(3).item(), name="t"); t.start(); t.join()',
    ],
    ['exits with 7', 'sys.exit(7)'],
    ['ends at once', 'sys.stdout.flush(); os._exit(9)'],
    ['is killed', 'os.kill(os.getpid(), 9)'],
    [
      'looks around',
      'import threading; print(sys.path, [thread.name for thread in threading.enumerate()], sys.flags, sorted(n for n in dir(torch.Tensor) if "item" in n), torch.Tensor.item.__name__, torch.Tensor.item.__doc__)',
    ],
    ['reads stdin', 'print(input())'],
  ];

  it.each(ENDINGS)(
    'changes nothing that can be seen of a program that %s',
    (_, ending) => {
      const script = `
import os, sys, warnings
import torch
w = torch.ones(2, 2, requires_grad=True)
loss = (w @ w).sum()
loss.backward()
${ending}
`;
      const plain = runScript(python, script, { hook: null, input: 'typed\n' });
      for (const ops of ['all', 'off'] as const) {
        const hooked = runScript(python, script, { ops, input: 'typed\n' });
        expect(seen(hooked)).toEqual(seen(plain));
        expect(hooked.reports[0]?.errors).toEqual([]);
      }
    },
    120_000,
  );

  it('leaves a report where the program is killed, and a final one before os._exit', () => {
    const script = (ending: string) => `
import os, time
import torch
x = torch.ones(4, 4)
end = time.monotonic() + 1.5
while time.monotonic() < end:
    (x @ x).sum().item()
${ending}
`;
    const killed = runScript(python, script('os.kill(os.getpid(), 9)'));
    expect(killed.signal).toBe('SIGKILL');
    expect(killed.reports).toMatchObject([{ final: false, script: 'train.py' }]);
    expect(calls(onlyFramework(killed), 'aten::mm')).toBeGreaterThan(0);
    const left = runScript(python, script('os._exit(3)'));
    expect(left.status).toBe(3);
    expect(left.reports).toMatchObject([{ final: true }]);
  }, 60_000);

  it('runs the sitecustomize that comes next', () => {
    const mine = join(folder, 'mine');
    mkdirSync(mine);
    writeFileSync(join(mine, 'sitecustomize.py'), 'import sys\nsys.mine = "loaded"\n');
    const script = 'import sys, sitecustomize\nprint(sys.mine, sitecustomize.__file__, sys.path)';
    const plain = runScript(python, script, { hook: null, env: { PYTHONPATH: mine } });
    const hooked = runScript(python, script, { env: { PYTHONPATH: mine } });
    expect(plain.stdout).toContain('loaded');
    expect(seen(hooked)).toEqual(seen(plain));
  });

  it('does nothing where a file of it is broken or missing', () => {
    const script = 'import torch\nprint(torch.ones(2).sum().item())';
    const plain = runScript(python, script, { hook: null });
    const damage: [string, string][] = [
      ['_mpsbench_watch/__init__.py', 'raise RuntimeError("broken")'],
      ['_mpsbench_watch/on_pytorch.py', 'syntax error'],
      ['_mpsbench_watch/recorder.py', 'raise SystemError("broken")'],
      ['_mpsbench_watch/pytorch_ops.py', 'def Counter(*_): return 1 / 0'],
    ];
    for (const [index, [file, text]] of damage.entries()) {
      const broken = join(folder, `broken${index}`);
      cpSync(HOOK, broken, { recursive: true });
      writeFileSync(join(broken, file), text);
      expect(seen(runScript(python, script, { hook: broken })), file).toEqual(seen(plain));
    }
  }, 120_000);

  it('follows processes that are forked, spawned and run', () => {
    const script = `
import multiprocessing, os, subprocess, sys
import torch

def work(count):
    x = torch.ones(3, 3)
    for _ in range(count):
        x @ x

if __name__ == "__main__":
    work(1)
    for method, count in (("fork", 2), ("spawn", 3)):
        process = multiprocessing.get_context(method).Process(target=work, args=(count,))
        process.start()
        process.join()
        print(process.exitcode)
    pid = os.fork()
    if pid == 0:
        work(4)
        os._exit(0)
    os.waitpid(pid, 0)
    code = "import torch\\nx = torch.ones(2, 2)\\nfor _ in range(5): x @ x"
    subprocess.run([sys.executable, "-c", code], check=True)
    subprocess.run([sys.executable, "-m", "module"], check=True)
    subprocess.run(["sh", "-c", '"$0" -c pass', sys.executable], check=True)
`;
    const run = runScript(python, script, {
      files: { 'module.py': 'import torch\nx = torch.ones(2, 2)\nfor _ in range(6): x @ x' },
    });
    expect(run.stderr).toBe('');
    expect(run.stdout).toBe('0\n0\n');
    const counted = run.reports.map((report) => ({
      script: report.script,
      calls: calls(onlyFramework({ ...run, reports: [report] }), 'aten::mm'),
      errors: report.errors,
      final: report.final,
    }));
    counted.sort((a, b) => a.calls - b.calls);
    expect(counted).toEqual(
      ['train.py', 'train.py', 'train.py', 'train.py', '-c', '-m module'].map((name, index) => ({
        script: name,
        calls: index + 1,
        errors: [],
        final: true,
      })),
    );
    expect(new Set(run.reports.map(({ pid }) => pid)).size).toBe(6);
  }, 120_000);

  it('counts what threads do once they call something that is hooked', () => {
    const script = `
import threading
import torch

def work():
    x = torch.ones(3, 3)
    x.sum().item()
    for _ in range(10):
        x @ x

threads = [threading.Thread(target=work) for _ in range(3)]
for thread in threads: thread.start()
for thread in threads: thread.join()
`;
    const framework = onlyFramework(runScript(python, script));
    expect(calls(framework, 'aten::mm')).toBe(30);
    expect(framework.transfers).toMatchObject([{ line: lineOf(script, '.item()'), calls: 3 }]);
  }, 60_000);
});
