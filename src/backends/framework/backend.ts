import process from 'node:process';
import { MpsbenchError } from '../../errors.js';
import { FRAMEWORKS } from '../../frameworks/catalog.js';
import { DriverProcess } from '../../frameworks/driver-process.js';
import type { Interpreter } from '../../frameworks/interpreters.js';
import { type DescribeReply, describeReply } from '../../frameworks/replies.js';
import type { Backend, BackendOptions, Device, Probe } from '../types.js';
import { FrameworkDevice } from './device.js';

/** A framework in the user's own interpreter, as a backend: each device in each mode is a device. */
export function frameworkBackend(interpreter: Interpreter): Backend {
  let driver: Promise<Driver> | undefined;
  const started = (options: BackendOptions) => {
    driver ??= start(interpreter, options);
    return driver;
  };
  return {
    id: interpreter.backend,
    async probe(options: BackendOptions = {}): Promise<Probe> {
      try {
        const { described } = await started(options);
        return { state: 'available', version: described.version };
      } catch (error) {
        const { message, advice, rule } = MpsbenchError.from(error);
        return { state: 'unavailable', reason: message, remedy: advice, ...(rule && { rule }) };
      }
    },
    async devices(options: BackendOptions): Promise<Device[]> {
      const { process: driverProcess, described } = await started(options);
      return described.devices.flatMap((device) =>
        device.modes.map(
          (mode) =>
            new FrameworkDevice({
              interpreter,
              driver: driverProcess,
              described,
              device,
              mode,
              options,
            }),
        ),
      );
    },
  };
}

interface Driver {
  readonly process: DriverProcess;
  readonly described: DescribeReply;
}

/** Threads are settled when the framework is imported. */
async function start(interpreter: Interpreter, { threads }: BackendOptions): Promise<Driver> {
  requireOwnArchitecture(interpreter);
  const driver = new DriverProcess(interpreter, process.env);
  try {
    const described = await driver.call('describe', { ...(threads && { threads }) }, describeReply);
    if (described.devices.length > 0) return { process: driver, described };
    const { title } = FRAMEWORKS[interpreter.framework];
    throw new MpsbenchError(
      'unavailable',
      `${title} reports no device.`,
      'Run mpsbench verify --probe.',
    );
  } catch (error) {
    driver.close();
    throw error;
  }
}

/** What Node runs as -> what else the same system runs; Macs with Apple silicon translate Intel code. */
const RUNS: Readonly<Record<string, readonly string[]>> = {
  x64: ['x86_64', 'i386'],
  arm64: process.platform === 'darwin' ? ['arm64', 'x86_64'] : ['aarch64', 'arm64', 'arm'],
};

/** A shell would take an executable of another processor for a script, and complain of its syntax. */
function requireOwnArchitecture({ python, architectures = [] }: Interpreter): void {
  const runs = RUNS[process.arch] ?? architectures;
  if (architectures.length === 0 || architectures.some((one) => runs.includes(one))) return;
  throw new MpsbenchError(
    'unavailable',
    `${python} is built for ${architectures.join(' and ')}, and this machine runs ${runs[0]}.`,
    'Make the environment again with a Python for this machine.',
    { rule: 'import.wrong-architecture' },
  );
}
