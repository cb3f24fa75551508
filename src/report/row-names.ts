import type { Row } from '../result/schema.js';
import { formatPercent } from '../result/units.js';

/** What a row of a bench or of a comparison is called by. */
export type Named = Pick<
  Row,
  'workload' | 'device' | 'params' | 'dtype' | 'tf32' | 'mode' | 'kernels' | 'point'
>;
export type NameOf = (row: Named) => string;

/** `cnn on cpu:0`, with what tells rows apart that would have the same name without it. */
export function namesOf(rows: readonly Named[]): NameOf {
  const groups = new Map<string, Named[]>();
  for (const row of rows) groups.set(shortName(row), [...(groups.get(shortName(row)) ?? []), row]);
  return (row) => {
    const facts = factsOf(row);
    const others = (groups.get(shortName(row)) ?? []).map(factsOf);
    const telling = Object.entries(facts).filter(([name, text]) => {
      return others.some((other) => other[name] !== text);
    });
    const detail = telling.map(([, text]) => text).filter((text) => text !== '');
    return detail.length > 0 ? `${shortName(row)} (${detail.join(', ')})` : shortName(row);
  };
}

const shortName = ({ workload, device }: Named) => `${workload} on ${device}`;

function factsOf({ params, dtype, tf32, mode, kernels, point }: Named): Record<string, string> {
  const sizes = Object.entries(params)
    .filter(([name]) => name !== 'data' && name !== 'learningRate')
    .map(([name, value]) => [name, `${name} ${Array.isArray(value) ? value.join('x') : value}`]);
  const level = kernels ? `${kernels} kernels` : '';
  const threads = point?.threads === undefined ? '' : `${point.threads} threads`;
  return {
    threads,
    ...Object.fromEntries(sizes),
    dtype,
    tf32: tf32 ? 'TF32' : '',
    mode,
    kernels: level,
  };
}

/** `+3.2 %` from a ratio of 1.032. */
export function signedPercent(ratio: number): string {
  const change = ratio - 1;
  return `${change < 0 ? '-' : '+'}${formatPercent(Math.abs(change))}`;
}
