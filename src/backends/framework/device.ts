import { FRAMEWORKS, NO_GPU } from '../../frameworks/catalog.js';
import type { DriverProcess } from '../../frameworks/driver-process.js';
import type { Interpreter } from '../../frameworks/interpreters.js';
import { SET_VARIABLES } from '../../frameworks/python-variables.js';
import {
  buildReply,
  type DescribedDevice,
  type DescribeReply,
  nothing,
} from '../../frameworks/replies.js';
import type { Graph, Op } from '../../graph/types.js';
import type { DType } from '../../result/dtypes.js';
import type { DeviceInfo, ExampleProgram } from '../../result/schema.js';
import type { BackendOptions, Device, Executable, Support } from '../types.js';
import { FrameworkExecutable } from './executable.js';
import { examplePrograms } from './programs.js';

interface Parts {
  readonly interpreter: Interpreter;
  readonly driver: DriverProcess;
  readonly described: DescribeReply;
  readonly device: DescribedDevice;
  readonly mode: string;
  readonly options: BackendOptions;
}

/** What a framework reaches, run in one of its modes. */
export class FrameworkDevice implements Device {
  readonly info: DeviceInfo;
  readonly #parts: Parts;
  #isOpen = false;

  constructor(parts: Parts) {
    this.#parts = parts;
    this.info = infoOf(parts);
  }

  get id(): string {
    return this.info.id;
  }

  supports(_op: Op, dtype: DType): Support {
    const { interpreter, device, described } = this.#parts;
    if (device.dtypes.includes(dtype)) return { ok: true };
    const { title } = FRAMEWORKS[interpreter.framework];
    const isMetal = device.kind === 'mps' || described.builtFor === 'Metal';
    const why = dtype === 'f64' && isMetal ? ': Metal has no 64-bit floats' : '';
    return { ok: false, reason: `${title} has no ${dtype} on ${device.kind}${why}` };
  }

  async compile(graph: Graph): Promise<Executable> {
    const { driver, device, mode, options } = this.#parts;
    if (!this.#isOpen) {
      const { kind, index } = device;
      const { threads, tf32 = false } = options;
      await driver.call(
        'open',
        { device: { kind, index }, tf32, ...(threads !== undefined && { threads }) },
        nothing,
      );
      this.#isOpen = true;
    }
    const built = await driver.call('build', { graph, mode, folder: driver.folder }, buildReply);
    return new FrameworkExecutable(this.info, graph, driver, built);
  }

  programs(workload: string): Promise<ExampleProgram[]> {
    return examplePrograms(this.#parts.interpreter, this.#parts.driver, workload);
  }

  dispose(): void {
    this.#parts.driver.close();
  }
}

/** `pytorch:mps`, `pytorch:cuda:1` for the second one, `pytorch:cuda+compile` for another mode. */
export function frameworkDeviceId(
  { backend, framework }: Pick<Interpreter, 'backend' | 'framework'>,
  { kind, index }: Pick<DescribedDevice, 'kind' | 'index'>,
  mode: string,
): string {
  const where = index === 0 ? kind : `${kind}:${index}`;
  const how = mode === FRAMEWORKS[framework].idiomatic ? '' : `+${mode}`;
  return `${backend}:${where}${how}`;
}

function infoOf({ interpreter, described, device, mode, options }: Parts): DeviceInfo {
  const { framework, backend, python, pythonVersion } = interpreter;
  const { title } = FRAMEWORKS[framework];
  return {
    id: frameworkDeviceId(interpreter, device, mode),
    backend,
    name: device.name,
    kind: device.isGpu ? (device.integrated ? 'integrated' : 'gpu') : 'cpu',
    api: `${title} ${described.version}`,
    ...(device.memoryBytes && { memoryBytes: device.memoryBytes }),
    dtypes: device.dtypes,
    ...(device.threads && { threads: device.threads }),
    ...(options.tf32 && device.tf32 && { tf32: true }),
    ...(device.deviceClock && { deviceClock: { source: `${title} events` } }),
    framework: {
      name: framework,
      version: described.version,
      mode,
      modes: device.modes,
      python,
      ...(pythonVersion !== undefined && { pythonVersion }),
      environment: { ...SET_VARIABLES },
      importSeconds: described.importNs / 1e9,
    },
    details: {
      ...(described.builtFor && { 'built for': described.builtFor }),
      ...(described.whyNoGpu && { [NO_GPU]: described.whyNoGpu }),
      ...device.details,
    },
  };
}
