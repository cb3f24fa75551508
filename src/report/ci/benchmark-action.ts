import type { Result } from '../../result/schema.js';
import { formatInterval } from '../../result/units.js';
import { namesOf } from '../row-names.js';

/**
 * The JSON that github-action-benchmark reads with `tool: customSmallerIsBetter`: one entry per
 * measured row, in nanoseconds per iteration. Speedups would be bigger-is-better, so they are extra.
 */
export function renderBenchmarkAction(result: Result): string {
  const rows = result.command === 'bench' ? result.rows : [];
  const name = namesOf(rows);
  const entries = rows.flatMap((row) => {
    const { params, dtype, mode, state, measurement, speedup } = row;
    if (state !== 'measured' || !measurement) return [];
    const { median, interval } = measurement.wall;
    const sizes = Object.entries(params).map(([name, value]) => `${name} ${String(value)}`);
    const extra = [
      [...sizes, dtype, mode].join(', '),
      ...(speedup ? [`speedup ${speedup.value.toPrecision(3)} over ${speedup.over}`] : []),
      `${measurement.runs.length} runs, ${measurement.wall.samples} samples`,
    ];
    return [
      {
        name: name(row),
        unit: 'ns/iteration',
        value: median,
        ...(interval && { range: formatInterval(median, interval) }),
        extra: extra.join('\n'),
      },
    ];
  });
  return `${JSON.stringify(entries, null, 2)}\n`;
}
