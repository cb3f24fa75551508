import type { FrameworkId } from '../../frameworks/catalog.js';
import { EVIDENCE } from '../../frameworks/replies.js';
import type { PlacementRow } from '../../result/schema.js';
import { WORKLOADS } from '../../workloads/registry.js';
import type { FrameworkResult } from './answer.js';
import { EXAMPLE_DTYPE } from './examples.js';

/** Where each op of the examples ran, as the driver says it, under the names of `bench`. */
export function placementOf(
  framework: FrameworkId,
  { device, examples }: Pick<FrameworkResult, 'device' | 'examples'>,
): PlacementRow[] {
  const rows = WORKLOADS.flatMap((workload) => {
    const { ops } = workload.graph(workload.presets.example, EXAMPLE_DTYPE);
    return (examples[workload.id]?.placement ?? []).map(
      ({ op, placed, kernel, evidence, reason }): Omit<PlacementRow, 'step'> => ({
        op: `${workload.id}/${op}`,
        kind: ops.find(({ id }) => id === op)?.kind ?? op,
        dtype: EXAMPLE_DTYPE,
        requested: `${framework}:${device.kind}`,
        placed: `${framework}:${placed}`,
        evidence: EVIDENCE[evidence],
        kernel,
        ...(reason && { reason }),
      }),
    );
  });
  return rows.map((row, step) => ({ ...row, step }));
}

/** The ops that ran elsewhere than requested, each kind once. */
export function fallbacksOf(rows: readonly PlacementRow[]): string[] {
  const elsewhere = rows.filter(({ requested, placed }) => placed !== requested);
  return [...new Set(elsewhere.map(({ kind }) => kind))];
}
