import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { resultSchema, type VerifyResult } from '../../src/result/schema.js';
import { CHECKS } from '../../src/verify/registry.js';
import { interruptAt, mpsbench, type RunOptions } from './run.js';

const temporary = mkdtempSync(join(tmpdir(), 'mpsbench-verify-'));

/** The devices are the fake and the CPU: nothing slow is started. */
const NO_GPU: Record<string, string> =
  process.platform === 'darwin'
    ? { MPSBENCH_HIDE: 'metal,webgpu' }
    : { VK_DRIVER_FILES: join(temporary, 'no-driver.json') };

function verify(args: readonly string[], options: RunOptions = {}) {
  return mpsbench(['verify', ...args], { ...options, env: { ...NO_GPU, ...options.env } });
}

const parse = (text: string) => resultSchema.parse(JSON.parse(text)) as VerifyResult;
const flat = (text: string) => text.replace(/\s+/g, ' ');

describe('mpsbench verify', () => {
  it('computes the known answers on every device', async () => {
    const { code, stdout } = await verify(['compute', '--json'], { fake: 'none' });
    const { findings, devices, exitCode } = parse(stdout);
    expect(devices.map(({ id }) => id)).toEqual(['fake:0', 'cpu:0']);
    // On a machine that is busy with other things, the speed of the CPU is a warning.
    const isBusy = (message: string) => message.includes('too slow, since it was disturbed');
    expect(findings.filter(({ state, message }) => state !== 'pass' && !isBusy(message))).toEqual(
      [],
    );
    const messages = (check: string) =>
      findings
        .filter((finding) => finding.check === `compute.${check}`)
        .map(({ message }) => message);
    expect(messages('add-example')).toEqual(Array(2).fill('add, sum: [[6, 8], [10, 12]]'));
    expect(messages('cnn-example')).toEqual(
      Array(2).fill('cnn, output shape: (1, 10), row sums: 1'),
    );
    expect(messages('odd-sizes')).toEqual(Array(2).fill('add, linear, cnn: 105,995 values agree'));
    expect([code, exitCode]).toEqual([0, 0]);
  });

  it('catches a GPU that returns zeros', async () => {
    const { code, stdout } = await verify(['compute'], { fake: 'wrong:0' });
    expect(code).toBe(1);
    expect(flat(stdout)).toContain('✗ fake:0: add is wrong: sum: [[0, 0], [0, 0]]; the answer is');
    expect(stdout).toContain('$ mpsbench bench add --device fake:0 --preset example');
    expect(flat(stdout)).toMatch(/Summary 4 failed, (1 warning, )?\d+ passed/);
  });

  it('catches a result that is faster than physics', async () => {
    const { code, stdout } = await verify(['physics'], {
      fake: 'none',
      env: { MPSBENCH_FAKE_PEAK_GFLOPS: '0.001' },
    });
    expect(code).toBe(1);
    expect(flat(stdout)).toMatch(/FLOP\/s is more than the hardware can do \(.*scripted/);
  });

  it('continues after a crash, and says that this device could not be checked', async () => {
    const args = ['add-example', 'device-time', '--verbose'];
    const { code, stdout } = await verify(args, { fake: 'crash:verify' });
    expect(code).toBe(2);
    expect(flat(stdout)).toMatch(/\? add did not run: The worker of fake:0 was ended by SIGSEGV/);
    expect(flat(stdout)).toContain('✓ add, sum: [[6, 8], [10, 12]]');
  });

  it('waits for a device that hangs once, no longer than --timeout', async () => {
    const args = ['add-example', 'cnn-example', '--timeout', '4', '-v'];
    const { code, stdout } = await verify(args, { fake: 'hang:verify' });
    expect(code).toBe(2);
    expect(flat(stdout)).toMatch(/fake:0 did not compile and verify within 4 s/);
    expect(flat(stdout)).toContain('✓ cnn, output shape: (1, 10), row sums: 1');
  });

  it('reports an unsupported op as not checked', async () => {
    const { code, stdout } = await verify(['cnn-example'], {
      fake: 'none',
      env: { MPSBENCH_FAKE_LACKS: 'softmax' },
    });
    expect(code).toBe(2);
    expect(flat(stdout)).toContain('the fake has no softmax');
  });

  it('exits with 1 for a warning only under --strict, and for none that is skipped', async () => {
    const env = { JAX_PLATFORMS: 'cpu' };
    const args = ['gpu-environment', 'os'];
    const usual = await verify(args, { env });
    expect(usual.code).toBe(0);
    expect(flat(usual.stdout)).toContain('! JAX_PLATFORMS="cpu" keeps JAX');
    expect((await verify([...args, '--strict'], { env })).code).toBe(1);
    const skipped = await verify([...args, '--strict', '--skip', 'gpu-environment'], { env });
    expect(skipped.code).toBe(0);
    expect(skipped.stdout).not.toContain('JAX_PLATFORMS');
  });

  it('lists every check with its group, and runs none', async () => {
    const { code, stdout } = await verify(['--list'], { fake: 'crash:probe' });
    expect(code).toBe(0);
    for (const { id } of CHECKS) expect(stdout).toMatch(new RegExp(`^\\s+${id}\\s`, 'm'));
    const { stdout: some } = await verify(['--list', 'compute', '--skip', 'physics']);
    expect(some).toContain('odd-sizes');
    expect(some).not.toMatch(/physics|nvidia-driver/);
  });

  it('lists the checks as JSON', async () => {
    const { code, stdout } = await verify(['--list', '--json'], { fake: 'crash:probe' });
    expect(code).toBe(0);
    const { schema, checks } = JSON.parse(stdout);
    expect(schema).toBe(2);
    expect(checks.map(({ check }: { check: string }) => check)).toEqual(CHECKS.map(({ id }) => id));
    expect(checks.at(-1)).toEqual({
      check: 'probe.onnxruntime',
      group: 'probe',
      title: CHECKS.at(-1)?.title,
      startsInterpreters: true,
    });
    const file = join(temporary, 'checks.json');
    const { stdout: table } = await verify(['mlx', '--list', '--json', file]);
    expect(table).toContain('frameworks.mlx');
    expect(JSON.parse(readFileSync(file, 'utf8')).checks).toHaveLength(2);
  });

  it.each([
    [['powr'], /Unknown check: powr\. Did you mean "power"\?/],
    [['--skip', 'physic'], /--skip: unknown check: physic\. Did you mean "physics"\?/],
    [['power', '--skip', 'system'], /No check is left to run/],
    [[''], /Unknown check: ""/],
    [['--json', 'compute'], /Put the checks first: mpsbench verify compute --json\./],
    [['--python', '/usr', 'frameworks'], /verify frameworks --python PATH\. .* is \.\/frameworks/],
    [['--python', ''], /--python has an empty path/],
    [['--list', '--csv'], /--list cannot be written as --csv/],
    [['--strct'], /Unknown option: --strct\. Did you mean "--strict"/],
    [['--timeout', '0'], /--timeout 0 is not a number above 0/],
  ])('%j is wrong usage', async (args, message) => {
    const { code, stderr, stdout } = await verify(args);
    expect(stderr).toMatch(message);
    expect([code, stdout]).toEqual([64, '']);
  });

  it('gives advice in sentences, even if a backend does not start', async () => {
    const { stdout } = await verify(['devices', '--json']);
    const texts = parse(stdout).findings.flatMap(({ fixes }) => fixes.map(({ text }) => text));
    expect(texts.length).toBeGreaterThan(0);
    for (const text of texts) expect(text).toMatch(/^(\w+: )?[A-Z].*\.$/);
  });

  it('is a usage error if MPSBENCH_BACKENDS cannot be parsed, as for every command', async () => {
    const { code, stderr } = await verify(['gpus'], { env: { MPSBENCH_BACKENDS: 'nonsense' } });
    expect(stderr).toContain('MPSBENCH_BACKENDS has the entry "nonsense"');
    expect(code).toBe(64);
  });

  it('explains a rule with its sources, and a check', async () => {
    const rule = await verify(['--explain', 'torch-no-gpu-code']);
    expect(rule.code).toBe(0);
    expect(flat(rule.stdout)).toMatch(/When gpu: nvidia, .* Confidence high .* Source https:/);
    const check = await verify(['--explain', 'nvidia-driver']);
    expect(flat(check.stdout)).toMatch(/^system\.nvidia-driver Verifies NVIDIA driver/);
    const unknown = await verify(['--explain', 'torch-no-gpu-cod']);
    expect(unknown.code).toBe(64);
    expect(unknown.stderr).toMatch(/Unknown rule or check.*Did you mean "torch-no-gpu-code"\?/);
  });

  it('says so if a named check does not apply to this machine', async () => {
    const { code, stdout } = await verify([
      process.platform === 'darwin' ? 'nvidia-driver' : 'metal',
    ]);
    expect(code).toBe(2);
    expect(flat(stdout)).toMatch(/Not applicable to this machine/);
  });

  it('says so if the group probe was named without --probe, and passes nothing', async () => {
    const { code, stdout } = await verify(['probe', '--strict']);
    expect(code).toBe(2);
    expect(flat(stdout)).toContain('? Not run: it starts Python interpreters. Fix: Run it.');
    expect(flat(stdout)).toContain('? Probe: 6 not checked, 0 passed');
  });

  it('writes every format, and report renders the JSON again', async () => {
    const files = ['json', 'csv', 'markdown'].map((format) => join(temporary, `v.${format}`));
    const [json, csv, markdown] = files;
    const args = ['os', 'memory', '--json', json, '--csv', csv, '--markdown', markdown];
    const { code, stdout } = await verify(args);
    expect(code).toBe(0);
    const result = parse(readFileSync(json, 'utf8'));
    expect(result.findings.map(({ check }) => check)).toEqual(['system.os', 'system.memory']);
    // Columns are added at the end.
    expect(readFileSync(csv, 'utf8').split('\r\n')[0]).toMatch(
      /^group,check,state,subject,message,fix,command,rule,confidence,sources\b/,
    );
    expect(readFileSync(markdown, 'utf8')).toContain('## Checks\n\n- ✓ System: 2 passed\n');
    const again = await mpsbench(['report', json]);
    expect(again.stdout).toBe(stdout);
  });

  it('keeps what was found when it is interrupted', async () => {
    const json = join(temporary, 'interrupted.json');
    const { code } = await verify(['system', 'compute', '--json', json], {
      fake: 'hang:verify',
      env: { MPSBENCH_DEBUG: '1' },
      during: interruptAt('the fake hangs in verify'),
    });
    expect(code).toBe(130);
    const { findings, exitCode } = parse(readFileSync(json, 'utf8'));
    expect(exitCode).toBe(130);
    expect(findings.map(({ check }) => check)).toContain('system.os');
    expect(findings.map(({ group }) => group)).not.toContain('compute');
  });

  it('has help with examples', async () => {
    const { stdout } = await verify(['--help']);
    expect(stdout).toContain('$ mpsbench verify --strict --skip power --json verify.json');
    const { stdout: completion } = await mpsbench(['completion', 'bash']);
    expect(completion).toMatch(/"verify"\) REPLY='[^']*--probe[^']*--strict/);
  });
});

describe('devices and bench', () => {
  it('point to verify if it explains what they saw', async () => {
    const { stdout } = await mpsbench(['devices'], { env: NO_GPU });
    expect(stdout).toMatch(/^\s+Diagnose\s+mpsbench verify$/m);
  });
});
