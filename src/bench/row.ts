import type { StepTime } from '../backends/types.js';
import { type ErrorCode, type ErrorRecord, MpsbenchError } from '../errors.js';
import { productFormat } from '../graph/precision.js';
import { compare } from '../measure/compare.js';
import { plausibility } from '../measure/plausibility.js';
import type { MeasureOutcome } from '../measure/types.js';
import type { DType } from '../result/dtypes.js';
import type {
  CheckOutcome,
  DeviceInfo,
  ExampleProgram,
  Measurement,
  PlacementRow,
  Row,
} from '../result/schema.js';
import type { Prepared } from '../runner/protocol.js';
import { precisionHint } from './precision-hint.js';
import { reproduceCommand } from './reproduce.js';
import type { BenchSettings, ComparedWorkload } from './settings.js';

/** All that is known of one workload on one device when its row is written. */
export interface RowParts {
  readonly device: DeviceInfo;
  readonly prepared?: Prepared;
  /** Why there is no measurement, or why it ended early. */
  readonly failure?: MpsbenchError;
  readonly outcome?: MeasureOutcome;
  readonly profile?: readonly StepTime[];
  /** Why --profile has no times; the measurement is still valid. */
  readonly profileFailure?: MpsbenchError;
  readonly programs?: readonly ExampleProgram[];
}

/** Writes the row; pure. `interrupted` and `failed` rows keep what was measured before. */
export function makeRow(compared: ComparedWorkload, settings: BenchSettings, parts: RowParts): Row {
  const { workload, params, kernels } = compared;
  const { device, prepared, outcome, profile } = parts;
  const { dtype } = settings;
  const precision = { dtype, tf32: prepared?.tf32 ?? false };
  const work = workload.work(params, dtype);
  const measurement = outcome?.measurement;
  const timed = measurement && measurement.samples.length > 0 ? measurement : undefined;
  const clock = timed?.device ? 'device' : 'wall';
  // The peak does not limit what another device ran.
  const ranAlone = prepared?.placement.every(({ placed }) => placed === device.id);
  const plausible =
    timed &&
    plausibility(
      timed[clock] ?? timed.wall,
      work,
      productFormat(precision),
      ranAlone ? device.peak : undefined,
    );
  const { state, error } = verdict(parts, plausible?.implausible, dtype);
  return {
    workload: workload.id,
    params,
    preset: settings.preset,
    dtype,
    tf32: precision.tf32 || undefined,
    device: device.id,
    engine: device.kind === 'cpu' ? settings.engine : undefined,
    kernels: device.framework ? undefined : kernels,
    mode: settings.mode,
    state,
    error,
    medianNs: timed?.wall.median,
    deviceMedianNs: timed?.device?.median,
    pinnedCpus: prepared?.pinnedCpus,
    work,
    verification: prepared?.verification,
    placement: prepared ? placementRows(prepared, timed, profile) : [],
    measurement: timed && recordOf(timed, parts.profileFailure),
    rates: plausible && { clock, ...plausible.rates },
    output: prepared?.output ?? [],
    deviceBytes: prepared?.deviceBytes,
    startup: prepared?.startup,
    programs: parts.programs?.length ? parts.programs : undefined,
    reproduce: reproduceCommand(compared, settings, [device]),
  };
}

/**
 * Adds the speedup over the baseline to every measured row of the same workload; not to one whose
 * ops all fell back, since it says nothing about its device.
 */
export function addSpeedups(rows: readonly Row[], baseline: string | undefined): Row[] {
  const base = rows.find(({ device, state }) => device === baseline && state === 'measured');
  return rows.map((row) => {
    const ranThere = row.placement.some(({ placed }) => placed === row.device);
    if (!base?.measurement || row === base || row.state !== 'measured' || !ranThere) return row;
    if (!row.measurement) return row;
    const speedup = compare(base.measurement, row.measurement);
    if (!speedup) return row;
    const { value, clock } = speedup;
    const isDisturbed = [base, row].some((of) => of.measurement?.disturbance?.unreliable);
    const interval = isDisturbed ? undefined : speedup.interval;
    return {
      ...row,
      speedup: {
        over: base.device,
        value,
        interval,
        clock,
      },
    };
  });
}

