import { backendOfDevice, FALLBACK_BACKEND, findBackend } from '../backends/registry.js';
import type {
  Backend,
  BackendOptions,
  Device,
  DeviceId,
  Executable,
  OpPlacement,
  StepTime,
} from '../backends/types.js';
import { MpsbenchError } from '../errors.js';
import { isProduct, type Precision } from '../graph/precision.js';
import type { Graph } from '../graph/types.js';
import { systemClock } from '../measure/clock.js';
import type { BlockRequest } from '../measure/types.js';
import type { DType } from '../result/dtypes.js';
import type { DeviceInfo, ExampleProgram, Sample, Telemetry } from '../result/schema.js';
import { findWorkload } from '../workloads/registry.js';
import type { Workload } from '../workloads/types.js';
import { fits, requireFit } from './memory.js';
import { ObservedRuns } from './observed-run.js';
import { pinTo } from './pin.js';
import { type Plan, planPlacement } from './planner.js';
import { compilePlan } from './program.js';
import type {
  BenchTask,
  PlacedOp,
  Prepared,
  ProbeAnswer,
  ProbeRequest,
  Problem,
  Startup,
  TelemetryRequest,
} from './protocol.js';
import { checkedSample, checkedTelemetry, positiveOrNothing } from './readings.js';
import { verifyRun } from './verified-run.js';

/** What a worker process holds: the opened devices and one compiled workload. */
export class Session {
  readonly #backends = new Map<string, Promise<Backend>>();
  readonly #devices = new Map<DeviceId, Device>();
  #executable: Executable | undefined;
  #device: Device | undefined;
  #runs: ObservedRuns | undefined;
  #pinnedCpus: string | undefined;

