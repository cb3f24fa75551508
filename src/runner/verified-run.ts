import type { Executable } from '../backends/types.js';
import type { Precision } from '../graph/precision.js';
import { roundToDtype } from '../graph/rounding.js';
import { elementCount, unitRoundoff } from '../graph/shapes.js';
import type { Graph, HostArray, TensorId } from '../graph/types.js';
import type { CheckOutcome } from '../result/schema.js';
import { largest, rootMeanSquare } from '../workloads/tolerance.js';
import {
  type Check,
  type CheckedSpan,
  type Params,
  type Values,
  type VerificationPlan,
  valuesOf,
  type Workload,
} from '../workloads/types.js';
import { compareWithReference, mergeOutcomes, requireRange } from './reference-check.js';

/** A compiled workload that is going to be verified. */
export interface VerifiedProblem {
  readonly workload: Workload;
  readonly params: Params;
  readonly graph: Graph;
  /** What its products and tensors are rounded to. */
  readonly precision: Precision;
  readonly seed: number;
}

export interface VerifiedRun {
  readonly ok: boolean;
  /** Of the run, and how many of them were compared with the reference. */
  readonly iterations: { readonly run: number; readonly checked: number };
  readonly checks: readonly CheckOutcome[];
  /** Every input, weight and state before the run, rounded to the dtype. */
  readonly initial: Values;
  /** The states before the last span that was compared, where that is not the whole run. */
  readonly beforeLast?: Values;
  /** Every output and state after it. */
  readonly after: Values;
}

/**
 * Runs what the workload wants verified and compares it with the float64 reference, span by span; the
 * first wrong span ends it. A training of single steps is then repeated in one go, as it is timed.
 * @throws MpsbenchError `usage` if the problem itself overflows the dtype; the device's own
 */
export async function verifyRun(
  problem: VerifiedProblem,
  executable: Executable,
): Promise<VerifiedRun> {
  const { workload, params, graph, precision } = problem;
  const plan = workload.verification(params, precision.dtype);
  const initial = initialValues(problem);
  await rehearse(graph, initial, executable);

  let states = pick(initial, idsOf(graph, 'state'));
  let after: Values = new Map();
  let done = 0;
  let checked = 0;
  const outcomes: CheckOutcome[][] = [];
  for (const span of plan.spans) {
    if (span.first > done) {
      await executable.run(span.first - done, 'throughput');
      states = await read(executable, idsOf(graph, 'state'));
      if (diverged(states)) requireRange([], [], precision.dtype, true, workload.overflowAdvice);
    }
    await executable.run(span.iterations, 'throughput');
    done = span.first + span.iterations;
    after = await read(executable, [...graph.outputs, ...idsOf(graph, 'state')]);
    const before = new Map([...initial, ...states]);
    const checks = workload.check(params, precision, before, after, span.iterations);
    const compared = checks.map(compareWithReference);
    requireRange(checks, compared, precision.dtype, false, workload.overflowAdvice);
    checked += span.iterations;
    outcomes.push(nameSpan(compared, span, plan, workload.iteration));
    if (compared.some(({ ok }) => !ok)) break;
    if (done < plan.iterations) states = pick(after, idsOf(graph, 'state'));
  }

  const checks = mergeOutcomes(outcomes);
  if (plan.spans.length > 1 && checks.every(({ ok }) => ok)) {
    checks.push(...(await repeatInOneGo(problem, plan, initial, after, executable)));
  }
  return {
    ok: checks.every(({ ok }) => ok),
    iterations: { run: done, checked },
    checks,
    initial,
    ...(outcomes.length > 1 && { beforeLast: states }),
    after,
  };
}

/**
 * One iteration with zeros for inputs, before the values proper are written: a device that repeats an
 * old result, or finds the right one in memory that an earlier process left, now gives that of zeros.
 * Where compiling has made it already, the values are only written.
 */
async function rehearse(graph: Graph, initial: Values, executable: Executable): Promise<void> {
  for (const id of idsOf(graph, 'weight')) executable.write(id, valuesOf(initial, id));
  if (executable.firstCallNs === undefined) {
    for (const { id, role, shape } of graph.tensors) {
      if (role === 'input') executable.write(id, new Float32Array(elementCount(shape)));
      if (role === 'state') executable.write(id, valuesOf(initial, id));
    }
    await executable.run(1, 'throughput');
  }
  for (const role of ['input', 'state'] as const) {
    for (const id of idsOf(graph, role)) executable.write(id, valuesOf(initial, id));
  }
}

/** Single steps are right; the timed runs are groups of them, which have to lead to the same states. */
async function repeatInOneGo(
  { graph, precision }: VerifiedProblem,
  { iterations }: VerificationPlan,
  initial: Values,
  singly: Values,
  executable: Executable,
): Promise<CheckOutcome[]> {
  const ids = idsOf(graph, 'state');
  for (const id of ids) executable.write(id, valuesOf(initial, id));
  await executable.run(iterations, 'throughput');
  const atOnce = await read(executable, ids);
  return ids.map((id) => compareWithReference(sameStates(id, initial, singly, atOnce)));

  function sameStates(id: TensorId, start: Values, one: Values, other: Values): Check {
    const [from, expected] = [valuesOf(start, id), Float64Array.from(valuesOf(one, id))];
    // Most devices repeat every bit. Sums in another order may round an update the other way.
    const rounding = 2 * unitRoundoff(precision.dtype) * Math.sqrt(iterations) * largest(expected);
    const change = rootMeanSquare(expected.map((value, i) => value - from[i]));
    return {
      name: `${id} after ${iterations.toLocaleString('en-US')} iterations in one go`,
      tensor: id,
      actual: valuesOf(other, id),
      expected,
      tolerance: { abs: rounding + change / 100, rel: 0 },
    };
  }
}

/** Which of many spans was wrong belongs to the name of what was compared. */
function nameSpan(
  outcomes: readonly CheckOutcome[],
  { first, iterations }: CheckedSpan,
  plan: VerificationPlan,
  iteration: string,
): CheckOutcome[] {
  if (plan.spans.length === 1) return [...outcomes];
  const which = `${iteration} ${first + iterations} of ${plan.iterations}`;
  return outcomes.map((one) => (one.ok ? one : { ...one, name: `${one.name}, ${which}` }));
}

/** What the workload starts from, as the device holds it. */
function initialValues({ workload, params, precision, seed }: VerifiedProblem): Values {
  const values = workload.values(params, seed);
  for (const [id, array] of values) values.set(id, roundToDtype(array, precision.dtype));
  return values;
}

async function read(executable: Executable, ids: readonly TensorId[]): Promise<Values> {
  const values = new Map<TensorId, HostArray>();
  for (const id of ids) values.set(id, await executable.read(id));
  return values;
}

function diverged(states: Values): boolean {
  return [...states.values()].some((values) => !Number.isFinite(largest(values)));
}

function pick(values: Values, ids: readonly TensorId[]): Values {
  return new Map(ids.map((id) => [id, valuesOf(values, id)]));
}

function idsOf(graph: Graph, wanted: Graph['tensors'][number]['role']): TensorId[] {
  return graph.tensors.filter(({ role }) => role === wanted).map(({ id }) => id);
}
