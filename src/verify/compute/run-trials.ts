import { MpsbenchError } from '../../errors.js';
import type { DeviceInfo } from '../../result/schema.js';
import { DeviceDriver } from '../../runner/device-driver.js';
import type { BenchTask, Prepared } from '../../runner/protocol.js';
import { WORKLOADS } from '../../workloads/registry.js';
import type { Params } from '../../workloads/types.js';
import { perContext } from '../memo.js';
import type { VerifyContext } from '../types.js';
import {
  type Outcome,
  oddSizesOf,
  TIMED_WORKLOAD,
  type Timing,
  type Trial,
  timedSizes,
} from './trial.js';

const SEED = 1;
/**
 * Groups of iterations, so that what a launch costs does not hide a time that is too short; and several, so that
 * some are not disturbed by other programs.
 */
const TIMED = { iterations: 20, samples: 60, mode: 'throughput', maxNs: 2e8 } as const;

/** Runs everything on every device, one device after another, once for all compute checks. */
export const trialsOf = perContext(async (context): Promise<readonly Trial[]> => {
  const { devices } = await context.discovery();
  const trials: Trial[] = [];
  for (const device of devices) trials.push(await tryDevice(device, context));
  return trials;
});

async function tryDevice(device: DeviceInfo, { timeoutMs, signal }: VerifyContext): Promise<Trial> {
  const driver = new DeviceDriver(device, timeoutMs, signal);
  const prepare = (workload: string, params: Params) => driver.prepare(taskOf(workload, params));
  try {
    const examples = new Map<string, Outcome<Prepared>>();
    const oddSizes = new Map<string, Outcome<Prepared>>();
    for (const { id, presets } of WORKLOADS) {
      examples.set(id, await outcomeOf(prepare(id, presets.example)));
    }
    for (const workload of WORKLOADS) {
      oddSizes.set(workload.id, await outcomeOf(prepare(workload.id, oddSizesOf(workload))));
    }
    const params = timedSizes(device);
    const time = async (): Promise<Timing> => {
      await prepare(TIMED_WORKLOAD, params);
      return { workload: TIMED_WORKLOAD, params, samples: await driver.run(TIMED) };
    };
    return { device, examples, oddSizes, timing: await outcomeOf(time()) };
  } finally {
    await driver.close();
  }
}

/** Strict placement: what the CPU computes says nothing about this device. */
function taskOf(workload: string, params: Params): Omit<BenchTask, 'device'> {
  return { workload, params, dtype: 'f32', placement: 'strict', options: {}, seed: SEED };
}

/** @throws MpsbenchError `interrupted` only */
async function outcomeOf<T>(call: Promise<T>): Promise<Outcome<T>> {
  try {
    return { ok: true, value: await call };
  } catch (thrown) {
    const error = MpsbenchError.from(thrown);
    if (error.code === 'interrupted') throw error;
    return { ok: false, error: error.toJSON() };
  }
}