  async probe({ backend, options, problems = [] }: ProbeRequest): Promise<ProbeAnswer> {
    let loaded: Backend;
    try {
      loaded = await this.#backend(backend, options);
    } catch (error) {
      return { probe: unavailable(error), devices: [], fused: {} };
    }
    const separate = options.firstIndex === undefined ? loaded.separateDevices?.() : undefined;
    if (separate?.length) {
      return { separate, probe: { state: 'available' }, devices: [], fused: {} };
    }
    const probe = await loaded.probe(options);
    if (probe.state === 'unavailable') return { probe, devices: [], fused: {} };
    try {
      await this.#open(backend, options);
    } catch (error) {
      if (MpsbenchError.from(error).code === 'usage') throw error;
      return { probe: unavailable(error), devices: [], fused: {} };
    }
    const devices = [...this.#devices.values()].filter(({ id }) => backendOfDevice(id) === backend);
    return {
      probe,
      devices: devices.map(({ info }) => checkedClock(info)),
      fused: Object.fromEntries(devices.map((device) => [device.id, fusedBy(device, problems)])),
    };
  }

  /** Compiles, runs what the workload wants verified, and compares it with the reference. */
  async prepare(task: BenchTask, onPhase: (phase: string) => void): Promise<Prepared> {
    const workload = requireWorkload(task.workload);
    onPhase('opening');
    // First: the threads of drivers and libraries run where the thread does that starts them.
    this.#pinnedCpus ??= pinTo(task.nearCpus);
    const device = await this.#opened(task.device, task.options);
    this.#device = device;
    // What an earlier problem of this worker held is free for this one.
    this.#executable?.dispose();
    this.#executable = undefined;
    const graph = workload.graph(task.params, task.dtype);
    const isFused = () => task.options.kernels !== 'library' && (device.fuses?.(graph) ?? false);
    requireFit(workload, task.params, task.dtype, { device: device.info, isFused });

    const fallback = await this.#fallbackFor(graph, device, task);
    const plan = planPlacement(graph, device, fallback, task.placement);
    onPhase('compiling');
    const compiling = performance.now();
    const executable = await compilePlan(plan, this.#devices);
    const compileNs = (performance.now() - compiling) * 1e6;
    this.#executable = executable;
    this.#runs = undefined;

    onPhase('verifying');
    const started = performance.now();
    const precision = this.#precision(plan, task.dtype);
    const { params, seed } = task;
    const verified = await verifyRun({ workload, params, graph, precision, seed }, executable);
    const { ok, iterations, checks } = verified;
    const seconds = (performance.now() - started) / 1000;
    if (task.saveTensors !== undefined) {
      const { saveTensors } = await import('./save-tensors.js');
      saveTensors(task.saveTensors, graph, verified);
    }
    return {
      placement: withFrameworkPlacement(
        placementOf(plan, executable),
        (await executable.placement?.()) ?? [],
      ),
      fallback: fallback?.info,
      steps: executable.steps,
      verification: { ok, seconds, iterations, checks: [...checks] },
      output: workload.describeOutput(task.params, verified.after),
      deviceBytes: positiveOrNothing(executable.deviceBytes) ?? 0,
      startup: startupOf(compileNs, executable),
      pinnedCpus: this.#pinnedCpus,
      tf32: precision.tf32,
    };
  }

  async run({ iterations, samples, mode, maxNs }: BlockRequest): Promise<Sample[]> {
    const executable = this.#prepared();
    const { id: device, info } = this.#preparedDevice();
    this.#runs ??= await ObservedRuns.open(info.kind);
    const runs = this.#runs;
    const taken: Sample[] = [];
    // By our own clock: no answer of a backend makes this endless.
    const startNs = systemClock.nowNs();
    do {
      const sample = await runs.take(async () => {
        const sentNs = systemClock.nowNs();
        const raw = await executable.run(iterations, mode);
        const elapsedNs = systemClock.nowNs() - sentNs;
        const resolutionNs = positiveOrNothing(info.deviceClock?.resolutionNs);
        return checkedSample(raw, { device, iterations, elapsedNs, resolutionNs });
      });
      taken.push(sample);
    } while (taken.length < samples && systemClock.nowNs() - startNs < maxNs);
    return taken;
  }

  /** Never while a sample is timed: the caller asks for one thing at a time. */
  async telemetry({ siblings }: TelemetryRequest): Promise<Telemetry | undefined> {
    return checkedTelemetry(this.#device?.telemetry?.(siblings));
  }

  profile({ iterations }: { readonly iterations: number }): Promise<StepTime[]> {
    return this.#prepared().profile(iterations);
  }

  #preparedDevice(): Device {
    if (!this.#device) throw new MpsbenchError('internal', 'run was asked for before prepare');
    return this.#device;
  }

  async programs({ workload }: { readonly workload: string }): Promise<ExampleProgram[]> {
    return (await this.#device?.programs?.(workload)) ?? [];
  }

  #prepared(): Executable {
    if (!this.#executable) throw new MpsbenchError('internal', 'run was asked for before prepare');
    return this.#executable;
  }

  #backend(id: string, options: BackendOptions): Promise<Backend> {
    const loaded = this.#backends.get(id) ?? findBackend(id, options.interpreters).load();
    this.#backends.set(id, loaded);
    return loaded;
  }

  async #open(backendId: string, options: BackendOptions): Promise<void> {
    const backend = await this.#backend(backendId, options);
    for (const device of await backend.devices(options)) this.#devices.set(device.id, device);
  }

  async #opened(id: DeviceId, options: BackendOptions): Promise<Device> {
    if (!this.#devices.has(id)) {
      const backend = await this.#backend(backendOfDevice(id), options);
      const probe = await backend.probe(options);
      if (probe.state === 'unavailable') {
        const { reason, remedy, rule } = probe;
        throw new MpsbenchError('unavailable', `${id}: ${reason}`, remedy, { rule });
      }
      await this.#open(backend.id, options);
    }
    const device = this.#devices.get(id);
    if (!device) throw new MpsbenchError('unavailable', `There is no device ${id}.`);
    return device;
  }

  /** TF32 where a product runs on a device that was opened with it. */
  #precision({ assignments }: Plan, dtype: DType): Precision {
    const tf32 = assignments.some(
      ({ op, placed }) => isProduct(op) && this.#devices.get(placed)?.info.tf32 === true,
    );
    return { dtype, tf32: dtype === 'f32' && tf32 };
  }

