import { describe, expect, it } from 'vitest';
import { convert } from 'xmlbuilder2';
import { renderBenchmarkAction } from '../../../src/report/ci/benchmark-action.js';
import { githubAnnotations, githubSummary } from '../../../src/report/ci/github.js';
import { renderJunit } from '../../../src/report/ci/junit.js';
import { isDoubtful, nagiosStatus } from '../../../src/report/ci/nagios.js';
import { renderPrometheus } from '../../../src/report/ci/prometheus.js';
import type { BenchResult, Result, VerifyResult } from '../../../src/result/schema.js';
import { comparison } from '../../fakes/compared.js';
import { failuresBench } from '../../fakes/faulty-results.js';
import { devicesResult, gpuBench, softwareBench } from '../../fakes/results.js';

const { command: _, ...base } = devicesResult;
const verify: VerifyResult = {
  ...base,
  command: 'verify',
  exitCode: 1,
  findings: [
    { check: 'os', group: 'system', state: 'pass', message: 'Debian.', fixes: [], sources: [] },
    { check: 'power', group: 'system', state: 'warning', message: 'Low.', fixes: [], sources: [] },
    {
      check: 'torch',
      group: 'frameworks',
      state: 'fail',
      subject: '/opt/<venv>',
      message: 'A CPU build | with \u001b[31m escapes, 5 % off.',
      fixes: [{ text: 'Install', command: 'pip install "torch"' }],
      sources: [],
    },
    { check: 'gpu', group: 'devices', state: 'unchecked', message: '?', fixes: [], sources: [] },
    { check: 'mac', group: 'system', state: 'not-applicable', message: '', fixes: [], sources: [] },
  ],
};

const gated: BenchResult = {
  ...gpuBench,
  exitCode: 1,
  thresholds: [
    { flag: '--max-time', rule: 'cnn=1ms', state: 'missed', message: 'Too slow.' },
    { flag: '--min-speedup', rule: '2', state: 'met', message: 'Fast.' },
  ],
  comparison: { base: comparison.base, rows: comparison.rows, warnings: [] },
};

const all: [string, Result][] = [
  ['devices', devicesResult],
  ['bench', gpuBench],
  ['bench with failures', failuresBench],
  ['bench with gates', gated],
  ['compare', comparison],
  ['verify', verify],
];

interface Suite {
  '@tests': string;
  '@failures': string;
  '@skipped': string;
  testcase: object[] | object;
}

describe.each(all)('junit of %s', (_name, result) => {
  it('is XML with correct counts', () => {
    const text = renderJunit(result);
    const { testsuites } = convert(text, { format: 'object' }) as unknown as {
      testsuites: Record<string, string> & { testsuite: Suite | Suite[] };
    };
    const cases = [testsuites.testsuite].flat().flatMap(({ testcase }) => [testcase].flat());
    expect(Number(testsuites['@tests'])).toBe(cases.length);
    for (const [name, count] of [
      ['failure', '@failures'],
      ['skipped', '@skipped'],
    ] as const) {
      expect(Number(testsuites[count])).toBe(cases.filter((one) => name in one).length);
    }
    // XML 1.0 has no control characters but these.
    // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what is looked for
    expect(text).not.toMatch(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/);
  });
});

it('junit counts an unclear row as skipped, and as a failure with --unclear fail', () => {
  const strict = { ...comparison, unclear: 'fail' as const };
  const row = 'message="cnn on webgpu:0 (batch 256) is unclear';
  expect(renderJunit(comparison)).toContain(`<skipped ${row}`);
  expect(renderJunit(strict)).toContain(`<failure ${row}`);
  const failures = (text: string) => Number(/failures="(\d+)"/.exec(text)?.[1]);
  expect(failures(renderJunit(strict))).toBe(failures(renderJunit(comparison)) + 1);
});

it('junit says what failed, and what to do', () => {
  const text = renderJunit(verify);
  expect(text).toContain('classname="mpsbench.verify.frameworks"');
  expect(text).toContain('name="torch (/opt/&lt;venv&gt;)"');
  expect(text).toContain('Install: pip install "torch"');
  expect(text).toContain('\\x1b[31m');
  expect(renderJunit(failuresBench)).toContain('type="wrong_result"');
});

