/**
 * WGSL of a sum or maximum over the threads of a workgroup: a tree in a fixed order, so that equal
 * inputs give equal bits. Declares `workgroupSum(value, lane)` and `workgroupSumPartials`, or
 * `workgroupMax` with its own; every thread gets the result.
 */
export function workgroupReduction(threads: number, operator: 'sum' | 'max' = 'sum'): string {
  const name = operator === 'sum' ? 'workgroupSum' : 'workgroupMax';
  const combine =
    operator === 'sum'
      ? `${name}Partials[lane] += ${name}Partials[lane + half];`
      : `${name}Partials[lane] = max(${name}Partials[lane], ${name}Partials[lane + half]);`;
  return `var<workgroup> ${name}Partials: array<f32, ${threads}>;
fn ${name}(value: f32, lane: u32) -> f32 {
  ${name}Partials[lane] = value;
  workgroupBarrier();
  for (var half = ${threads / 2}u; half > 0u; half /= 2u) {
    if (lane < half) { ${combine} }
    workgroupBarrier();
  }
  let result = ${name}Partials[0];
  workgroupBarrier();
  return result;
}`;
}