  /** Opens the fallback device only if the requested one lacks an op and may be replaced. */
  async #fallbackFor(graph: Graph, device: Device, task: BenchTask): Promise<Device | undefined> {
    const complete = graph.ops.every((op) => device.supports(op, task.dtype).ok);
    if (complete || task.placement === 'strict') return undefined;
    // A framework's device shows what the framework does: its ops never move to our devices.
    if (device.info.framework || backendOfDevice(device.id) === FALLBACK_BACKEND) return undefined;
    return this.#opened(`${FALLBACK_BACKEND}:0`, task.options);
  }
}

/** A step of the device's clock that is not a number would spoil every sample's length. */
function checkedClock(info: DeviceInfo): DeviceInfo {
  if (!info.deviceClock) return info;
  const { resolutionNs: raw, ...clock } = info.deviceClock;
  const resolutionNs = positiveOrNothing(raw);
  return { ...info, deviceClock: { ...clock, ...(resolutionNs && { resolutionNs }) } };
}

/**
 * The workloads that the device has fused kernels for, at each of their sizes that fits; compiles nothing. One that does
 * not fit at all has none.
 */
function fusedBy(device: Device, problems: readonly Problem[]): string[] {
  const fitting = problems.filter(({ workload: id, params, dtype }) => {
    return fits(requireWorkload(id), params, dtype, { device: device.info, isFused: () => true });
  });
  const isFused = ({ workload: id, params, dtype }: Problem) => {
    return device.fuses?.(requireWorkload(id).graph(params, dtype)) ?? false;
  };
  const ids = [...new Set(fitting.map(({ workload }) => workload))];
  return ids.filter((id) => fitting.filter(({ workload }) => workload === id).every(isFused));
}

function requireWorkload(id: string): Workload {
  const workload = findWorkload(id);
  if (!workload) throw new MpsbenchError('usage', `There is no workload ${id}.`);
  return workload;
}

function unavailable(error: unknown): ProbeAnswer['probe'] {
  const { message, advice, rule } = MpsbenchError.from(error);
  return { state: 'unavailable', reason: message, remedy: advice, ...(rule && { rule }) };
}

function placementOf(plan: Plan, executable: Executable): PlacedOp[] {
  const stepOf = new Map(
    executable.steps.flatMap(({ ops }, step) => ops.map((op) => [op, step] as const)),
  );
  return plan.assignments.map(({ op, dtype, requested, placed, reason }) => {
    const step = stepOf.get(op.id);
    if (step === undefined)
      throw new MpsbenchError('internal', `no step of ${placed} runs ${op.id}`);
    const { kernel } = executable.steps[step];
    return { op: op.id, kind: op.kind, dtype, requested, placed, reason, kernel, step };
  });
}

/** The framework's own word in place of what was requested. */
function withFrameworkPlacement(
  placed: readonly PlacedOp[],
  reported: readonly OpPlacement[],
): PlacedOp[] {
  const byOp = new Map(reported.map((placement) => [placement.op, placement]));
  return placed.map((row) => ({ ...row, ...byOp.get(row.op) }));
}

/** @param compileNs with the first call, which the caller timed with it */
function startupOf(compileNs: number, executable: Executable): Startup {
  const { firstCallNs, dispatchNs } = executable;
  const rest = Math.max(0, compileNs - (firstCallNs ?? 0));
  return {
    compileNs: rest,
    ...(firstCallNs !== undefined && { firstCallNs }),
    ...(dispatchNs !== undefined && { dispatchNs }),
  };
}
