import { StepError } from '../lib/step.mjs';

/**
 * The sizes that are compared. What a case does not set comes from the workload's own preset, so
 * that both sides compute what `mpsbench bench` computes.
 */
export function casesFor({ workloads, elements, batch }, onCpu) {
  const batches = batch?.split(',').map(Number) ?? (onCpu ? [1, 32, 256] : [1, 256, 16384]);
  const cases = {
    add: [{ shape: [Number(elements ?? 2 ** 26)] }],
    // 4096 examples, 1024 features, 1024 units: the preset `default`.
    linear: [{}],
    cnn: batches.map((size) => ({ batch: size })),
  };
  return workloads.split(',').flatMap((id) => {
    if (!Object.hasOwn(cases, id)) {
      throw new StepError(
        `There is no workload ${id}; there are ${Object.keys(cases).join(', ')}.`,
      );
    }
    return cases[id].map((sizes) => ({ id, preset: 'default', sizes }));
  });
}
