import { findWorkload } from '../../dist/workloads/registry.js';
import { PRESETS } from '../../dist/workloads/types.js';
import { StepError } from '../setup/process.mjs';

/** What products are computed in, and what tensors are held in; `tf32` is f32 with TF32 products. */
export const FORMATS = ['f32', 'tf32', 'f16', 'bf16', 'f64'];

/** The rows of a comparison, as `workload:size:format`. */
const ROWS = {
  cpu: ['add:2^26:f32', 'linear:default:f32', 'cnn:1:f32', 'cnn:32:f32', 'cnn:256:f32'],
  gpu: [
    'add:2^26:f32',
    'add:2^28:f32',
    ...['example', 'default', 'large'].flatMap((size) =>
      ['f32', 'tf32', 'bf16'].map((format) => `linear:${size}:${format}`),
    ),
    ...['1', '16384'].flatMap((size) => ['f32', 'bf16'].map((format) => `cnn:${size}:${format}`)),
  ],
};

export const defaultRows = (onCpu) => ROWS[onCpu ? 'cpu' : 'gpu'];

/**
 * Rows by commas: a full name, which need not be one of the default rows, or the beginning of some of
 * them (`linear`, `linear:large`).
 * @returns the cases: workload, preset, sizes and format
 */
export function casesFor(rows, onCpu) {
  const known = defaultRows(onCpu);
  if (rows === undefined) return known.map(caseOf);
  return rows.split(',').flatMap((wanted) => {
    const found = known.filter((row) => row === wanted || row.startsWith(`${wanted}:`));
    return found.length > 0 ? found.map(caseOf) : [caseOf(wanted)];
  });
}

function caseOf(row) {
  const [id, size, format, ...more] = row.split(':');
  const workload = findWorkload(id);
  const sizes = workload && sizesOf(workload, size);
  if (!sizes || !FORMATS.includes(format) || more.length > 0) {
    throw new StepError(`There is no row ${row}.`, {
      advice: `Write workload:size:format, for example linear:large:tf32 or cnn:4096:bf16. Formats: ${FORMATS.join(', ')}.`,
    });
  }
  return { row, id, format, ...sizes };
}

/** A preset's name, or a value of the workload's scale (elements, batch, rows), `2^26` or `4096`. */
function sizesOf(workload, size = '') {
  if (PRESETS.includes(size)) return { preset: size, params: workload.presets[size] };
  const [, base, exponent = '1'] = /^(\d+)(?:\^(\d+))?$/.exec(size) ?? [];
  if (base === undefined) return undefined;
  const value = Number(base) ** Number(exponent);
  if (!Number.isSafeInteger(value) || value < 1) return undefined;
  return { preset: 'default', params: workload.scale.set(workload.presets.default, value) };
}