function verdict(
  { device, prepared, failure, outcome, programs = [] }: RowParts,
  implausible: { message: string; advice: string } | undefined,
  dtype: DType,
): Pick<Row, 'state' | 'error'> {
  if (failure) return { state: stateOf(failure.code), error: withHang(failure, device) };
  if (prepared && !prepared.verification.ok) {
    return { state: 'wrong', error: wrongResult(prepared.verification.checks, dtype).toJSON() };
  }
  const wrong = programs.find(({ ok }) => !ok);
  if (wrong) return { state: 'wrong', error: wrongProgram(wrong).toJSON() };
  if (outcome && outcome.state !== 'measured') {
    return { state: stateOf(outcome.error.code), error: outcome.error };
  }
  if (implausible) return { state: 'implausible', error: { code: 'implausible', ...implausible } };
  return { state: 'measured' };
}

/** A framework that does not answer is what `verify` calls a hang. */
function withHang(failure: MpsbenchError, { framework }: DeviceInfo): ErrorRecord {
  const record = failure.toJSON();
  return framework && failure.code === 'worker_timeout'
    ? { ...record, rule: 'probe.hang' }
    : record;
}

function stateOf(code: ErrorCode): Row['state'] {
  if (code === 'interrupted') return 'interrupted';
  if (code === 'implausible') return 'implausible';
  return code === 'unsupported' ? 'unsupported' : 'failed';
}

function wrongProgram({ form, output }: ExampleProgram): MpsbenchError {
  const said = output.map(({ label, value }) => `${label} ${value}`).join(', ');
  return new MpsbenchError(
    'wrong_result',
    `The example as people write it (${form}) computed ${said}.`,
    'Run mpsbench verify --probe for known faults of this version.',
  );
}

function wrongResult(checks: readonly CheckOutcome[], dtype: DType): MpsbenchError {
  const wrong = checks.find(({ ok }) => !ok);
  const where = wrong?.worst
    ? ` Value ${wrong.worst.index} of "${wrong.name}" is ${wrong.worst.actual ?? 'not finite'}, and the reference says ${wrong.worst.expected ?? 'not finite'}.`
    : '';
  const hint = wrong && precisionHint(wrong, dtype);
  return new MpsbenchError(
    'wrong_result',
    `The device computed a wrong result, so it was not timed.${where}${hint ? ` ${hint}` : ''}`,
    'Save what ran with --save-tensors DIR and compare; a driver or library update may fix it.',
  );
}

/** Each op with the strongest evidence of where it ran. */
function placementRows(
  { placement, steps }: Prepared,
  measurement: Measurement | undefined,
  profile: readonly StepTime[] | undefined,
): PlacementRow[] {
  const runWasSeen = (measurement?.device?.median ?? 0) > 0 || wasBusy(measurement);
  return placement.map((placed): PlacementRow => {
    const time = profile?.[placed.step];
    const isAlone = steps[placed.step]?.ops.length === 1;
    return {
      ...placed,
      evidence: strongest(
        placed.evidence,
        evidenceOf({
          opWasSeen: isAlone && (time?.deviceNs ?? 0) > 0,
          // What the device was seen to do says nothing about ops that ran on another one.
          runWasSeen:
            (runWasSeen || (time?.deviceNs ?? 0) > 0) && placed.placed === placed.requested,
          kernel: placed.kernel,
        }),
      ),
      wallNs: time?.wallNs,
      deviceNs: time?.deviceNs,
    };
  });
}

/** What a framework says of an op, or what was seen of it, whichever proves more. */
function strongest(
  said: PlacementRow['evidence'] | undefined,
  seen: PlacementRow['evidence'],
): PlacementRow['evidence'] {
  if (said === undefined) return seen;
  return EVIDENCE.find((level) => level === said || level === seen) ?? seen;
}

/** The strongest first. */
const EVIDENCE = ['observed-per-op', 'observed-per-run', 'reported', 'assumed'] as const;

function evidenceOf(seen: {
  readonly opWasSeen: boolean;
  readonly runWasSeen: boolean;
  readonly kernel: string;
}): PlacementRow['evidence'] {
  if (seen.opWasSeen) return 'observed-per-op';
  if (seen.runWasSeen) return 'observed-per-run';
  return seen.kernel === '' ? 'assumed' : 'reported';
}

function wasBusy(measurement: Measurement | undefined): boolean {
  return (measurement?.telemetry?.blocks ?? []).some(
    ({ utilisation = 0, otherProcesses }) => utilisation > 0 && otherProcesses === 0,
  );
}

/** The measurement, with a warning where --profile failed. */
function recordOf(
  measurement: Measurement,
  profileFailure: MpsbenchError | undefined,
): Measurement {
  if (!profileFailure) return measurement;
  const { message, advice } = profileFailure;
  const warning = { name: 'no-profile', message: `Per-op profiling failed: ${message}`, advice };
  return { ...measurement, warnings: [...measurement.warnings, warning] };
}
