import { MpsbenchError, withRule } from '../errors.js';
import { FRAMEWORKS, NO_GPU } from '../frameworks/catalog.js';
import type { Interpreter } from '../frameworks/interpreters.js';
import type { DeviceInfo, Warning } from '../result/schema.js';
import type { Discovery } from '../runner/discover.js';
import type { Selection } from './select-devices.js';
import { MissingGpuError } from './select-frameworks.js';

/** What the rules of `verify` say of a framework that does not reach the GPU. */
export interface FrameworkCause {
  readonly rule: string;
  readonly message: string;
  /** What to do, with the command for that environment. */
  readonly advice: string;
}

/** Looks an environment up in the rules; undefined if none says anything. Starts nothing. */
export type FindCause = (interpreter: Interpreter) => Promise<FrameworkCause | undefined>;

/** The same error, with the rule of `verify` that knows why. */
export async function withCause(
  error: MpsbenchError,
  interpreters: readonly Interpreter[],
  find: FindCause,
): Promise<MpsbenchError> {
  if (!(error instanceof MissingGpuError)) return error;
  const interpreter = interpreters.find(({ backend }) => backend === error.backend);
  const cause = interpreter && (await find(interpreter));
  if (!cause) return error;
  const { rule, message, advice } = cause;
  const what = `${error.message} ${message}`;
  return new MpsbenchError(error.code, what, advice || error.advice, { rule });
}

/** Frameworks that have only the CPU beside a GPU that another device of this comparison reaches. */
export async function cpuOnlyWarnings(
  { devices: chosen }: Selection,
  { devices }: Discovery,
  interpreters: readonly Interpreter[],
  find: FindCause,
): Promise<Warning[]> {
  const gpu = devices.find((device) => !device.framework && isGpu(device));
  if (!gpu) return [];
  const warnings: Warning[] = [];
  for (const interpreter of interpreters) {
    const isOwn = ({ backend }: DeviceInfo) => backend === interpreter.backend;
    const own = devices.filter(isOwn);
    if (own.length === 0 || own.some(isGpu) || !chosen.some(isOwn)) continue;
    const cause = await find(interpreter);
    const { title } = FRAMEWORKS[interpreter.framework];
    const why = cause?.message ?? `${own[0]?.details[NO_GPU] ?? 'it does not say why'}.`;
    warnings.push({
      name: 'framework-without-gpu',
      message: withRule(
        `${title} ${interpreter.version} runs on the CPU only, although this machine has ${gpu.name}: ${why}`,
        cause?.rule,
      ),
      advice: cause?.advice ?? `Run mpsbench verify frameworks.${interpreter.framework}.`,
    });
  }
  return warnings;
}

const isGpu = ({ kind }: Pick<DeviceInfo, 'kind'>) => kind === 'gpu' || kind === 'integrated';
