import { GraphBuilder } from '../../graph/builder.js';
import { bytesPerElement, elementCount, smallestNormal, unitRoundoff } from '../../graph/shapes.js';
import { formatCount, formatTensor } from '../format.js';
import { sequence, uniform } from '../random.js';
import { checkInOnePiece, type DataKind, type Params, valuesOf, type Workload } from '../types.js';

export interface AddParams extends Params {
  readonly shape: readonly number[];
  readonly data: DataKind;
}

/** Up to this size the sum is printed. */
const PRINTED_ELEMENTS = 16;

/** C = A + B, element by element: bound by memory bandwidth. */
export const add: Workload<AddParams> = {
  id: 'add',
  iteration: 'addition',
  summary: 'tensor addition, C = A + B',
  parameters: [
    { name: 'shape', placeholder: 'n,m', description: 'shape of the tensors', kind: 'shape' },
    {
      name: 'elements',
      placeholder: 'n',
      description: 'elements of a one-dimensional tensor',
      kind: 'count',
      apply: (n) => ({ shape: [Number(n)] }),
    },
  ],
  presets: {
    example: { shape: [2, 2], data: 'sequence' },
    small: { shape: [2 ** 20], data: 'uniform' },
    default: { shape: [2 ** 26], data: 'uniform' },
    large: { shape: [2 ** 28], data: 'uniform' },
  },
  scale: {
    name: 'elements',
    get: ({ shape }) => elementCount(shape),
    set: (p, elements) => ({ ...p, shape: [elements] }),
  },

  validate() {},

  describeSizes({ shape }) {
    return shape.length === 1 ? `${formatCount(shape[0])} elements` : `${shape.join('x')} elements`;
  },

  graph({ shape }, dtype) {
    const g = new GraphBuilder('add', dtype);
    const a = g.input('a', shape);
    const b = g.input('b', shape);
    return g.build([g.elementwise('add', 'add', a, b, 'c')]);
  },

  values({ shape, data }, seed) {
    const n = elementCount(shape);
    return new Map(
      data === 'sequence'
        ? [
            ['a', sequence(n, 1)],
            ['b', sequence(n, n + 1)],
          ]
        : [
            ['a', uniform(n, seed, 0, 1)],
            ['b', uniform(n, seed, 1, 1)],
          ],
    );
  },

  work({ shape }, dtype) {
    const n = elementCount(shape);
    return { flops: n, bytes: 3 * n * bytesPerElement(dtype), items: n, itemUnit: 'elements' };
  },

  verification: () => checkInOnePiece(1),

  check(_, { dtype }, before, after) {
    const [a, b, c] = [valuesOf(before, 'a'), valuesOf(before, 'b'), valuesOf(after, 'c')];
    const expected = new Float64Array(c.length);
    for (let i = 0; i < expected.length; i++) expected[i] = a[i] + b[i];
    // IEEE addition is correctly rounded; GPUs may flush subnormal operands and sums to zero, which
    // shows in f16 only.
    const tolerance = { abs: 2 * smallestNormal(dtype), rel: 3 * unitRoundoff(dtype) };
    return [{ name: 'every sum', tensor: 'c', actual: c, expected, tolerance }];
  },

  overflowAdvice:
    'Numbers that count up grow with the size: use a smaller one, or a --dtype with a larger range.',

  describeOutput({ shape }, after) {
    if (elementCount(shape) > PRINTED_ELEMENTS) return [];
    return [{ label: 'sum', value: formatTensor(valuesOf(after, 'c'), shape) }];
  },
};
