import { flagOf } from '../../bench/defaults.js';
import {
  AUTOMATIC_FACTOR,
  planSweep,
  type SweepAxis,
  type SweepPlan,
} from '../../bench/sweep/plan.js';
import { MpsbenchError } from '../../errors.js';
import type { Params, Workload } from '../../workloads/types.js';
import { type OneOrMore, ValueList, valuesOf } from '../ranges.js';
import type { BenchFlags } from './read-settings.js';

/** Beyond any machine: what fits is known once the devices are. */
const AUTOMATIC_STEPS = 21;

/**
 * The sweep that the flags ask of a workload: every flag with several values is an axis. Undefined if each has one.
 * @param sizesOf the sizes that flags with a single value each mean
 * @throws MpsbenchError `usage`
 */
export function readSweep(
  workload: Workload,
  flags: BenchFlags,
  sizesOf: (flags: BenchFlags) => Params,
): SweepPlan | undefined {
  const { scale } = workload;
  const given = axesOf(workload, flags);
  const isAutomatic = flags.sweep === true && !given.some(({ kind }) => kind === 'size');
  if (isAutomatic) requireFree(workload, flags);
  const axes = isAutomatic ? [...given, automaticAxis(scale.name)] : given;
  if (axes.length === 0) return undefined;
  return planSweep(
    axes,
    (at) => {
      const one = { ...flags, ...at } as BenchFlags;
      return {
        at,
        params: sizesOf(one),
        dtype: valuesOf(one.dtype)[0],
        threads: one.threads === undefined ? undefined : valuesOf(one.threads)[0],
        engine: one.engine === undefined ? undefined : valuesOf(one.engine)[0],
        kernels: valuesOf(one.kernels)[0],
        mode: valuesOf(one.mode)[0],
      };
    },
    { scale: scale.name, isAutomatic, hasBudget: flags.budget !== undefined },
  );
}

function axesOf({ parameters }: Workload, flags: BenchFlags): SweepAxis[] {
  const axis = (name: string, kind: SweepAxis['kind']): SweepAxis[] => {
    const value = flags[name] as OneOrMore<number | string> | undefined;
    return value instanceof ValueList ? [{ name, kind, values: value.values }] : [];
  };
  return [
    ...axis('threads', 'threads'),
    ...axis('engine', 'process'),
    ...axis('kernels', 'choice'),
    ...axis('mode', 'choice'),
    ...axis('dtype', 'choice'),
    ...parameters.flatMap(({ name }) => axis(name, 'size')),
  ];
}

function automaticAxis(name: string): SweepAxis {
  const values = Array.from({ length: AUTOMATIC_STEPS }, (_, i) => AUTOMATIC_FACTOR ** i);
  return { name, kind: 'size', values };
}

/** @throws MpsbenchError `usage` where --sweep would have to change a size that was given */
function requireFree({ scale }: Workload, flags: BenchFlags): void {
  if (flags[scale.name] === undefined) return;
  const flag = flagOf(scale.name);
  throw new MpsbenchError(
    'usage',
    `--sweep chooses ${flag} itself, and ${flag} ${flags[scale.name]} sets it to one size.`,
    `Leave out one of the two, or give it a range: ${flag} 1..4096*4.`,
  );
}
