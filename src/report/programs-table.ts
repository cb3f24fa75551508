import { FRAMEWORKS, type FrameworkId } from '../frameworks/catalog.js';
import type { ExampleProgram, Row } from '../result/schema.js';
import { formatNs } from '../result/units.js';
import { iterationOf } from './answer.js';
import type { DeviceRecord } from './devices-document.js';
import { type Block, type ColumnOf, tableOf } from './document.js';

/** A program that spends this much more per iteration than the same step is dominated by its overhead. */
const DOMINATED = 3;

const FORMS: Readonly<Record<string, string>> = {
  keras: 'Keras',
  module: 'torch.nn',
  function: 'plain ops',
};

interface Line {
  readonly row: Row;
  readonly program: ExampleProgram;
}

const linesOf = (rows: readonly Row[]): Line[] =>
  rows.flatMap((row) => (row.programs ?? []).map((program) => ({ row, program })));

/** The example as people write it in their frameworks: what it computed, and the time of a whole call or training. */
export function programBlocks(rows: readonly Row[]): Block[] {
  const lines = linesOf(rows);
  const [first] = lines;
  if (!first) return [];
  const iteration = iterationOf(first.row.workload);
  const { iterations } = first.program;
  const columns: ColumnOf<Line>[] = [
    {
      header: 'as people write it',
      align: 'left',
      cell: ({ program: { form } }) => FORMS[form] ?? form,
    },
    { header: 'device', align: 'left', cell: ({ row }) => row.device },
    {
      header: iterations > 1 ? `${iterations} ${iteration}s` : iteration,
      align: 'right',
      cell: ({ program: { wallNs } }) => formatNs(wallNs),
    },
    {
      header: `per ${iteration}`,
      align: 'right',
      cell: ({ program: { wallNs } }) =>
        iterations > 1 ? formatNs(wallNs / iterations) : undefined,
    },
    {
      header: 'result',
      align: 'left',
      wraps: true,
      cell: ({ program: { output, ok } }) => ({
        text: `${ok ? '' : 'wrong: '}${output.map(({ label, value }) => `${label} ${value}`).join(', ')}`,
        tone: ok ? 'plain' : 'bad',
      }),
    },
  ];
  return [tableOf(lines, columns)];
}

/** If the way a program is written costs more than its work: `Keras fit takes 31x as long per step as ...`. */
export function overheadSentences(
  rows: readonly Row[],
  devices: readonly DeviceRecord[],
): string[] {
  return linesOf(rows).flatMap(({ row, program: { form, wallNs, iterations, ok } }) => {
    const median = row.measurement?.wall.median;
    const framework = devices.find(({ id }) => id === row.device)?.framework;
    const ratio = median && wallNs / iterations / median;
    if (!framework || !ratio || ratio < DOMINATED || !ok || form === 'function') return [];
    const { title } = FRAMEWORKS[framework.name as FrameworkId];
    const name = form === 'keras' ? 'Keras' : title;
    const what = row.workload === 'linear' ? `${name} training` : `${name} in ${row.workload}`;
    return [
      `${what} on ${row.device} takes ${Math.round(ratio)}x as long per ${iterationOf(row.workload)} as the same ops in one function: its overhead dominates at this size.`,
    ];
  });
}
