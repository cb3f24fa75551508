import { MpsbenchError } from '../errors.js';
import {
  FRAMEWORKS,
  type Framework,
  type FrameworkMode,
  frameworkOfBackend,
  includesMode,
  NO_GPU,
} from '../frameworks/catalog.js';
import type { Interpreter } from '../frameworks/interpreters.js';
import type { BackendRecord, DeviceInfo } from '../result/schema.js';
import type { Discovery } from '../runner/discover.js';
import { didYouMean } from '../text/did-you-mean.js';
import { splitSpec } from './device-spec.js';
import type { FrameworkSettings } from './settings.js';

/** A framework was requested a GPU, and reaches none. */
export class MissingGpuError extends MpsbenchError {
  /** Of the framework's backend: `pytorch@3.12`. */
  readonly backend: string;

  constructor(backend: string, message: string) {
    super('unavailable', message, 'Run mpsbench verify frameworks for the reason.');
    this.backend = backend;
  }
}

/** What --frameworks and its company say, with the environments that were found. */
export interface FrameworkChoice extends Pick<FrameworkSettings, 'all'> {
  readonly interpreters: readonly Interpreter[];
}

export const NO_FRAMEWORKS: FrameworkChoice = { all: false, interpreters: [] };

/** `pytorch:mps`, `pytorch@3.12` -> the framework; undefined for native ids, which `known` lists. */
export function frameworkOfPart(part: string, known: readonly string[]): Framework | undefined {
  const [backend = ''] = part.split(/[:+]/);
  return known.includes(backend) ? undefined : frameworkOfBackend(backend);
}

/** The frameworks that --device names. @throws MpsbenchError `usage` if it names nothing */
export function frameworksNamed(spec: string, known: readonly string[]): Framework[] {
  const named = splitSpec(spec, known).flatMap((part) => frameworkOfPart(part, known) ?? []);
  return [...new Set(named)];
}

/** What `pytorch@3.12:cuda+compile` needs: `pytorch@3.12` itself, for `pytorch` the first environment that holds it. */
export function backendsNamed(part: string, interpreters: readonly Interpreter[]): string[] {
  const { backend } = parseAddress(part);
  const exact = interpreters.find((interpreter) => interpreter.backend === backend);
  const first = interpreters.find(({ framework }) => framework === backend);
  const found = exact ?? first;
  return found ? [found.backend] : [];
}

/** Frameworks requested by name and that no environment holds, as backends that cannot start. */
export function missingFrameworks(
  named: readonly Framework[],
  interpreters: readonly Interpreter[],
  python: readonly string[],
): BackendRecord[] {
  const where = python.length > 0 ? python.join(', ') : undefined;
  return named
    .filter(({ id }) => interpreters.every(({ framework }) => framework !== id))
    .map(({ id, title }) => ({
      id,
      state: 'unavailable',
      reason: where
        ? `there is no ${title} in ${where}`
        : `no Python environment here has ${title}`,
      remedy: `Activate one that has it or name it with --python PATH; mpsbench verify frameworks lists what was found.`,
    }));
}

/** The parts of `pytorch@3.12:cuda:1+compile`. */
interface Address {
  readonly backend: string;
  /** `cuda`, or `cuda:1` for the second one; undefined: the best. */
  readonly where?: string;
  readonly mode?: string;
}

function parseAddress(part: string): Address {
  const [path = '', mode] = part.split('+', 2);
  const at = path.indexOf(':');
  if (at < 0) return { backend: path, mode };
  const where = path.slice(at + 1).replace(/:0$/, '');
  return { backend: path.slice(0, at), mode, ...(where !== '' && { where }) };
}

/**
 * The device that a part of --device names, in the modes that --framework-mode or its own `+mode` says.
 * @throws MpsbenchError `unavailable`: which devices or modes there are instead
 */
export function frameworkDevices(
  part: string,
  found: Discovery,
  choice: FrameworkMode,
): DeviceInfo[] {
  const address = parseAddress(part);
  const framework = frameworkOfBackend(address.backend);
  if (!framework) throw new MpsbenchError('internal', `${part} is no framework's device.`);
  const own = found.devices.filter(({ backend }) => backend === address.backend);
  const first = found.devices.find((device) => device.framework?.name === address.backend)?.backend;
  const devices = own.length > 0 ? own : found.devices.filter(({ backend }) => backend === first);
  if (devices.length === 0) throw cannotStart(part, address.backend, framework, found);

  const where = address.where ?? bestOf(framework, devices);
  const there = devices.filter(({ id }) => parseAddress(id).where === where);
  if (there.length === 0) {
    const names = [
      ...new Set(devices.map(({ id }) => `${framework.id}:${parseAddress(id).where}`)),
    ];
    const [{ backend, details, framework: facts }] = devices;
    const isKind = framework.deviceKinds.includes(where?.split(':')[0] ?? '');
    const hint = isKind ? '' : didYouMean(part, names);
    const what = `${framework.title} ${facts?.version} has no device ${where} here, only ${names.join(', ')}`;
    const whyNoGpu = details[NO_GPU];
    if (whyNoGpu !== undefined) throw new MissingGpuError(backend, `${what}: ${whyNoGpu}.${hint}`);
    throw new MpsbenchError('unavailable', `${what}.${hint}`, 'Run mpsbench verify frameworks.');
  }
  const modes = there.filter(({ framework: facts }) =>
    address.mode === undefined
      ? includesMode(framework, choice, facts?.mode ?? '')
      : facts?.mode === address.mode,
  );
  if (modes.length > 0) return modes;
  const names = there.map(({ framework: facts }) => facts?.mode).join(', ');
  throw new MpsbenchError(
    'unavailable',
    `${framework.title} has no ${address.mode ?? choice} mode on ${where}.`,
    `It has ${names}.`,
  );
}

/** --frameworks: each device of each framework, in the chosen modes. */
export function everyFrameworkDevice({ devices }: Discovery, choice: FrameworkMode): DeviceInfo[] {
  return devices.filter(
    ({ framework }) =>
      framework &&
      includesMode(FRAMEWORKS[framework.name as keyof typeof FRAMEWORKS], choice, framework.mode),
  );
}

/** The first of the framework's kinds of device that is there. */
function bestOf({ deviceKinds }: Framework, devices: readonly DeviceInfo[]): string | undefined {
  const there = devices.map(({ id }) => parseAddress(id).where ?? '');
  return deviceKinds.find((kind) => there.includes(kind)) ?? there[0];
}

function cannotStart(
  part: string,
  backendId: string,
  { id, title }: Framework,
  { backends }: Discovery,
): MpsbenchError {
  const record =
    backends.find((backend) => backend.id === backendId) ??
    backends.find((backend) => backend.id.split('@')[0] === id);
  const { reason = `no Python environment here has ${title}`, remedy, rule } = record ?? {};
  return new MpsbenchError('unavailable', `${part}: ${reason}`, remedy ?? '', { rule });
}
