import { flagOf, NORMAL, QUICK, SWEEP } from '../../bench/defaults.js';
import type { BenchSettings, ChosenWorkload } from '../../bench/settings.js';
import { MpsbenchError } from '../../errors.js';
import type { FrameworkMode } from '../../frameworks/catalog.js';
import { FEWEST_FOR_RUN } from '../../measure/median-interval.js';
import type { OutputFlags } from '../../result/outputs.js';
import type { Params, PresetName, Workload } from '../../workloads/types.js';
import type { CiFlags } from '../ci/ci-options.js';
import type { GateFlags } from '../compare/compare-options.js';
import { type OneOrMore, valuesOf } from '../ranges.js';
import { readSweep } from './read-sweep.js';

/** The flags as commander leaves them; sizes are under their parameter's name. */
export interface BenchFlags extends OutputFlags, GateFlags, CiFlags {
  device: string;
  compareCpu?: boolean;
  frameworks?: boolean;
  frameworkMode: FrameworkMode;
  python?: string[];
  dtype: OneOrMore<BenchSettings['dtype']>;
  preset?: PresetName;
  placement: BenchSettings['placement'];
  kernels: OneOrMore<BenchSettings['kernels']>;
  mode: OneOrMore<BenchSettings['mode']>;
  time?: number;
  samples?: number;
  precision?: number;
  warmup?: number;
  runs?: number;
  quick?: boolean;
  seed: number;
  threads?: OneOrMore<number>;
  sweep?: boolean;
  /** In seconds. */
  budget?: number;
  engine?: OneOrMore<string>;
  tf32?: boolean;
  timeout: number;
  saveTensors?: string;
  profile?: boolean;
  wait?: boolean;
  together?: boolean;
  details?: boolean;
  [size: string]: unknown;
}

/** Reads the flags into plain values. @throws MpsbenchError `usage` */
export function readSettings(workloads: readonly Workload[], flags: BenchFlags): BenchSettings {
  const quick = flags.quick ?? false;
  const preset = flags.preset ?? (quick ? QUICK : NORMAL).preset;
  const chosen = workloads.map((workload) => chooseWorkload(workload, preset, flags));
  const isSweep = chosen.some(({ sweep }) => sweep);
  const [mode] = valuesOf(flags.mode);
  const pace = quick ? QUICK : isSweep ? SWEEP : NORMAL;
  return {
    workloads: chosen,
    preset,
    quick,
    dtype: valuesOf(flags.dtype)[0],
    device: flags.device,
    // A threshold of the speedup needs one.
    compareCpu: (flags.compareCpu ?? false) || flags.minSpeedup !== undefined,
    frameworks: {
      all: flags.frameworks ?? false,
      mode: flags.frameworkMode,
      python: flags.python ?? [],
    },
    placement: flags.placement,
    kernels: valuesOf(flags.kernels)[0],
    mode,
    measure: {
      mode,
      timeBudgetNs: (flags.time ?? pace.timeS) * 1e9,
      warmupNs: (flags.warmup ?? pace.warmupS) * 1e9,
      minSamples: flags.samples ?? pace.minSamples,
      maxSamples: flags.samples ?? pace.maxSamples,
      precision: (flags.precision ?? pace.precisionPercent) / 100,
    },
    runs: runsOf(flags, pace.runs),
    seed: flags.seed,
    timeoutMs: flags.timeout * 1000,
    profile: flags.profile ?? false,
    saveTensors: flags.saveTensors,
    wait: flags.wait ?? false,
    together: flags.together ?? false,
    threads: flags.threads === undefined ? undefined : valuesOf(flags.threads)[0],
    ...(flags.budget !== undefined && { budgetMs: flags.budget * 1000 }),
    engine: flags.engine === undefined ? undefined : valuesOf(flags.engine)[0],
    tf32: flags.tf32 ?? false,
  };
}

/**
 * Fewer runs by default where the samples would not give each of them a median.
 * @throws MpsbenchError `usage` for more runs than samples
 */
function runsOf({ runs, samples }: BenchFlags, byDefault: number): number {
  if (samples === undefined) return runs ?? byDefault;
  if (runs === undefined)
    return Math.max(1, Math.min(byDefault, Math.floor(samples / FEWEST_FOR_RUN)));
  if (runs <= samples) return runs;
  throw new MpsbenchError(
    'usage',
    `--runs ${runs} needs at least ${runs} samples, and --samples asks for ${samples}.`,
    `Use --samples ${runs * FEWEST_FOR_RUN} or more, or --runs 1.`,
  );
}

function chooseWorkload(workload: Workload, preset: PresetName, flags: BenchFlags): ChosenWorkload {
  const sweep = readSweep(workload, flags, (one) => chooseSizes(workload, preset, one));
  if (!sweep) return { workload, params: chooseSizes(workload, preset, flags) };
  return { workload, params: sweep.points[0].params, sweep };
}

/** @param flags with a single value each */
function chooseSizes(workload: Workload, preset: PresetName, flags: BenchFlags): Params {
  let params: Params = workload.presets[preset];
  const set = new Map<string, string>();
  for (const { name, apply } of workload.parameters) {
    const value = flags[name] as Params[string] | undefined;
    if (value === undefined) continue;
    const changes = (apply ? apply(value) : { [name]: value }) as Params;
    for (const key of Object.keys(changes)) {
      const other = set.get(key);
      if (other) {
        throw new MpsbenchError(
          'usage',
          `${flagOf(other)} and ${flagOf(name)} both set the ${key}.`,
          'Use only one of them.',
        );
      }
      set.set(key, name);
    }
    params = { ...params, ...changes };
  }
  params = workload.derive?.(params, new Set(set.values())) ?? params;
  workload.validate(params);
  return params;
}