describe.each(all)('prometheus of %s', (_name, result) => {
  it('is a textfile: one HELP and TYPE per name, no timestamps, a final newline', async () => {
    const text = await renderPrometheus(result);
    expect(text.endsWith('\n')).toBe(true);
    const types = [...text.matchAll(/^# TYPE (\S+) gauge$/gm)].map(([, name]) => name);
    expect(new Set(types).size).toBe(types.length);
    for (const line of text.split('\n').filter((one) => one !== '' && !one.startsWith('#'))) {
      expect(line).toMatch(/^mpsbench_\w+(\{(\w+="(\\.|[^"\\])*",?)*\})? [-+\d.eE]+$/);
    }
    const series = text.split('\n').filter((one) => one.startsWith('mpsbench_'));
    const names = series.map((line) => line.replace(/ [^ ]+$/, ''));
    expect(new Set(names).size).toBe(names.length);
  });
});

it('prometheus has times in seconds, speedups and verification', async () => {
  const text = await renderPrometheus(gpuBench);
  expect(text).toMatch(/mpsbench_time_seconds\{workload="cnn",device="webgpu:0".*\} 0\.0010042/);
  expect(text).toMatch(/mpsbench_speedup\{.*\} 185\.1/);
  expect(text).toMatch(/mpsbench_verified\{.*\} 1/);
  expect(await renderPrometheus(verify)).toContain(
    'mpsbench_findings{group="system",state="pass"} 1',
  );
  expect(await renderPrometheus(comparison)).toMatch(/mpsbench_verdict\{.*verdict="slower"\} 1/);
});

it('benchmark-action has a uniquely named entry per measured row', () => {
  const entries = JSON.parse(renderBenchmarkAction(softwareBench)) as { name: string }[];
  expect(entries).toMatchObject([
    { name: 'cnn on webgpu:0', unit: 'ns/iteration', value: 61.34e6, range: '±3.1 %' },
    { name: 'cnn on cpu:0' },
  ]);
  const twice = {
    ...gpuBench,
    rows: gpuBench.rows.flatMap((row) => [row, { ...row, mode: 'latency' as const }]),
  };
  const names = (JSON.parse(renderBenchmarkAction(twice)) as { name: string }[]).map(
    ({ name }) => name,
  );
  expect(new Set(names).size).toBe(4);
  expect(JSON.parse(renderBenchmarkAction(verify))).toEqual([]);
});

describe('github', () => {
  it('annotates findings, warnings and what was skipped, escaped as the toolkit does', () => {
    expect(githubAnnotations(verify)).toEqual([
      '::error title=mpsbench%3A torch (/opt/<venv>)::A CPU build | with \\x1b[31m escapes, 5 %25 off.%0AInstall: pip install "torch"',
      '::warning title=mpsbench%3A power::Low.',
      '::notice title=mpsbench%3A gpu::?',
    ]);
    for (const line of githubAnnotations(failuresBench)) expect(line).not.toMatch(/[\n\r]/);
  });

  it('shows at most ten of a kind', () => {
    const many = { ...verify, findings: Array.from({ length: 50 }, () => verify.findings[2]) };
    expect(githubAnnotations(many)).toHaveLength(10);
  });

  it('keeps the summary within 1024 KiB, with what is there already', async () => {
    const finding = { ...verify.findings[2], message: 'ü'.repeat(1000) };
    const long = { ...verify, findings: Array.from({ length: 2000 }, () => finding) };
    for (const used of [0, 500_000, 1024 * 1024 - 10, 2 ** 21]) {
      const text = await githubSummary(long, used);
      expect(Buffer.byteLength(text)).toBeLessThanOrEqual(Math.max(0, 1024 * 1024 - used));
      expect(text).not.toContain('\ufffd');
      if (used <= 500_000) expect(text).toMatch(/The rest is left out/);
    }
    expect(await githubSummary(gpuBench)).not.toContain('left out');
  });
});

describe('nagios', () => {
  it('has one line with the state, and performance data in seconds', () => {
    expect(nagiosStatus(gpuBench)).toMatch(
      /^MPSBENCH OK - .* \| 'cnn on webgpu:0'=0\.0010042s 'cnn on cpu:0'=0\.1859s$/,
    );
    expect(nagiosStatus(gated)).toMatch(/^MPSBENCH CRITICAL - Too slow\. /);
    expect(nagiosStatus(verify)).toMatch(/^MPSBENCH CRITICAL - A CPU build \/ with \\x1b/);
    expect(nagiosStatus({ ...verify, exitCode: 2 })).toMatch(/^MPSBENCH UNKNOWN - /);
    for (const [, result] of all) expect(nagiosStatus(result)).not.toContain('\n');
  });

  it('warns if something deserves a look', () => {
    expect(nagiosStatus({ ...verify, exitCode: 0 })).toMatch(/^MPSBENCH WARNING - /);
    expect(isDoubtful(comparison)).toBe(true);
    expect(isDoubtful(gpuBench)).toBe(false);
  });
});
