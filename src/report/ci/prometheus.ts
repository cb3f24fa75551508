import { Gauge, Registry } from 'prom-client';
import type { Result, Row } from '../../result/schema.js';
import { printable } from '../../text/printable.js';

/**
 * A result in Prometheus' text format, for the textfile collector of node_exporter: no timestamps, one
 * HELP and TYPE per name. Times are seconds, as Prometheus wants base units.
 */
export async function renderPrometheus(result: Result): Promise<string> {
  const registry = new Registry();
  const gauge = <L extends string>(name: string, help: string, labelNames: readonly L[]) =>
    new Gauge({ name, help, labelNames, registers: [registry] });

  gauge('mpsbench_info', 'What wrote these metrics; always 1.', ['version', 'command', 'os', 'cpu'])
    .labels(
      labels({
        version: result.tool.version,
        command: result.command,
        ...('host' in result ? { os: result.host.os, cpu: result.host.cpu } : { os: '', cpu: '' }),
      }),
    )
    .set(1);
  gauge('mpsbench_exit_code', 'Exit code: 0 ok, 1 finding, 2 could not check.', []).set(
    result.exitCode,
  );
  gauge('mpsbench_start_time_seconds', 'When the command began, in seconds since 1970.', []).set(
    Date.parse(result.startedAt) / 1000,
  );
  gauge('mpsbench_duration_seconds', 'How long the command took.', []).set(result.seconds);
  if ('backends' in result) {
    const device = gauge('mpsbench_device_info', 'A device that was opened; always 1.', [
      ...(['device', 'name', 'kind', 'driver'] as const),
    ]);
    for (const { id, name, kind, driver = '' } of result.devices) {
      device.labels(labels({ device: id, name, kind, driver })).set(1);
    }
  }
  if (result.command === 'bench') benchMetrics(result.rows, gauge);
  const compared = result.command === 'bench' ? result.comparison?.rows : undefined;
  const verdicts = result.command === 'compare' ? result.rows : compared;
  if (verdicts) {
    const ratio = gauge('mpsbench_time_ratio', 'Time over that of the baseline.', ROW_LABELS);
    const verdict = gauge('mpsbench_verdict', 'Verdict against the baseline; always 1.', [
      ...ROW_LABELS,
      'verdict',
    ]);
    for (const row of verdicts) {
      const of = rowLabels(row);
      if (row.timeRatio) ratio.labels(labels(of)).set(row.timeRatio.value);
      verdict.labels(labels({ ...of, verdict: row.verdict })).set(1);
    }
  }
  if (result.command === 'fleet') {
    const hosts = gauge('mpsbench_fleet_hosts', 'Hosts by state.', ['state']);
    for (const { state } of result.hosts) hosts.labels(labels({ state })).inc();
    const names = ['host', 'device', 'workload'] as const;
    const ratio = gauge('mpsbench_fleet_outlier_ratio', 'Time over the median of like hosts.', [
      ...names,
    ]);
    for (const { host, device, workload, change } of result.outliers) {
      ratio.labels(labels({ host, device, workload })).set(1 + change);
    }
  }
  if (result.command === 'verify') {
    const findings = gauge('mpsbench_findings', 'Findings by group and state.', ['group', 'state']);
    for (const { group, state } of result.findings) findings.labels(labels({ group, state })).inc();
  }
  // The textfile collector wants the last line to end.
  return `${(await registry.metrics()).trimEnd()}\n`;
}

type MakeGauge = <L extends string>(name: string, help: string, labels: readonly L[]) => Gauge<L>;

const ROW_LABELS = ['workload', 'device', 'dtype', 'mode', 'sizes'] as const;

function benchMetrics(rows: readonly Row[], gauge: MakeGauge): void {
  const time = gauge('mpsbench_time_seconds', 'Median wall time per iteration.', ROW_LABELS);
  const rate = gauge('mpsbench_items_per_second', 'Items per second, from the median.', ROW_LABELS);
  const speedup = gauge('mpsbench_speedup', 'Speedup over the CPU by wall time.', ROW_LABELS);
  const ok = gauge('mpsbench_verified', '1 if the result was correct, else 0.', ROW_LABELS);
  const state = gauge('mpsbench_row_state', 'State of the row; always 1.', [
    ...ROW_LABELS,
    'state',
  ]);
  for (const row of rows) {
    const of = rowLabels(row);
    if (row.state === 'measured' && row.measurement) {
      time.labels(labels(of)).set(row.measurement.wall.median / 1e9);
      if (row.rates) rate.labels(labels(of)).set(row.rates.itemsPerS);
      if (row.speedup) speedup.labels(labels(of)).set(row.speedup.value);
    }
    if (row.verification) ok.labels(labels(of)).set(row.verification.ok ? 1 : 0);
    state.labels(labels({ ...of, state: row.state })).set(1);
  }
}

type Labelled = Pick<Row, 'workload' | 'device' | 'dtype' | 'mode' | 'params'>;

function rowLabels({ workload, device, dtype, mode, params }: Labelled) {
  const sizes = Object.entries(params).map(([name, value]) => `${name}=${String(value)}`);
  return { workload, device, dtype, mode, sizes: sizes.join(',') };
}

/** Control characters are made visible; prom-client escapes what the format demands. */
function labels<L extends string>(values: Record<L, string>): Record<L, string> {
  const entries = Object.entries<string>(values).map(([name, text]) => [name, printable(text)]);
  return Object.fromEntries(entries) as Record<L, string>;
}
