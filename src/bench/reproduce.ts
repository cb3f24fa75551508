import type { DeviceInfo } from '../result/schema.js';
import { shellWord } from '../text/shell-word.js';
import type { Params, PresetName, Workload } from '../workloads/types.js';
import { DEFAULT_DTYPE, DEFAULT_TIMEOUT_S, DEFAULTS, flagOf, NORMAL, QUICK } from './defaults.js';
import { kernelLevelFor } from './kernel-level.js';
import type { BenchSettings, ComparedWorkload } from './settings.js';

/**
 * The command that measures one workload again on the same devices: every setting that is not what it
 * is by default. Where output goes is left out.
 */
export function reproduceCommand(
  { workload, params, kernels }: ComparedWorkload,
  settings: BenchSettings,
  devices: readonly Pick<DeviceInfo, 'id' | 'framework'>[],
): string {
  const { preset, quick, measure, dtype, tf32, placement, threads, engine, seed, mode } = settings;
  const pace = quick ? QUICK : NORMAL;
  const exact = measure.minSamples === measure.maxSamples;
  const words = [
    ['mpsbench', 'bench', workload.id],
    flag('--quick', quick),
    valued('--preset', preset, pace.preset),
    changedParams(workload, params, preset),
    ['--device', devices.map(({ id }) => id).join(',')],
    ...settings.frameworks.python.map((path) => ['--python', shellWord(path)]),
    valued('--dtype', dtype, DEFAULT_DTYPE),
    flag('--tf32', tf32),
    valued('--placement', placement, DEFAULTS.placement),
    valued(
      '--kernels',
      kernels,
      kernelLevelFor({ workload }, { kernels: 'auto', engine }, devices, {}),
    ),
    valued('--threads', threads),
    valued('--engine', engine),
    valued('--seed', seed, DEFAULTS.seed),
    valued('--mode', mode, DEFAULTS.mode),
    valued('--time', decimal(measure.timeBudgetNs / 1e9), pace.timeS),
    valued('--runs', settings.runs, pace.runs),
    valued('--warmup', decimal(measure.warmupNs / 1e9), pace.warmupS),
    valued('--samples', exact ? measure.maxSamples : undefined),
    valued('--precision', decimal(measure.precision * 100), pace.precisionPercent),
    flag('--profile', settings.profile),
    flag('--together', settings.together && devices.length > 1),
    valued('--timeout', decimal(settings.timeoutMs / 1000), DEFAULT_TIMEOUT_S),
  ];
  return words.flat().join(' ');
}

function flag(name: string, given: boolean | undefined): string[] {
  return given ? [name] : [];
}

function valued<T>(name: string, value: T, byDefault?: T): string[] {
  return value === byDefault ? [] : [name, `${value}`];
}

/** Without the last digits, which come from the change of unit. */
function decimal(value: number): number {
  return Number(value.toPrecision(12));
}

/** `--batch 8` for each parameter that differs from the preset's. */
function changedParams(workload: Workload, params: Params, preset: PresetName): string[] {
  const base = workload.presets[preset];
  return workload.parameters
    .filter(({ name }) => name in params && String(params[name]) !== String(base[name]))
    .flatMap(({ name }) => [flagOf(name), String(params[name])]);
}
