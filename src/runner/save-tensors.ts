import { join } from 'node:path';
import type { Graph } from '../graph/types.js';
import { writeNpy } from './npy.js';
import type { VerifiedRun } from './verified-run.js';

/**
 * Writes what the verified run read and wrote into a folder that is there; docs/tensors.md describes
 * the files. A state has `weights.before.npy` from before the run, `weights.npy` from after it, and,
 * where single iterations were compared, `weights.before_last.npy` from before the last of them.
 * Every other tensor has one file.
 * @throws MpsbenchError `io`
 */
export function saveTensors(
  folder: string,
  graph: Graph,
  { initial, beforeLast, after }: Pick<VerifiedRun, 'initial' | 'beforeLast' | 'after'>,
): void {
  for (const { id, role, shape } of graph.tensors) {
    const files = [
      { suffix: role === 'state' ? '.before' : '', values: initial.get(id) },
      { suffix: '.before_last', values: beforeLast?.get(id) },
      { suffix: '', values: after.get(id) },
    ];
    for (const { suffix, values } of files) {
      if (values) writeNpy(join(folder, `${id}${suffix}.npy`), values, shape);
    }
  }
}
