import type { Difference, Row } from '../result/schema.js';

/** What two rows must share to be compared, besides the machine. `kernels` may differ as a last resort. */
type Identity = Pick<Row, 'workload' | 'params' | 'dtype' | 'tf32' | 'device' | 'mode'> &
  Partial<Pick<Row, 'engine' | 'point'>>;

/** The learning rate changes no time. */
const NO_SIZE = ['learningRate'];

/** The same for rows that measure the same. */
export function keyOf(row: Row): string {
  return JSON.stringify([looseKeyOf(row), row.kernels ?? null]);
}

/** The same, whatever the level of kernels. */
export function looseKeyOf(row: Identity): string {
  const { workload, dtype, tf32, device, mode, engine } = row;
  return JSON.stringify([
    workload,
    sizesOf(row),
    dtype,
    tf32 ?? false,
    device,
    mode,
    engine ?? null,
    // Threads are a fact of the device, except where a sweep varied them.
    row.point?.threads ?? null,
  ]);
}

/** What keeps two rows of one workload and device from measuring the same. */
export function identityDifferences(base: Row, now: Row): Difference[] {
  const [before, after] = [new Map(sizesOf(base)), new Map(sizesOf(now))];
  const names = [...new Set([...before.keys(), ...after.keys()])];
  const pairs: (readonly [string, string, string])[] = [
    ...names.map((name) => [name, before.get(name) ?? 'none', after.get(name) ?? 'none'] as const),
    base.dtype === now.dtype
      ? ['products', productsOf(base), productsOf(now)]
      : ['dtype', base.dtype, now.dtype],
    ['mode', base.mode, now.mode],
    ['engine', base.engine ?? 'auto', now.engine ?? 'auto'],
    ['threads', threadsOf(base), threadsOf(now)],
  ];
  return pairs
    .filter(([, left, right]) => left !== right)
    .map(([fact, left, right]) => ({ fact, base: left, new: right }));
}

function threadsOf({ point }: Row): string {
  return String(point?.threads ?? 'default');
}

function productsOf({ tf32, dtype }: Row): string {
  return tf32 ? 'TF32' : `strict ${dtype}`;
}

function sizesOf({ params }: Pick<Row, 'params'>): [string, string][] {
  return Object.entries(params)
    .filter(([name]) => !NO_SIZE.includes(name))
    .map(([name, value]): [string, string] => [
      name,
      Array.isArray(value) ? value.join('x') : String(value),
    ])
    .sort(([left], [right]) => (left < right ? -1 : 1));
}
