import type { Params, PresetName, Workload } from '../../workloads/types.js';
import type { BenchSettings } from './settings.js';

/** The command that runs one workload again with the same sizes, values and devices. */
export function reproduceCommand(
  workload: Workload,
  params: Params,
  settings: BenchSettings,
  devices: readonly string[],
): string {
  const { preset, dtype, mode, seed, placement, threads, engine, tf32 } = settings;
  const words = ['mpsbench', 'bench', workload.id, '--preset', preset];
  words.push(...changedParams(workload, params, preset));
  words.push('--device', devices.join(','), '--dtype', dtype, '--mode', mode, '--seed', `${seed}`);
  if (tf32) words.push('--tf32');
  if (placement !== 'soft') words.push('--placement', placement);
  if (threads !== undefined) words.push('--threads', `${threads}`);
  if (engine !== undefined) words.push('--engine', engine);
  return words.join(' ');
}

/** `--batch 8` for each parameter that differs from the preset's. */
function changedParams(workload: Workload, params: Params, preset: PresetName): string[] {
  const base = workload.presets[preset];
  return workload.parameters
    .filter(({ name }) => name in params && String(params[name]) !== String(base[name]))
    .flatMap(({ name }) => [flagOf(name), String(params[name])]);
}

/** `learningRate` -> `--learning-rate`. */
export function flagOf(parameter: string): string {
  return `--${parameter.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}
