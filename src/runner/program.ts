import type { Device, DeviceId, Executable, Step, StepTime } from '../backends/types.js';
import { MpsbenchError } from '../errors.js';
import type { HostArray, TensorId } from '../graph/types.js';
import type { RunMode, Sample } from '../result/schema.js';
import type { Plan } from './planner.js';

/** Compiles each segment of the plan on its device. */
export async function compilePlan(
  plan: Plan,
  devices: ReadonlyMap<DeviceId, Device>,
): Promise<Executable> {
  const executables: Executable[] = [];
  try {
    for (const { device, graph } of plan.segments) {
      const target = devices.get(device);
      if (!target) throw new MpsbenchError('internal', `${device} has not been opened`);
      executables.push(await target.compile(graph));
    }
  } catch (error) {
    for (const executable of executables) executable.dispose();
    throw error;
  }
  return executables.length === 1 ? executables[0] : new PlacedProgram(plan, executables);
}

/** A graph split over several devices, run as one: tensors move between the segments. */
class PlacedProgram implements Executable {
  readonly steps: readonly Step[];
  readonly deviceBytes: number;
  readonly #plan: Plan;
  readonly #executables: readonly Executable[];

  constructor(plan: Plan, executables: readonly Executable[]) {
    this.#plan = plan;
    this.#executables = executables;
    this.steps = executables.flatMap((executable) => executable.steps);
    this.deviceBytes = executables.reduce((sum, executable) => sum + executable.deviceBytes, 0);
  }

  write(tensor: TensorId, values: HostArray): void {
    this.#plan.segments.forEach(({ graph }, index) => {
      const held = graph.tensors.find(({ id }) => id === tensor);
      if (held && held.role !== 'temp') this.#executables[index].write(tensor, values);
    });
  }

  /** Every iteration waits for each segment, since the next one reads its result on the host. */
  async run(iterations: number, _mode: RunMode): Promise<Sample> {
    let deviceNs: number | undefined = 0;
    const start = process.hrtime.bigint();
    for (let i = 0; i < iterations; i++) {
      for (const [index, { transfers }] of this.#plan.segments.entries()) {
        await this.#transfer(index, transfers);
        const sample = await this.#executables[index].run(1, 'latency');
        deviceNs =
          deviceNs === undefined || sample.deviceNs === undefined
            ? undefined
            : deviceNs + sample.deviceNs;
      }
    }
    const wallNs = Number(process.hrtime.bigint() - start);
    return { iterations, wallNs, ...(deviceNs === undefined ? {} : { deviceNs }) };
  }

  read(tensor: TensorId): Promise<HostArray> {
    const holder = this.#plan.holder.get(tensor);
    if (holder === undefined) throw new MpsbenchError('internal', `no segment holds ${tensor}`);
    return this.#executables[holder].read(tensor);
  }

  async profile(iterations: number): Promise<StepTime[]> {
    const times: StepTime[] = [];
    for (const executable of this.#executables)
      times.push(...(await executable.profile(iterations)));
    return times;
  }

  dispose(): void {
    for (const executable of this.#executables) executable.dispose();
  }

  async #transfer(
    to: number,
    transfers: readonly { readonly tensor: TensorId; readonly from: number }[],
  ): Promise<void> {
    for (const { tensor, from } of transfers) {
      this.#executables[to].write(tensor, await this.#executables[from].read(tensor));
    }
  }
}
